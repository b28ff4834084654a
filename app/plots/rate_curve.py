"""The loss over the learning rate, as a range test found it; the rate is chosen on the curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, faded, font
from app.widgets import number_text

_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 44, 12, 22, 24
_MARK_PX = 4.5
# The curve of a loss that runs away would flatten all that matters.
_HIGHEST_SHARE = 1.3


class RateCurve(QWidget):
    """A curve over powers of ten, with the rate that is suggested and the one that is chosen."""

    chosen = Signal(float)
    """Another rate was chosen on the curve."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates: tuple[float, ...] = ()
        self._losses: tuple[float, ...] = ()
        self._suggestion: float | None = None
        self._at = 0
        self.setAccessibleName(self.tr("Loss over the learning rate"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(360, 220)
        offer_plot(self, self.table)

    @property
    def rate(self) -> float:
        """The rate that is chosen."""
        if self._suggestion is not None and self._rates[self._at] == self._nearest_suggested():
            return self._suggestion
        return float(f"{self._rates[self._at]:.2g}")

    def show_curve(
        self, rates: Sequence[float], losses: Sequence[float], suggestion: float | None
    ) -> None:
        """Show what a test found; the suggested rate is chosen at first."""
        self._rates, self._losses = tuple(rates), tuple(losses)
        self._suggestion = suggestion
        wanted = suggestion if suggestion is not None else rates[len(rates) // 2]
        self._at = self._nearest(math.log(wanted))
        self._describe()
        self.update()

    def table(self) -> PlotTable:
        """Every rate that was tried, with the smoothed loss that it gave."""
        heads = (self.tr("Learning rate"), self.tr("Loss"))
        pairs = zip(self._rates, self._losses, strict=True)
        rows = [(number_text(float(f"{rate:.3g}")), figure(loss)) for rate, loss in pairs]
        return PlotTable(self.accessibleName(), heads, rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(560, 280)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._choose_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose_at(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._rates:
            super().keyPressEvent(event)
            return
        self._choose(self._at + step)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not self._rates:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        painter.setPen(QPen(current_theme().colours.train, 2))
        painter.setClipRect(self._box.adjusted(0, -2, 0, 2))
        painter.drawPolyline(QPolygonF([self._point(index) for index in range(len(self._rates))]))
        painter.setClipping(False)
        if self._suggestion is not None:
            self._paint_mark(
                painter, self._nearest(math.log(self._suggestion)), self.tr("suggested")
            )
        if self._suggestion is None or self.rate != self._suggestion:
            self._paint_mark(painter, self._at, number_text(self.rate))

    def _paint_axes(self, painter: QPainter) -> None:
        colours, box = current_theme().colours, self._box
        painter.setFont(font("micro"))
        low, high = math.log10(self._rates[0]), math.log10(self._rates[-1])
        for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1):
            x = box.left() + (power - low) / (high - low) * box.width()
            painter.setPen(colours.line)
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(colours.text3)
            words = number_text(10.0**power)
            painter.drawText(
                QRectF(x - 30, box.bottom() + 6, 60, 16), Qt.AlignmentFlag.AlignHCenter, words
            )
        bottom, top = self._range
        for value, y in ((top, box.top()), (bottom, box.bottom() - 8)):
            label = QRectF(0, y - 4, _LEFT_PX - 8, 16)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight, figure(value))

    def _paint_mark(self, painter: QPainter, index: int, words: str) -> None:
        colours, point = current_theme().colours, self._point(index)
        painter.setPen(QPen(faded(colours.accent, 0.55), 1))
        painter.drawLine(
            QPointF(point.x(), self._box.top()), QPointF(point.x(), self._box.bottom())
        )
        painter.setPen(QPen(colours.panel, 1.5))
        painter.setBrush(colours.accent)
        painter.drawEllipse(point, _MARK_PX, _MARK_PX)
        painter.setPen(colours.accent)
        painter.setFont(font("small", weight=500))
        label = QRectF(point.x() - 50, self._box.top() - 20, 100, 16)
        painter.drawText(label, Qt.AlignmentFlag.AlignHCenter, words)

    @property
    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT_PX, _TOP_PX, -_RIGHT_PX, -_BOTTOM_PX)

    @property
    def _range(self) -> tuple[float, float]:
        low, first = min(self._losses), self._losses[0]
        high = min(max(self._losses), max(first, low) * _HIGHEST_SHARE)
        return low, max(high, low + 1e-9)

    def _point(self, index: int) -> QPointF:
        box = self._box
        low, high = math.log(self._rates[0]), math.log(self._rates[-1])
        bottom, top = self._range
        across = (math.log(self._rates[index]) - low) / max(high - low, 1e-9)
        up = (self._losses[index] - bottom) / (top - bottom)
        return QPointF(box.left() + across * box.width(), box.bottom() - min(up, 2) * box.height())

    def _choose_at(self, x: float) -> None:
        if not self._rates:
            return
        low, high = math.log(self._rates[0]), math.log(self._rates[-1])
        self._choose(self._nearest(low + (x - self._box.left()) / self._box.width() * (high - low)))

    def _choose(self, index: int) -> None:
        self._at = min(max(index, 0), len(self._rates) - 1)
        self._describe()
        self.update()
        self.chosen.emit(self.rate)

    def _nearest(self, logarithm: float) -> int:
        distances = [abs(math.log(rate) - logarithm) for rate in self._rates]
        return distances.index(min(distances))

    def _nearest_suggested(self) -> float:
        assert self._suggestion is not None, "asked for only where there is one"
        return self._rates[self._nearest(math.log(self._suggestion))]

    def _describe(self) -> None:
        words = self.tr("Chosen {0}, where the loss is {1}")
        self.setAccessibleDescription(
            words.format(number_text(self.rate), figure(self._losses[self._at]))
        )
