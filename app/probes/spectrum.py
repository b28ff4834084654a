"""The singular values of a weight matrix, greatest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font

_AXIS_PX = 20


class Spectrum(QWidget):
    """A bar for each value; bars that fall off early say that few directions matter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float, ...] = ()
        self.setFixedHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Singular values"))
        offer_plot(self, self.table)

    def show_values(self, values: Sequence[float]) -> None:
        """Show values, greatest first."""
        self._values = tuple(values)
        if self._values:
            text = self.tr("from {0} down to {1}")
            ends = figure(self._values[0]), figure(self._values[-1])
            self.setAccessibleDescription(text.format(*ends))
        self.update()

    def table(self) -> PlotTable:
        """The values, greatest first."""
        rows = [(count(k), figure(value)) for k, value in enumerate(self._values, start=1)]
        return PlotTable(self.accessibleName(), ("", self.tr("value")), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(220, 96)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        if not self._values:
            return
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 4, 0, -_AXIS_PX)
        pitch = min(box.width() / len(self._values), 18.0)
        most = self._values[0] or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.train)
        for place, value in enumerate(self._values):
            height = max(1.0, value / most * box.height())
            left = box.left() + place * pitch
            painter.drawRect(QRectF(left, box.bottom() - height, max(1.0, pitch - 2), height))
        painter.setFont(font("micro"))
        painter.setPen(colours.text3)
        row = QRectF(box.left(), box.bottom() + 3, box.width(), 16)
        text = self.tr("{0} largest, {1} smallest shown")
        painter.drawText(row, 0, text.format(figure(self._values[0]), figure(self._values[-1])))
