"""One scale for all cards: its ends stand at round numbers, so that it seldom moves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_SPREAD = 100.0
"""Figures that are farther apart than by this factor are told apart by their logarithm."""

_ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where figures go, and whether in even steps or even factors."""

    low: float
    high: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return where a figure stands, from 0 to 1."""
        if self.high <= self.low:
            return 0.0
        if not self.is_log:
            return (value - self.low) / (self.high - self.low)
        if value <= self.low:
            return 0.0
        return math.log(value / self.low) / math.log(self.high / self.low)


def scale_of(values: Iterable[float]) -> Scale | None:
    """Return the scale for figures that are none of them negative; None where there are none."""
    found = [value for value in values if math.isfinite(value)]
    positive = [value for value in found if value > 0]
    if not found:
        return None
    if not positive:
        return Scale(0.0, 1.0)
    low, high = min(positive), max(positive)
    if high / low > _SPREAD:
        return Scale(10.0 ** math.floor(math.log10(low)), _rounded_up(high), is_log=True)
    return Scale(0.0, _rounded_up(high))


def _rounded_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50, … that is not below a figure."""
    power = 10.0 ** math.floor(math.log10(value))
    # A hair's breadth, for figures that stand at a round number but for rounding.
    return next(step * power for step in _ROUND if value <= step * power * (1 + 1e-9))
