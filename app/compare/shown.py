"""A run as the comparison shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.plots.compared import ComparedCurve
from engine.runs.compare import ComparedRun
from engine.runs.replay import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """One run with its name, and its place among those with a colour and a dash."""

    run: ComparedRun
    label: str
    note: str
    place: int
    is_chosen: bool

    def losses(self) -> ComparedCurve | None:
        """Return the curve of its loss."""
        curves = self.run.curves
        return None if curves is None else self._curve(curves.validation_losses, curves.losses)

    def metrics(self, metric: str) -> ComparedCurve | None:
        """Return the curve of a metric, where it was measured."""
        curves = self.run.curves
        if curves is None or curves.metric != metric:
            return None
        return self._curve(curves.validation_metrics, curves.metrics)

    def _curve(self, values: Floats, steps: Floats) -> ComparedCurve | None:
        curves = self.run.curves
        if curves is None:
            return None
        known = np.isfinite(values)
        return ComparedCurve(
            name=self.label,
            place=self.place,
            epochs=curves.epochs.astype(np.float64)[known],
            values=values[known],
            step_epochs=curves.step_epochs,
            steps=steps,
            is_chosen=self.is_chosen,
        )
