"""Drawing an input by hand: the pad, the pen and what takes strokes back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app.theme import text_scale
from app.tryout.draw_pad import PEN, THICKEST, THINNEST, DrawPad
from app.tryout.drawing import Stroke, drawn_pixels
from app.tryout.pad import OF_PICTURES, Given, Pad
from app.widgets import Button, Label
from engine.training.insight import InputField, Subject

_SLIDER_PX, _LEAST_SLIDER_PX = 56, 40
_ONE_LINE_PX = 270
"""From this width on the buttons and the pen stand in one line."""


class SketchPad(Pad):
    """A drawing becomes a picture as large as the model takes it."""

    def __init__(self, field: InputField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = OF_PICTURES
        self._sizes = field.sizes
        self.title = self.tr("Draw")
        self.note = "280 × 280"
        self.pad = DrawPad()
        self._undo = Button(self.tr("Undo"), icon_name="undo", extent="small")
        self._clear = Button(self.tr("Clear"), icon_name="close", extent="small")
        self._pen = QSlider(Qt.Orientation.Horizontal)
        self._pen.setRange(THINNEST, THICKEST)
        self._pen.setValue(PEN)
        self._pen.setMinimumWidth(_LEAST_SLIDER_PX)
        self._pen.setMaximumWidth(_SLIDER_PX)
        self._pen.setAccessibleName(self.tr("Width of the pen"))
        self._width = Label(str(PEN), "small", "text2")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.pad)
        self._tools = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._tools.setSpacing(8)
        buttons = _row(self._undo, self._clear)
        buttons.addStretch(1)
        self._tools.addLayout(buttons, stretch=1)
        self._tools.addLayout(_row(Label(self.tr("Pen"), "small", "text2"), self._pen, self._width))
        column.addLayout(self._tools)
        column.addStretch(1)
        self.pad.changed.connect(self._on_changed)
        self._undo.clicked.connect(self.pad.undo)
        self._clear.clicked.connect(self.pad.clear)
        self._pen.valueChanged.connect(self._on_pen)
        self._on_changed()

    @property
    def is_drawing(self) -> bool:
        """Whether the pen is down."""
        return self.pad.is_drawing

    @property
    def subject_name(self) -> str:
        return self.tr("Your drawing")

    def given(self) -> Given | None:
        strokes = self.pad.strokes
        return _drawn(strokes, self._sizes) if strokes else None

    def take(self, given: Given) -> None:
        self.pad.show_strokes(given.strokes)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        is_wide = event.size().width() >= _ONE_LINE_PX * text_scale()
        ways = QBoxLayout.Direction
        self._tools.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)

    def _on_changed(self) -> None:
        is_empty = not self.pad.strokes
        self._undo.setDisabled(is_empty)
        self._clear.setDisabled(is_empty)
        self.changed.emit()

    def _on_pen(self, width: int) -> None:
        self._width.setText(str(width))
        self.pad.set_pen(width)


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    return row


def _drawn(strokes: tuple[Stroke, ...], sizes: tuple[int, ...]) -> Given:
    pixels = drawn_pixels(strokes, sizes)
    return Given(Subject(key="", pixels=pixels.tobytes()), pixels, strokes)
