"""The curves of single losses and outputs, under those of the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.plots.curves import CurvePlot
from engine.data.metric_names import is_share, sentence

_NARROWEST_PX = 260


class PartPlots(QWidget):
    """A plot for each name that figures came in under, as many beside each other as fit."""

    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Single losses and outputs"))
        self._plots: dict[str, CurvePlot] = {}
        self._length = (1.0, 0)
        self._arranged = (0, 0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self.hide()

    @property
    def plots(self) -> tuple[CurvePlot, ...]:
        """Those that are shown, in the order in which they came."""
        return tuple(self._plots.values())

    def start(self, epochs: float, steps: int) -> None:
        """Forget the plots; those to come cover a run of so many epochs."""
        self._length = (epochs, steps)
        for plot in self._plots.values():
            self._grid.removeWidget(plot)
            plot.hide()
            plot.deleteLater()
        self._plots.clear()
        self.hide()

    def add_training(self, epochs: Sequence[float], parts: Mapping[str, Sequence[float]]) -> None:
        """Add what each gave at some steps; steps at which one was not there are left out."""
        for name, values in parts.items():
            there = np.isfinite(values)
            if there.any():
                plot = self._plot(name)
                plot.add_training(np.asarray(epochs)[there], np.asarray(values)[there].tolist())

    def add_validation(self, epoch: float, figures: Mapping[str, float]) -> None:
        """Add what validation gave for each."""
        for name, value in figures.items():
            self._plot(name).add_validation(epoch, value)

    def point_at(self, place: float | None) -> None:
        """Point all of them at an epoch."""
        for plot in self._plots.values():
            plot.point_at(place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange()

    def _plot(self, name: str) -> CurvePlot:
        if name not in self._plots:
            percent = is_share(name.partition(" of ")[0])
            title = f"{sentence(name)}, %" if percent else sentence(name)
            plot = CurvePlot(title, percent=percent, parent=self)
            plot.start(*self._length)
            plot.hovered.connect(self.hovered)
            self._plots[name] = plot
            self._arrange()
            plot.show()
            self.show()
        return self._plots[name]

    def _arrange(self) -> None:
        columns = max(1, min(self.width() // _NARROWEST_PX, len(self._plots)))
        if (columns, len(self._plots)) == self._arranged:
            return
        self._arranged = (columns, len(self._plots))
        for place, plot in enumerate(self._plots.values()):
            self._grid.addWidget(plot, place // columns, place % columns)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
