"""Curves of other runs behind those of the one that is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from app.plots.area import PlotArea
from app.plots.peaks import FloatArray
from app.theme import current_theme, faded

MOST = 5
_WIDTH_PX, _INK = 1.25, 0.7
_BEHIND = -1
_DASHES = ((6, 3), (2, 3), (8, 3, 2, 3), (10, 4), (4, 2))


@dataclass(frozen=True, slots=True)
class OtherCurve:
    """The validation curve of another run."""

    name: str
    epochs: FloatArray
    values: FloatArray


class OtherCurves:
    """At most five, each with its colour and its dashes; the oldest goes first."""

    def __init__(self, plot: PlotArea) -> None:
        self._plot = plot
        self._curves: list[OtherCurve] = []
        # Made when they are needed: most plots show one run.
        self._items: list[pg.PlotCurveItem] = []

    @property
    def curves(self) -> tuple[OtherCurve, ...]:
        """What is shown."""
        return tuple(self._curves)

    def add(self, name: str, epochs: FloatArray, values: FloatArray) -> None:
        """Show another run, in the place of one of the same name."""
        others = [curve for curve in self._curves if curve.name != name]
        made = OtherCurve(name, epochs, values)
        self._curves = [*others, made][-MOST:]
        self.redraw()

    def clear(self) -> None:
        """Show the run alone."""
        self._curves.clear()
        self.redraw()

    def colour(self, place: int) -> QColor:
        """Return the colour of a run; the first of the theme is that of the run itself."""
        return current_theme().runs[place + 1]

    def redraw(self) -> None:
        """Take the curves and the pens of the theme."""
        log = self._plot.log_y
        while len(self._items) < len(self._curves):
            self._items.append(self._made_item())
        for place, item in enumerate(self._items):
            is_used = place < len(self._curves)
            item.setVisible(is_used)
            if not is_used:
                continue
            curve = self._curves[place]
            values = np.log10(np.maximum(curve.values, 1e-12)) if log else curve.values
            item.setData(curve.epochs, values)
            pen = self._plot.pen(faded(self.colour(place), _INK), _WIDTH_PX)
            pen.setDashPattern(list(_DASHES[place]))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            item.setPen(pen)

    def _made_item(self) -> pg.PlotCurveItem:
        item = pg.PlotCurveItem(antialias=True)
        item.setZValue(_BEHIND)
        self._plot.add(item)
        return item

    def readings(self, epoch: float) -> list[tuple[str, QColor, float]]:
        """Return name, colour and the last value of each at an epoch."""
        found = []
        for place, curve in enumerate(self._curves):
            at = int(np.searchsorted(curve.epochs, epoch + 1e-9)) - 1
            if at >= 0 and np.isfinite(curve.values[at]):
                found.append((curve.name, self.colour(place), float(curve.values[at])))
        return found

    def ends(self) -> list[tuple[str, QColor, QPointF]]:
        """Return name, colour and place of the last point of each."""
        return [
            (curve.name, self.colour(place), QPointF(curve.epochs[-1], curve.values[-1]))
            for place, curve in enumerate(self._curves)
            if len(curve.epochs)
        ]
