"""The extremes of a long curve, block by block, so that a million points are drawn as few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 64

FloatArray = NDArray[np.float64]


class Peaks:
    """Least and greatest value of each whole block of a curve that grows at its end."""

    def __init__(self) -> None:
        self._ends = np.empty((2, 64))
        self._count = 0

    def follow(self, values: FloatArray) -> None:
        """Take in the blocks that are whole since the last time."""
        whole = len(values) // BLOCK
        if whole <= self._count:
            self._count = whole
            return
        if whole > self._ends.shape[1]:
            larger = np.empty((2, max(whole, 2 * self._ends.shape[1])))
            larger[:, : self._count] = self._ends[:, : self._count]
            self._ends = larger
        new = values[self._count * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
        new = np.where(np.isfinite(new), new, np.nan)
        self._ends[0, self._count : whole] = np.fmin.reduce(new, axis=1)
        self._ends[1, self._count : whole] = np.fmax.reduce(new, axis=1)
        self._count = whole

    def between(self, first: int, last: int, most: int) -> tuple[NDArray[np.intp], FloatArray]:
        """Return blocks as two values each, several as one where there are more than ``most``.

        Shapes:
            out: (B,), the first point of each group of blocks; (B, 2), its least and greatest
        """
        ends = self._ends[:, first:last]
        together = max(1, -(-ends.shape[1] // max(1, most)))
        starts = np.arange(0, ends.shape[1], together)
        if together > 1:
            low = np.fmin.reduceat(ends[0], starts)
            high = np.fmax.reduceat(ends[1], starts)
            ends = np.stack([low, high])
        return (first + starts) * BLOCK, ends.T
