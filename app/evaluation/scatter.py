"""Predicted against true: points near the diagonal are right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, faded, font

_LEFT_PX, _BOTTOM_PX = 8, 22
_DOT_PX = 5
_NEAR_PX = 12


class AgreementPlot(QWidget):
    """One point for each sample, on one scale both ways; a click picks the nearest."""

    sample_chosen = Signal(int)
    """The place of a sample among those kept aside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._truths = np.zeros(0)
        self._said = np.zeros(0)
        self._places: tuple[int, ...] = ()
        self._chosen = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Predicted against true"))
        offer_plot(self, self.table)

    def show_points(
        self, truths: Sequence[float], said: Sequence[float], places: Sequence[int]
    ) -> None:
        """Show what is true and what was predicted."""
        self._truths, self._said = np.asarray(truths), np.asarray(said)
        self._places = tuple(places)
        self._chosen = -1
        self.setAccessibleDescription(self.tr("{0} samples").format(len(places)))
        self.update()

    def table(self) -> PlotTable:
        """Each sample: what is true, what was predicted, and the residual between."""
        heads = (self.tr("Sample"), self.tr("true"), self.tr("predicted"), self.tr("residual"))
        rows = [
            (count(place), figure(float(truth)), figure(float(said)), figure(float(said - truth)))
            for place, truth, said in zip(self._places, self._truths, self._said, strict=True)
        ]
        return PlotTable(self.tr("Predicted against true"), heads, rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 260)

    def point(self, place: int) -> QPointF:
        """Return where a sample is painted."""
        low, high = self._range()
        box, span = self._box(), (high - low) or 1.0
        x = (float(self._truths[place]) - low) / span
        y = (float(self._said[place]) - low) / span
        return QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        gaps = [
            (self.point(place) - event.position()).manhattanLength()
            for place in range(len(self._places))
        ]
        best = int(np.argmin(gaps)) if gaps else -1
        if best >= 0 and gaps[best] <= _NEAR_PX:
            self._chosen = best
            self.update()
            self.sample_chosen.emit(self._places[best])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._box()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.canvas)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QPen(colours.ctl, 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.bottomLeft(), box.topRight())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colours.val, 0.6))
        for place in range(len(self._places)):
            painter.drawEllipse(self.point(place), _DOT_PX / 2, _DOT_PX / 2)
        if self._chosen >= 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.accent, 2))
            painter.drawEllipse(self.point(self._chosen), _DOT_PX, _DOT_PX)
        self._paint_axis(painter, box)

    def _paint_axis(self, painter: QPainter, box: QRectF) -> None:
        low, high = self._range()
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        row = QRectF(box.left(), box.bottom() + 4, box.width(), 16)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, figure(low))
        painter.drawText(row, Qt.AlignmentFlag.AlignHCenter, self.tr("true across, predicted up"))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, figure(high))

    def _box(self) -> QRectF:
        side = min(self.width() - _LEFT_PX, self.height() - _BOTTOM_PX - 4)
        return QRectF(1, 2, max(40, side), max(40, side))

    def _range(self) -> tuple[float, float]:
        both = np.concatenate([self._truths, self._said])
        both = both[np.isfinite(both)]
        return (float(both.min()), float(both.max())) if both.size else (0.0, 1.0)
