"""A forecast beside what came, with the band in which it should lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, faded, font

_BOTTOM_PX = 22
_BAND_INK = 0.22
_INSET_PX = 6

Line = NDArray[np.float64]


class ForecastPlot(QWidget):
    """One place for each sample in its order: what came, what was foreseen, and the band."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._truths = self._said = self._lows = self._highs = np.zeros(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Forecast"))
        offer_plot(self, self.table)

    def show_forecast(
        self,
        truths: Sequence[float],
        said: Sequence[float],
        lows: Sequence[float],
        highs: Sequence[float],
    ) -> None:
        """Show samples that follow each other."""
        self._truths, self._said = np.asarray(truths), np.asarray(said)
        self._lows, self._highs = np.asarray(lows), np.asarray(highs)
        inside = ((self._truths >= self._lows) & (self._truths <= self._highs)).sum()
        words = self.tr("{0} of {1} lie within the band")
        self.setAccessibleDescription(words.format(int(inside), len(self._truths)))
        self.update()

    def table(self) -> PlotTable:
        """Each sample in its order: what came, what was foreseen, and the ends of the band."""
        heads = (self.tr("Sample"), self.tr("true"), self.tr("predicted"), self.tr("low"))
        columns = (self._truths, self._said, self._lows, self._highs)
        rows = [
            (count(place), *(figure(float(value)) for value in values))
            for place, values in enumerate(zip(*columns, strict=True), start=1)
        ]
        return PlotTable(self.tr("Forecast"), (*heads, self.tr("high")), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 180)

    def point(self, place: int, value: float) -> QPointF:
        """Return where a value of a sample is painted."""
        low, high = self._range()
        box, last = self._box(), max(len(self._truths) - 1, 1)
        x = box.left() + place / last * box.width()
        return QPointF(x, box.bottom() - (value - low) / (high - low) * box.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.canvas)
        frame = QRectF(0, 0, self.width(), self.height() - _BOTTOM_PX)
        painter.drawRoundedRect(frame, _INSET_PX, _INSET_PX)
        if not len(self._truths):
            return
        painter.setBrush(faded(colours.val, _BAND_INK))
        painter.drawPolygon(
            QPolygonF([*self._points(self._lows), *self._points(self._highs)[::-1]])
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.val, 1.8))
        painter.drawPolyline(QPolygonF(self._points(self._said)))
        painter.setPen(QPen(colours.text, 1.4))
        painter.drawPolyline(QPolygonF(self._points(self._truths)))
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        low, high = self._range()
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        row = QRectF(0, self.height() - _BOTTOM_PX + 4, self.width(), 16)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, f"{figure(low)} – {figure(high)}")
        words = self.tr("plain: what came; coloured: foreseen")
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, words)

    def _points(self, line: Line) -> list[QPointF]:
        return [self.point(place, float(value)) for place, value in enumerate(line)]

    def _box(self) -> QRectF:
        whole = QRectF(0, 0, self.width(), self.height() - _BOTTOM_PX)
        return whole.adjusted(_INSET_PX, _INSET_PX, -_INSET_PX, -_INSET_PX)

    def _range(self) -> tuple[float, float]:
        every = np.concatenate([self._truths, self._said, self._lows, self._highs])
        low, high = float(every.min(initial=np.inf)), float(every.max(initial=-np.inf))
        return (low, high) if high > low else (low - 1, low + 1)
