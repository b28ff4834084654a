"""What is painted over curves besides their points: marks of changes, and the card of readings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.plots.area import PlotArea
from app.theme import current_theme, faded, font

_MARK_INK = 0.55
_MARK_PX = 4
_NEAR_PX = 6
_WIDEST_PX = 200


class Marks:
    """Where something was changed in a run, and what."""

    def __init__(self, plot: PlotArea) -> None:
        self._plot = plot
        self._marks: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, epoch: float, words: str) -> None:
        """Mark an epoch."""
        self._marks.append((epoch, words))

    def cut(self, epoch: float) -> None:
        """Forget what came after an epoch."""
        self._marks = [mark for mark in self._marks if mark[0] <= epoch]

    def clear(self) -> None:
        """Forget all."""
        self._marks.clear()

    def near(self, epoch: float) -> list[str]:
        """Return the words of the marks so near that the pointer means them."""
        at = self._plot.x_px(epoch)
        return [words for mark, words in self._marks if abs(self._plot.x_px(mark) - at) < _NEAR_PX]

    def paint(self, painter: QPainter) -> None:
        """Draw a line with a flag at each."""
        colours, box = current_theme().colours, self._plot.plot_box
        painter.setPen(QPen(faded(colours.accent, _MARK_INK), 1))
        painter.setBrush(colours.accent)
        for epoch, _ in self._marks:
            if self._plot.x_view[0] <= epoch <= self._plot.x_view[1]:
                at = round(self._plot.x_px(epoch)) + 0.5
                painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
                painter.drawPolygon(
                    [
                        QPointF(at - _MARK_PX, box.top()),
                        QPointF(at + _MARK_PX, box.top()),
                        QPointF(at, box.top() + 1.5 * _MARK_PX),
                    ]
                )


def paint_card(
    painter: QPainter, lines: Sequence[tuple[str, str]], at_px: float, box: QRectF
) -> None:
    """Paint lines of words, each in a colour of the theme, on a card beside the pointer."""
    colours = current_theme().colours
    painter.setFont(font("small", weight=500))
    metrics = painter.fontMetrics()
    right = Qt.TextElideMode.ElideRight
    lines = [(metrics.elidedText(text, right, _WIDEST_PX), token) for text, token in lines]
    width = max(metrics.horizontalAdvance(text) for text, _ in lines) + 20
    left = at_px + 12 if at_px + 12 + width < box.right() + 60 else at_px - 12 - width
    card = QRectF(max(left, box.left()), box.top() + 4, width, 12 + 17 * len(lines))
    painter.setPen(QPen(colours.line2, 1))
    painter.setBrush(colours.raised)
    painter.drawRoundedRect(card, 6, 6)
    for row, (text, token) in enumerate(lines):
        painter.setPen(colours[token])
        line = QRectF(card.left() + 10, card.top() + 6 + 17 * row, width, 17)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
