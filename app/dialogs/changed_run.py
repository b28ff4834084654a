"""The question whether a paused run takes the drawing on screen, and what becomes of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.training_control import TrainingControl
from app.widgets import Button, FlowText, Glyph, Label
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training.changes import Outlook, change_title, foreseen
from engine.training.events import TrainingEvent
from engine.training.foreseeing import ChangeForeseen, ForeseeChange
from engine.training.questions import NotAnswered

Answer = Literal["take", "leave", "cancel"]
_MOST = 12
_WIDTH_PX = 500


def ask_about_changes(
    found: Outlook,
    window: QWidget,
    *,
    before: Project,
    after: Project,
    control: TrainingControl,
    has_errors: bool,
) -> Answer:
    """Ask how a run goes on whose drawing or recipe was changed while it was paused."""
    dialog = ChangedRunDialog(found, before, after, window, has_errors=has_errors)
    if not has_errors and found.unsure:
        control.arrived.connect(dialog.show_events)
        control.ask(ForeseeChange(project=to_text(after)))
    dialog.exec()
    dialog.deleteLater()
    return dialog.answer


class ChangedRunDialog(QDialog):
    """Lists what becomes of the layers; what only the worker knows is filled in when it says so."""

    def __init__(
        self,
        found: Outlook,
        before: Project,
        after: Project,
        parent: QWidget | None = None,
        *,
        has_errors: bool,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Go on with the changes?"))
        self.answer: Answer = "cancel"
        self._before, self._after = before, after
        self._take = Button(self.tr("Take the changes"), "primary")
        self._groups = QVBoxLayout()
        self._groups.setSpacing(12)
        self._lay_out()
        if has_errors:
            self._take.setEnabled(False)
            self._take.setToolTip(self.tr("The drawing has errors."))
            self._add("error", "err", self.tr("The drawing has errors, so it cannot be taken yet"))
        else:
            self.show_outlook(found)

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what the worker foresees."""
        for event in events:
            if isinstance(event, ChangeForeseen):
                self.show_outlook(foreseen(event, self._before.graph, self._after.graph))
            if isinstance(event, NotAnswered) and event.question == "foresee_change":
                self._clear()
                self._add("error", "err", event.title, (event.why,))

    def show_outlook(self, found: Outlook) -> None:
        """Show each group of layers that is not empty."""
        self._clear()
        groups = (
            ("check", "ok", self.tr("Grow, and compute what they did"), found.grown),
            ("clock", "text3", self.tr("Grow, or begin anew"), found.unsure),
            ("warning", "warn", self.tr("Begin with new weights"), found.new),
            ("minus", "warn", self.tr("Are dropped"), found.dropped),
            ("check", "ok", self.tr("Keep what they learned"), found.kept),
        )
        for glyph, token, title, names in groups:
            if names:
                self._add(glyph, token, f"{title} ({len(names)})", names)
        if found.why:
            reasons = [f"{name}: {why}" for name, why in found.why.items()]
            self._add("info", "text3", self.tr("Why the loss may jump"), reasons, each=True)
        self._fit()

    def _fit(self) -> None:
        """Take the size of what is said, in the middle of the window."""
        self.adjustSize()
        window = self.parentWidget()
        if window is not None and self.isVisible():
            # Resized while it comes up, it was seen to land in the corner of the screen.
            frame = self.frameGeometry()
            frame.moveCenter(window.frameGeometry().center())
            self.move(frame.topLeft())

    def _add(
        self, glyph: str, token: str, title: str, names: Sequence[str] = (), *, each: bool = False
    ) -> None:
        self._groups.addWidget(_Group(glyph, token, title, names, "\n" if each else ", "))

    def _clear(self) -> None:
        while (item := self._groups.takeAt(0)) is not None:
            group = item.widget()
            assert group is not None, "groups are all there is"
            group.setParent(None)
            group.deleteLater()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(Label(change_title(self._before, self._after), weight=600))
        column.addLayout(self._groups)
        column.addStretch(1)
        column.addLayout(self._buttons())
        self.setMinimumWidth(_WIDTH_PX)

    def _buttons(self) -> QHBoxLayout:
        cancel = Button(self.tr("Cancel"), "ghost")
        leave = Button(self.tr("Go on as before"))
        cancel.clicked.connect(self.reject)
        leave.clicked.connect(lambda: self._end("leave"))
        self._take.clicked.connect(lambda: self._end("take"))
        self._take.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(cancel)
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(self._take)
        return row

    def _end(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


class _Group(QWidget):
    """Layers with the same fate, and their names."""

    def __init__(
        self, glyph: str, token: str, title: str, names: Sequence[str], between: str
    ) -> None:
        super().__init__()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(title, weight=600))
        if names:
            words.addWidget(FlowText(_list(names, between), "small"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Glyph(glyph, token), alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, stretch=1)


def _list(names: Sequence[str], between: str) -> str:
    shown = between.join(names[:_MOST])
    return f"{shown} and {len(names) - _MOST} more" if len(names) > _MOST else shown
