"""Growing curves as arrays, their smoothing, and round numbers for axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from app.plots.peaks import BLOCK, FloatArray, Peaks

_ROUND_STEPS = (1, 2, 3, 5, 10)
_EPOCH_STEPS = (1, 2, 4, 5, 10)


class CurveData(msgspec.Struct, frozen=True, kw_only=True):
    """One finished plot, for a picture of it."""

    title: str
    epochs: float
    """The whole range of the horizontal axis."""

    training: tuple[Sequence[float], Sequence[float]] = ((), ())
    """Epochs and values, one for each step."""

    validation: tuple[Sequence[float], Sequence[float]] = ((), ())
    """Epochs and values, one for each epoch."""

    percent: bool = False
    """Values are shares from 0 to 1 and are drawn as percentages."""

    best_epoch: int | None = None


class Series:
    """Points that come in over time, kept in arrays that double when full."""

    def __init__(self) -> None:
        self._points = np.empty((2, 1024))
        self._count = 0
        self._peaks = Peaks()

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> FloatArray:
        return self._points[0, : self._count]

    @property
    def y(self) -> FloatArray:
        return self._points[1, : self._count]

    def point(self, index: int) -> tuple[float, float]:
        return float(self._points[0, index]), float(self._points[1, index])

    def extend(self, x: Sequence[float] | FloatArray, y: Sequence[float] | FloatArray) -> None:
        """Add points at the end; both sequences have the same length."""
        needed = self._count + len(x)
        if needed > self._points.shape[1]:
            larger = np.empty((2, max(needed, 2 * self._points.shape[1])))
            larger[:, : self._count] = self._points[:, : self._count]
            self._points = larger
        self._points[0, self._count : needed] = x
        self._points[1, self._count : needed] = y
        self._count = needed

    def thinned(self, low: float, high: float, most: int) -> tuple[FloatArray, FloatArray]:
        """Return the curve between two places, and a point on each side, with fewer points.

        Where even its blocks are more than ``most`` values, they become so many, each the least or
        the greatest of its stretch: what is drawn looks the same, and has the extremes of all.
        """
        xs, ys = self.x, self.y
        first = max(0, int(np.searchsorted(xs, low)) - 1)
        last = min(len(xs), int(np.searchsorted(xs, high, side="right")) + 1)
        begin, end = -(-first // BLOCK), last // BLOCK
        if 2 * (end - begin) <= most:
            return xs[first:last], ys[first:last]
        self._peaks.follow(ys)
        places, ends = self._peaks.between(begin, end, most // 2)
        head, tail = slice(first, begin * BLOCK), slice(end * BLOCK, last)
        return (
            np.concatenate([xs[head], np.repeat(xs[places], 2), xs[tail]]),
            np.concatenate([ys[head], ends.ravel(), ys[tail]]),
        )

    def cut(self, x: float) -> None:
        """Take away the points beyond ``x``."""
        self._count = int(np.searchsorted(self.x, x, side="right"))
        self._peaks.follow(self.y)

    def clear(self) -> None:
        self._count = 0
        self._peaks.follow(self.y)


class Smoother:
    """A running mean in which each value counts ``weight`` times as much as the next one.

    The first values are not pulled towards zero: the mean is divided by the weights it had.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._sum = 0.0
        self._share = 0.0

    def restart(self, weight: float) -> None:
        """Forget what was seen and smooth with another weight from 0 to less than 1."""
        self.weight = weight
        self._sum = self._share = 0.0

    def extend(self, values: FloatArray) -> FloatArray:
        """The smoothed values for the next ones; what is not finite leaves the mean as it was."""
        weight, total, share = self.weight, self._sum, self._share
        smooth = []
        for value in values.tolist():
            if math.isfinite(value):
                total = weight * total + (1 - weight) * value
                share = weight * share + (1 - weight)
            smooth.append(total / share if share else math.nan)
        self._sum, self._share = total, share
        return np.array(smooth)


def round_step(span: float, intervals: int, *, of_epochs: bool = False) -> float:
    """The smallest round step that covers ``span``: 1, 2, 3 or 5 times a power of ten.

    Args:
        of_epochs: Take 4 in place of 3, which divides more usual numbers of epochs.
    """
    if not math.isfinite(span) or span <= 0:
        return 1.0
    wanted = span / max(1, intervals)
    power = 10.0 ** math.floor(math.log10(wanted))
    steps = _EPOCH_STEPS if of_epochs else _ROUND_STEPS
    return next(step * power for step in steps if step * power >= wanted * (1 - 1e-9))


def ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    """Multiples of ``step`` from ``low`` to ``high``."""
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(index * step for index in range(first, last + 1))


def decade_ticks(low: float, high: float) -> tuple[float, ...]:
    """1, 2 and 5 times powers of ten between two positive numbers, thinned where many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) <= 3 else (1,)
    values = [factor * 10.0**power for power in powers for factor in factors]
    return tuple(v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9))


def pushed_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The positions nearest to the wanted ones that are ``gap`` apart and inside the limits.

    The order of the wanted positions is kept. Where there is too little room the gap wins.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    # With the gaps taken out, "apart" becomes "not falling", which pooling means solves exactly.
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        mean, size = wanted[index] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        pools.append((mean, size))
    bare = [mean for mean, size in pools for _ in range(size)]
    limit = max(low, high - (len(wanted) - 1) * gap)
    placed = dict(zip(order, bare, strict=True))
    ranks = {index: rank for rank, index in enumerate(order)}
    return [
        min(max(placed[index], low), limit) + ranks[index] * gap for index in range(len(wanted))
    ]
