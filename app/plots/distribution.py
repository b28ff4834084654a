"""How the values of a layer spread, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from app.figures import figure
from app.plots.area import PlotArea
from app.plots.series import pushed_apart, round_step
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, faded, font

# Pairs of the quantiles 2, 10, 25, 50, 75, 90, 98 %; each band lies over the one before.
_BANDS = ((0, 6), (1, 5), (2, 4))
_MEDIAN = 3
_BAND_INK = (0.13, 0.20, 0.26)
_SINGLE_SHARE = 0.008
_MOST_POINTS = 120


class DistributionPlot(PlotArea):
    """Bands of 2 to 98 %, 10 to 90 % and 25 to 75 % of the values, and their median."""

    def __init__(self, title: str = "", detail: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, detail, right_px=52, can_zoom=False, parent=parent)
        self._epochs = 1.0
        self._x = np.empty(0)
        self._quantiles = np.empty((0, 7))
        self._median = pg.PlotCurveItem(antialias=True)
        self._bands = [QGraphicsPathItem() for _ in _BANDS]
        for band in self._bands:
            band.setPen(QPen(Qt.PenStyle.NoPen))
        for item in (*self._bands, self._median):
            self.add(item)
        offer_plot(self, self.table)
        self.refresh_theme()

    def show_distribution(
        self, epochs: float, x: Sequence[float], quantiles: Sequence[Sequence[float]]
    ) -> None:
        """Show the quantiles 2, 10, 25, 50, 75, 90 and 98 % at each of the epochs ``x``."""
        self._epochs = max(epochs, 1e-6)
        self._x = np.asarray(x, dtype=np.float64)
        self._quantiles = np.asarray(quantiles, dtype=np.float64).reshape(len(x), 7)
        self.show_range((0.0, self._epochs), self._y_range())
        across, up = self._drawn()
        around = np.concatenate((across, across[::-1]))
        for band, (low, high) in zip(self._bands, _BANDS, strict=True):
            band.setPath(pg.arrayToQPath(around, np.concatenate((up[:, low], up[::-1, high]))))
        self._median.setData(across, np.ascontiguousarray(up[:, _MEDIAN]))
        self.update()

    def table(self) -> PlotTable:
        """The quantiles at each look."""
        heads = (self.tr("Epoch"), *(f"{share}\u202f%" for share in (2, 10, 25, 50, 75, 90, 98)))
        rows = [
            (f"{x:.2f}", *(figure(float(value)) for value in values))
            for x, values in zip(self._x, self._quantiles, strict=True)
        ]
        return PlotTable(self.accessibleName() or self.tr("Distribution"), heads, rows)

    def refresh_theme(self) -> None:
        colours = current_theme().colours
        for band, ink in zip(self._bands, _BAND_INK, strict=True):
            band.setBrush(faded(colours.train, ink))
        self._median.setPen(self.pen(colours.text, 1.8))
        super().refresh_theme()

    def paint_over(self, painter: QPainter) -> None:
        if not len(self._x):
            return
        last = self._quantiles[-1]
        names = {6: "98\u202f%", _MEDIAN: self.tr("median")}
        box = self.plot_box
        wanted = [self.y_px(float(last[index])) for index in names]
        placed = pushed_apart(wanted, 15, box.top() + 4, box.bottom() - 4)
        painter.setFont(font("micro"))
        for (index, name), y in zip(names.items(), placed, strict=True):
            colours = current_theme().colours
            painter.setPen(colours.text2 if index == _MEDIAN else colours.text3)
            label = QRectF(self.x_px(float(self._x[-1])) + 6, y - 8, 60, 16)
            painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)

    def _drawn(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what the bands go through, which lies no closer than can be seen.

        A single look is widened, else nothing were seen of it.
        """
        known = np.isfinite(self._quantiles).all(1)
        x, quantiles = self._x[known], self._quantiles[known]
        if len(x) == 1:
            half = self._epochs * _SINGLE_SHARE
            return np.array([x[0] - half, x[0] + half]), np.repeat(quantiles, 2, 0)
        if len(x) <= _MOST_POINTS:
            return x, quantiles
        # Outlines of thousands of points take most of a frame to fill. The ends stay.
        cuts = np.linspace(1, len(x) - 1, _MOST_POINTS - 1).astype(np.intp)
        sizes = np.diff(cuts)
        inner = slice(1, len(x) - 1)
        means = np.add.reduceat(quantiles[inner], cuts[:-1] - 1) / sizes[:, None]
        places = np.add.reduceat(x[inner], cuts[:-1] - 1) / sizes
        ends = quantiles[:1], means, quantiles[-1:]
        return np.concatenate((x[:1], places, x[-1:])), np.concatenate(ends)

    def _y_range(self) -> tuple[float, float]:
        finite = self._quantiles[np.isfinite(self._quantiles)]
        if not len(finite):
            return 0.0, 1.0
        low, high = float(finite.min()), float(finite.max())
        if 0 < low < high * 0.4:
            low = 0.0
        if high <= low:
            low, high = low - 0.5, high + 0.5
        step = round_step((high - low) * 1.02, self.y_intervals())
        return float(np.floor(low / step + 1e-9) * step), float(np.ceil(high / step - 1e-9) * step)
