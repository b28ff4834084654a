"""The order of the samples: a function of the seed and the epoch alone, known before it is read."""

from threading import Lock
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.row_sets import MOST_LISTED

Indices: TypeAlias = npt.NDArray[np.int64]

WINDOW_BLOCKS: Final = 16
"""Blocks whose samples are shuffled among each other, and are in memory at once."""

_SPREAD_BLOCKS: Final = 16


def epoch_order(samples: int, *, seed: int, epoch: int) -> Indices:
    """Shuffle the places of ``samples`` samples, the same way for the same seed and epoch."""
    stream = np.random.Philox(np.random.SeedSequence([seed, epoch]))
    return np.random.Generator(stream).permutation(samples)


def windowed_order(
    blocks: Indices, *, seed: int, epoch: int, window: int = WINDOW_BLOCKS
) -> "Order":
    """Deal blocks out in a new order and shuffle the samples of so many blocks among each other.

    A reader needs no more than these at once. A single block is shuffled as a whole. Of very many
    samples the order is computed as it is read.

    Args:
        blocks: The first place of each block, and the number of samples at the end.
        window: How many blocks are shuffled among each other.
    """
    if len(blocks) <= 2:
        return epoch_order(int(blocks[-1]), seed=seed, epoch=epoch)
    order = WindowedOrder(_Windows(blocks, seed=seed, epoch=epoch, window=window))
    return order if len(order) > MOST_LISTED else np.asarray(order)


def spread_over(blocks: Indices, count: int) -> Indices:
    """Return places in even steps; of many blocks those of a few that lie evenly.

    To read one place of a block takes as long as to read all of them.

    Args:
        blocks: The first place of each block, and the number of samples at the end.
    """
    filled = np.flatnonzero(np.diff(blocks))
    if len(filled) <= _SPREAD_BLOCKS:
        return np.linspace(0, blocks[-1] - 1, count).astype(np.int64)
    chosen = filled[np.linspace(0, len(filled) - 1, _SPREAD_BLOCKS).astype(np.int64)]
    sizes = np.diff(blocks)[chosen]
    inside = np.linspace(0, sizes.sum() - 1, count).astype(np.int64)
    ends = np.cumsum(sizes)
    of_place = np.searchsorted(ends, inside, side="right")
    return np.asarray(blocks[chosen][of_place] + inside - (ends - sizes)[of_place])


class WindowedOrder:
    """A stretch of an order that is computed as it is read, from its beginning to its end."""

    def __init__(self, windows: "_Windows", begin: int = 0, end: int | None = None) -> None:
        self._windows = windows
        self._begin = begin
        self._end = windows.samples if end is None else end

    def __len__(self) -> int:
        return self._end - self._begin

    def __getitem__(self, wanted: slice) -> "WindowedOrder":
        """Return a stretch of it, which is not computed before it is an array."""
        begin, end, _ = wanted.indices(len(self))
        return WindowedOrder(self._windows, self._begin + begin, self._begin + max(begin, end))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        del copy
        found = self._windows.read(self._begin, self._end)
        return found.astype(np.int64 if dtype is None else dtype, copy=False)


Order: TypeAlias = Indices | WindowedOrder | range
"""Places of samples in the order in which they are read."""


def as_array(order: Order) -> Indices:
    """Return all places of an order."""
    if isinstance(order, range):
        return np.arange(order.start, order.stop, order.step)
    return np.asarray(order)


class _Windows:
    """The windows of an epoch one after the other; the one read last is kept."""

    def __init__(self, blocks: Indices, *, seed: int, epoch: int, window: int) -> None:
        self._blocks = blocks
        self._entropy = [seed, epoch]
        self._window = window
        self._lock = Lock()
        counts = np.diff(blocks)[self._begin()]
        firsts = np.arange(0, len(counts), window)
        self._starts = np.concatenate([[0], np.cumsum(np.add.reduceat(counts, firsts))])

    @property
    def samples(self) -> int:
        """How many there are."""
        return int(self._blocks[-1])

    def read(self, begin: int, end: int) -> Indices:
        """Return the places of a stretch."""
        if begin >= end:
            return np.zeros(0, np.int64)
        first, last = np.searchsorted(self._starts, [begin, end - 1], side="right") - 1
        with self._lock:
            read = [self._of(number) for number in range(first, last + 1)]
        start = int(self._starts[first])
        return np.concatenate(read)[begin - start : end - start]

    def _of(self, number: int) -> Indices:
        """Return a window; those before it draw their random numbers first."""
        if number < self._number:
            self._begin()
        while self._number < number:
            self._number += 1
            dealt = self._dealt[self._number * self._window :][: self._window]
            self._order = np.concatenate(
                [np.arange(self._blocks[block], self._blocks[block + 1]) for block in dealt]
            )
            self._generator.shuffle(self._order)
        return self._order

    def _begin(self) -> Indices:
        stream = np.random.Philox(np.random.SeedSequence(self._entropy))
        self._generator = np.random.Generator(stream)
        self._dealt = self._generator.permutation(len(self._blocks) - 1)
        self._number = -1
        return self._dealt
