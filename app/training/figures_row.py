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
_COLUMN_GAP_PX = 14


class FiguresRow(QWidget):
    """Columns that share out what room is left; where all is too wide, notes are left out.

    A column keeps the width that it once needed, so that the row stands still while figures change.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._look = font("figure")
        self._needed: dict[str, float] = {}
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
        self._look = font("figure" if self._fits(painter) else "heading")
        left = 0.0
        for each, width in zip(self._figures, self._widths(painter), strict=True):
            self._paint_figure(painter, each, left, width - _COLUMN_GAP_PX)
            left += width

    def _fits(self, painter: QPainter) -> bool:
        """Whether the large numbers stand beside each other in columns of equal width."""
        painter.setFont(font("figure"))
        widest = max(painter.fontMetrics().horizontalAdvance(f.value) for f in self._figures)
        return widest < self.width() / len(self._figures) - _COLUMN_GAP_PX / 2

    def _widths(self, painter: QPainter) -> list[float]:
        whole = self._kept(painter)
        if sum(whole) - _COLUMN_GAP_PX > self.width():
            whole = [self._width(painter, each, "") for each in self._figures]
        spare = self.width() - sum(whole) + _COLUMN_GAP_PX
        return [width + spare / len(whole) for width in whole]

    def _kept(self, painter: QPainter) -> list[float]:
        """Return what the columns need with their notes, or needed before."""
        needed = {each.name: self._width(painter, each, each.note) for each in self._figures}
        kept = self._needed if self._needed.keys() == needed.keys() else needed
        self._needed = {name: max(width, kept[name]) for name, width in needed.items()}
        return list(self._needed.values())

    def _width(self, painter: QPainter, each: Figure, note: str) -> float:
        """Return what a column takes with the gap after it."""
        painter.setFont(self._look)
        width = painter.fontMetrics().horizontalAdvance(each.value)
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        if note:
            width += _NOTE_GAP_PX + metrics.horizontalAdvance(note)
        return max(width, metrics.horizontalAdvance(each.name)) + _COLUMN_GAP_PX

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
        if at + painter.fontMetrics().horizontalAdvance(each.note) <= width:
            painter.setPen(colours.text2)
            painter.drawText(QPointF(left + at, 38), each.note)
