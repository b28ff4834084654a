"""The figures of a run in one row: a name, a large number and a note beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import current_theme, font
from app.training.run_state import Figure

_HEIGHT_PX = 52
_NOTE_GAP_PX = 7


class FiguresRow(QWidget):
    """Columns of equal width; a note that does not fit is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._look = font("figure")
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Figures of the run"))

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self._figures

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these from left to right."""
        if tuple(figures) == self._figures:
            return
        self._figures = tuple(figures)
        spoken = (f"{each.name} {each.value} {each.note}".strip() for each in self._figures)
        self.setAccessibleDescription(", ".join(spoken))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(600, _HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not self._figures:
            return
        painter = QPainter(self)
        pitch = self.width() / len(self._figures)
        painter.setFont(font("figure"))
        widest = max(painter.fontMetrics().horizontalAdvance(f.value) for f in self._figures)
        self._look = font("figure" if widest < pitch - 6 else "heading")
        for index, each in enumerate(self._figures):
            self._paint_figure(painter, each, index * pitch, pitch)

    def _paint_figure(self, painter: QPainter, each: Figure, left: float, width: float) -> None:
        colours = current_theme().colours
        painter.setFont(font("small"))
        painter.setPen(colours.text3)
        painter.drawText(QPointF(left, 13), each.name)
        painter.setFont(self._look)
        painter.setPen(colours.text)
        painter.drawText(QPointF(left, 38), each.value)
        at = painter.fontMetrics().horizontalAdvance(each.value) + _NOTE_GAP_PX
        painter.setFont(font("small"))
        if at + painter.fontMetrics().horizontalAdvance(each.note) <= width - 4:
            painter.setPen(colours.text2)
            painter.drawText(QPointF(left + at, 38), each.note)
