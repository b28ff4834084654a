"""How often the model is right where it says that it is so sure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, percent
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font
from engine.training.insight import Reliability

_SIDE_PX = 130
_LINE_PX = 18


class ReliabilityPlot(QWidget):
    """Points on the diagonal keep what they promise; those below it are too sure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: tuple[Reliability, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Sureness"))
        offer_plot(self, self.table)

    def show_bins(self, bins: Sequence[Reliability]) -> None:
        """Show what was said and what was right, bin by bin."""
        self._bins = tuple(bins)
        words = [f"{percent(b.confidence)}: {percent(b.accuracy)}" for b in self._bins]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def table(self) -> PlotTable:
        """Each bin: its samples, how sure they were called, and how often rightly."""
        heads = (self.tr("Samples"), self.tr("said"), self.tr("right"))
        rows = [(count(b.samples), percent(b.confidence), percent(b.accuracy)) for b in self._bins]
        return PlotTable(self.tr("Sureness"), heads, rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_SIDE_PX, _SIDE_PX + _LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, 1, min(self.width() - 2, 2 * _SIDE_PX), _SIDE_PX - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.canvas)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QPen(colours.ctl, 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.bottomLeft(), box.topRight())
        points = QPolygonF(
            [
                QPointF(
                    box.left() + each.confidence * box.width(),
                    box.bottom() - each.accuracy * box.height(),
                )
                for each in self._bins
            ]
        )
        painter.setPen(QPen(colours.val, 2))
        painter.drawPolyline(points)
        painter.setBrush(colours.val)
        for point in points.toList():
            painter.drawEllipse(point, 2.5, 2.5)
        painter.setFont(font("micro"))
        painter.setPen(colours.text3)
        row = QRectF(box.left(), box.bottom() + 2, box.width(), 16)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, "100\u202f%")
