"""The card of a lesson: which step it is, what to do, and a way out."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.canvas.covering import INSET_PX
from app.canvas.standing import Standing
from app.canvas.view import CanvasView
from app.lessons.lesson import Lesson
from app.theme import text_scale
from app.widgets import Button, FlowText, IconButton, Label
from app.widgets.elided_label import ElidedLabel
from engine.graph.elements import NodeId

_WIDTH_PX = 300
_NARROW_PX = 220
_LEAST_PX = 140


class LessonCard(QFrame):
    """Stands where the canvas is free and blocks nothing."""

    skipped = Signal()
    """The next step is wanted without this one."""

    ended = Signal()
    """The lesson is to be left."""

    def __init__(self, lesson: Lesson, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._lesson, self._canvas = lesson, canvas
        self.setProperty("kind", "card")
        self._title = ElidedLabel(lesson.title, "small", "text2", weight=500)
        self._place_words = Label("", "small", "text2", weight=500)
        self._close = IconButton("close", self.tr("Leave the lesson"), size_px=24)
        self._words = FlowText("", tone="text")
        self.skip = Button(self.tr("Skip"), extent="small")
        self._close.clicked.connect(self.ended)
        self.skip.clicked.connect(self._on_button)
        self._is_over = False
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self._title)
        above.addWidget(self._place_words)
        above.addStretch(1)
        above.addWidget(self._close)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 8, 14)
        column.setSpacing(8)
        column.addLayout(above)
        column.addWidget(self._words)
        column.addWidget(self.skip, alignment=Qt.AlignmentFlag.AlignLeft)
        canvas.installEventFilter(self)
        self._standing = Standing(self, canvas, self._fit, narrow=lambda: self._fit(_NARROW_PX))

    def show_step(
        self, number: int, *, is_done: bool = False, spoken_of: Collection[NodeId] = ()
    ) -> None:
        """Show a step, or the ending after the last; what is done already is left by a button.

        Args:
            spoken_of: The layers that have to be seen for it.
        """
        steps = self._lesson.steps
        self._is_over = number >= len(steps)
        if self._is_over:
            place, words = self.tr("Done"), self._lesson.ending
        else:
            place = self.tr("{0} of {1}").format(number + 1, len(steps))
            words = steps[number].words
        self._place_words.setText(f"· {place}")
        self._words.set_words(words)
        onward = self.tr("Next") if is_done else self.tr("Skip")
        self.skip.setText(self.tr("Close") if self._is_over else onward)
        said = f"{self._lesson.title} · {place}"
        self.setAccessibleName(f"{said}. {self._words.accessibleName()}")
        self._standing.spoken_of = frozenset(spoken_of)
        self._standing.call(self._lesson.title, place)
        self._standing.open()
        self.raise_()

    def put_away(self) -> None:
        """Go, and the chip that stands for it with it."""
        self._standing.close()
        self.deleteLater()

    def _fit(self, width: int = _WIDTH_PX) -> None:
        room = self._canvas.width() - 2 * INSET_PX
        self.setFixedWidth(min(round(width * text_scale()), max(room, _LEAST_PX)))
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.ChildAdded:
            # Compare lays its drawing over the canvas: what is to be done is read there too.
            QTimer.singleShot(0, self, self.raise_)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    def _on_button(self) -> None:
        (self.ended if self._is_over else self.skipped).emit()
