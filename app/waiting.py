"""A line below what waits for an answer: how far it is, and the way out; then why none came."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.figures import rough_percent
from app.widgets import Button, FlowText
from engine.training.events import TrainingEvent
from engine.training.questions import NotAnswered
from engine.training.waiting import Underway

_PATIENCE_MS = 600
"""What is there sooner needs no words."""


class WaitRow(QWidget):
    """Out of sight until an answer takes long or does not come.

    Args:
        what: The tag of the question, or what else can be given up.
        words: What is under way: ``Comparing layers``.
    """

    cancelled = Signal(str)
    """The person waits no longer for this."""

    retried = Signal()
    """It is to be asked again."""

    failed = Signal(str, bool)
    """No answer came: why, and whether another try may help."""

    def __init__(self, what: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what, self._about = what, words
        self._is_waiting = False
        self._words = FlowText("", "small")
        self._cancel = Button(self.tr("Cancel"), extent="small")
        self._cancel.clicked.connect(lambda: self.cancelled.emit(self._what))
        self._again = Button(self.tr("Try again"), extent="small")
        self._again.clicked.connect(self._retry)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self._cancel)
        row.addWidget(self._again)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE_MS)
        self._late.timeout.connect(self._show_waiting)
        self.hide()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is to come."""
        return self._is_waiting

    @property
    def words(self) -> str:
        """What is written; empty while it is out of sight."""
        return "" if self.isHidden() else self._words.text()

    def ask(self) -> None:
        """Wait from now on."""
        self._is_waiting = True
        self.hide()
        self._late.start()

    def end(self) -> None:
        """Wait no longer: the answer is there, or nobody wants it."""
        self._is_waiting = False
        self._late.stop()
        self.hide()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says of the question."""
        match event:
            case Underway(done=done, total=total) if event.what == self._what:
                self.reach(done, total)
            case NotAnswered() if event.question == self._what:
                self._fail(event)
            case _:
                pass

    def reach(self, done: int, total: int) -> None:
        """Say how far the answer is."""
        if self._is_waiting:
            self._show_waiting(rough_percent(done / max(1, total)))

    def _fail(self, event: NotAnswered) -> None:
        """Say why no answer came."""
        self.end()
        words = " ".join(filter(None, (f"{event.title}.", event.why, event.hint)))
        self._show(words, again=event.again)
        self.failed.emit(words, event.again)

    def _show_waiting(self, share: str = "") -> None:
        self._late.stop()
        self._show(f"{self._about}… {share}".rstrip(), cancel=True)

    def _show(self, words: str, *, cancel: bool = False, again: bool = False) -> None:
        self._words.set_words(words)
        self._cancel.setVisible(cancel)
        self._again.setVisible(again)
        self.setAccessibleName(words)
        self.show()

    def _retry(self) -> None:
        self.end()
        self.retried.emit()
