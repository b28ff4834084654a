"""Bars for counts in equal bins."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import amount, figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font

_AXIS_PX = 22
_APART_PX = 10


class Histogram(QWidget):
    """Counts in equal bins, in the colour of a layer category, with the ends of the range."""

    def __init__(self, category: str = "conv", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._category = category
        self._counts: tuple[int, ...] = ()
        self._low = self._high = 0.0
        self.setMinimumSize(160, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Histogram of values"))
        offer_plot(self, self.table)

    def show_counts(
        self, counts: Sequence[int], low: float, high: float, *, category: str = ""
    ) -> None:
        """Show counts in equal bins from ``low`` to ``high``."""
        self._counts = tuple(counts)
        self._low, self._high = low, high
        self._category = category or self._category
        self.setAccessibleDescription(
            self.tr("Values from {0} to {1}").format(figure(low), figure(high))
        )
        self.update()

    def table(self) -> PlotTable:
        """Each bin: where it begins and ends, and how many values it holds."""
        width = (self._high - self._low) / max(1, len(self._counts))
        rows = [
            (figure(self._low + k * width), figure(self._low + (k + 1) * width), amount(many))
            for k, many in enumerate(self._counts)
        ]
        return PlotTable(
            self.accessibleName(), (self.tr("from"), self.tr("to"), self.tr("values")), rows
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not self._counts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 4, 0, -_AXIS_PX)
        self._paint_bars(painter, box)
        self._paint_axis(painter, box)

    def _paint_bars(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().category[self._category])
        most = max(self._counts) or 1
        pitch = box.width() / len(self._counts)
        gap = 2 if pitch > 6 else 0
        for index, count in enumerate(self._counts):
            height = max(1.0, count / most * box.height()) if count else 0.0
            bar = QRectF(box.left() + index * pitch, box.bottom() - height, pitch - gap, height)
            painter.drawRoundedRect(bar, min(2.0, height / 2), min(2.0, height / 2))

    def _paint_axis(self, painter: QPainter, box: QRectF) -> None:
        colours = current_theme().colours
        painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), colours.line)
        painter.setFont(font("micro"))
        painter.setPen(colours.text3)
        row = QRectF(box.left(), box.bottom() + 4, box.width(), 16)
        low, high = figure(self._low), figure(self._high)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, high)
        if not self._low < 0 < self._high:
            return
        at = box.left() - self._low / (self._high - self._low) * box.width()
        width = painter.fontMetrics().horizontalAdvance
        if box.left() + width(low) + _APART_PX < at < box.right() - width(high) - _APART_PX:
            painter.drawText(QRectF(at - 20, row.top(), 40, 16), Qt.AlignmentFlag.AlignHCenter, "0")
