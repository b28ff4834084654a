"""Rows of a name, a bar and a number: predictions and other short lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.figures import figure, percent_digits
from app.theme import current_theme, font

_BAR_PX = 8
_NUMBER_PX = 42
_GAP_PX = 8


class BarList(QWidget):
    """One row for each value; the largest is in the accent colour.

    Args:
        percent: Values are shares from 0 to 1 of a whole, written as percentages.
    """

    def __init__(
        self, *, percent: bool = True, row_px: int = 15, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._percent = percent
        self._row_px = row_px
        self._names: tuple[str, ...] = ()
        self._values: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Prediction"))

    def show_values(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Show one row for each value, in the order given."""
        if len(values) != len(self._values):
            self.updateGeometry()
        self._values = tuple(values)
        self._names = tuple(names) if names else tuple(str(i) for i in range(len(values)))
        if self._values:
            top = self._largest()
            self.setAccessibleDescription(f"{self._names[top]}, {self._written(top)}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(150, max(1, len(self._values)) * self._row_px)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(110, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = event.pos().y() // self._row_px
            if row < len(self._values):
                text = f"{self._names[row]}: {self._written(row)}"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not self._values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name_px, number_px = self._name_px(painter), self._number_px(painter)
        top = self._largest()
        first = event.rect().top() // self._row_px
        last = min(len(self._values) - 1, event.rect().bottom() // self._row_px)
        for index in range(first, last + 1):
            self._paint_row(painter, index, (name_px, number_px), is_top=index == top)

    def _paint_row(
        self, painter: QPainter, index: int, sides_px: tuple[float, float], *, is_top: bool
    ) -> None:
        name_px, number_px = sides_px
        colours = current_theme().colours
        row = QRectF(0, index * self._row_px, self.width(), self._row_px)
        painter.setFont(font("micro", weight=600) if is_top else font("micro"))
        painter.setPen(colours.text if is_top else colours.text3)
        name = painter.fontMetrics().elidedText(
            self._names[index], Qt.TextElideMode.ElideMiddle, math.ceil(name_px)
        )
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(colours.text2 if is_top else colours.text3)
        painter.setFont(font("micro"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(row, right, self._written(index))
        trough = QRectF(name_px + _GAP_PX, row.center().y() - _BAR_PX / 2, 0, _BAR_PX)
        trough.setRight(self.width() - number_px)
        self._paint_bar(painter, trough, self._values[index], is_top=is_top)

    def _paint_bar(self, painter: QPainter, trough: QRectF, value: float, *, is_top: bool) -> None:
        colours = current_theme().colours
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.hover)
        painter.drawRoundedRect(trough, 3, 3)
        if math.isnan(value):
            return
        start, end = self._extent(value)
        bar = QRectF(trough.left() + start * trough.width(), trough.top(), 0, trough.height())
        bar.setWidth(max(1.0, (end - start) * trough.width()))
        radius = min(3.0, bar.width() / 2)
        painter.setBrush(colours.accent if is_top else colours.ctl)
        painter.drawRoundedRect(bar, radius, radius)

    def _extent(self, value: float) -> tuple[float, float]:
        """Where a bar starts and ends, as shares of its trough."""
        if self._percent:
            return 0.0, min(max(value, 0.0), 1.0)
        finite = [each for each in self._values if math.isfinite(each)]
        low, high = min([0.0, *finite]), max([0.0, *finite])
        span = (high - low) or 1.0
        # What is infinite reaches to the end of its side.
        ends = sorted(((0.0 - low) / span, min(max((value - low) / span, 0.0), 1.0)))
        return ends[0], ends[1]

    def _name_px(self, painter: QPainter) -> float:
        # In whole pixels the widest name would be cut for want of a part of one.
        metrics = QFontMetricsF(font("micro", weight=600), painter.device())
        widest = max(metrics.horizontalAdvance(name) for name in self._names[:100])
        return min(widest, self.width() * 0.4)

    def _number_px(self, painter: QPainter) -> float:
        """The room that the widest number needs, with what keeps it off its bar."""
        painter.setFont(font("micro", weight=600))
        metrics = painter.fontMetrics()
        shown = range(min(len(self._values), 100))
        widest = max(metrics.horizontalAdvance(self._written(index)) for index in shown)
        return max(_NUMBER_PX, widest + _GAP_PX)

    def _largest(self) -> int:
        """The place of the largest value; what is not a number is below all others."""
        known = [-math.inf if math.isnan(value) else value for value in self._values]
        return max(range(len(known)), key=known.__getitem__)

    def _written(self, index: int) -> str:
        value = self._values[index]
        return percent_digits(value) if self._percent else figure(value)
