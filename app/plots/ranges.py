"""What the axes of a curve cover, and how much a run of some length is smoothed."""

from __future__ import annotations

import math

from app.plots.peaks import FloatArray
from app.plots.series import round_step

_PERCENT_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0)


def round_range(low: float, high: float, intervals: int) -> tuple[float, float]:
    """From grid line to grid line around the values."""
    if high <= low:
        margin = abs(high) * 0.1 or 1.0
        low, high = low - margin, high + margin
    step = round_step((high - low) * 1.05, intervals)
    return step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)


def percent_range(low: float, intervals: int) -> tuple[tuple[float, float], float]:
    """From a grid line below ``low`` up to 100, which is always a grid line too."""
    span = min(100.0, (100 - low) * 1.05)
    step = next((s for s in _PERCENT_STEPS if s * intervals >= span), _PERCENT_STEPS[-1])
    return (max(0.0, 100 - step * max(1, math.ceil(span / step))), 100.0), step


def log_range(values: FloatArray) -> tuple[float, float]:
    """Whole powers of ten around the positive values."""
    positive = values[values > 0]
    if not len(positive):
        return 0.1, 1.0
    low = 10 ** math.floor(math.log10(positive.min()))
    return low, max(10 ** math.ceil(math.log10(positive.max())), low * 10)


def fitting_smoothing(steps: int) -> float:
    """A mean over about a fiftieth of the run, from 4 to 100 steps."""
    return 1 - 1 / min(max(steps / 50, 4), 100)
