"""Dealing samples out: the part of each, told stretch by stretch so that none is listed."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.row_sets import MOST_LISTED, Rows, RowSetWriter

Parts: TypeAlias = npt.NDArray[np.uint8]
"""For each sample 0 where it trains, 1 where it validates, 2 where it tests."""

Dealer: TypeAlias = Callable[[int, int], Parts]
"""Returns the parts of the samples from the first to before the last of a stretch."""

STRETCH: Final = 1 << 25
"""Samples dealt out among each other; of more, each stretch gets its shares by itself."""

_PARTS: Final = 3


def dealt(samples: int, dealer: Dealer) -> tuple[Rows, Rows, Rows]:
    """Return which samples train, validate and test: listed where all are few enough."""
    if samples <= MOST_LISTED:
        parts = dealer(0, samples)
        return (np.flatnonzero(parts == 0), np.flatnonzero(parts == 1), np.flatnonzero(parts == 2))
    writers = [RowSetWriter() for _ in range(_PARTS)]
    for first in range(0, samples, STRETCH):
        parts = dealer(first, min(first + STRETCH, samples))
        for number, writer in enumerate(writers):
            writer.add(parts == number)
    return writers[0].done(), writers[1].done(), writers[2].done()


def amounts(samples: int, *, validation: float, test: float) -> tuple[int, int]:
    """Return how many of the samples test and how many validate."""
    for_test = round(samples * test)
    return for_test, min(round(samples * validation), samples - for_test)


def at_random(samples: int, *, validation: float, test: float, seed: int, first: int = 0) -> Parts:
    """Deal samples out at random, the same way for the same seed.

    Args:
        first: The first sample of the stretch; each stretch has random numbers of its own.
    """
    numbers = np.random.Philox(np.random.SeedSequence([seed, first]) if first else seed)
    # The same order that listing them as int64 gives, in half the memory.
    order = np.arange(samples, dtype=np.uint32)
    np.random.Generator(numbers).shuffle(order)
    for_test, for_validation = amounts(samples, validation=validation, test=test)
    parts = np.zeros(samples, np.uint8)
    parts[order[:for_test]] = 2
    parts[order[for_test : for_test + for_validation]] = 1
    return parts


def in_turn(samples: int, *, validation: float, test: float) -> Dealer:
    """Hold the last samples out."""
    for_test, for_validation = amounts(samples, validation=validation, test=test)
    ends = np.array([samples - for_test - for_validation, samples - for_test])

    def dealer(first: int, last: int) -> Parts:
        parts = np.zeros(last - first, np.uint8)
        for end in (ends - first).clip(0):
            parts[end:] += 1
        return parts

    return dealer


def by_time(times: npt.NDArray[np.generic], *, validation: float, test: float) -> Parts:
    """Hold the latest out; what is of one time stays in the order of the samples."""
    parts = np.empty(len(times), np.uint8)
    dealer = in_turn(len(times), validation=validation, test=test)
    parts[np.argsort(times, kind="stable")] = dealer(0, len(times))
    return parts


def by_stratum(
    labels: npt.NDArray[np.generic], *, validation: float, test: float, seed: int, first: int = 0
) -> Parts:
    """Deal each class out by itself."""
    parts = np.zeros(len(labels), np.uint8)
    for place, label in enumerate(np.unique(labels)):
        members = labels == label
        count = int(np.count_nonzero(members))
        parts[members] = at_random(
            count, validation=validation, test=test, seed=seed + 7919 * place, first=first
        )
    return parts


def by_group(group: npt.NDArray[np.generic], *, validation: float, test: float, seed: int) -> Parts:
    """Deal whole groups out until each part has about its share of the samples."""
    numbers, sizes = _counted(group)
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(sizes))
    reached = np.cumsum(sizes[order]) - sizes[order] / 2
    for_test, for_validation = amounts(len(group), validation=validation, test=test)
    bounds = np.searchsorted(reached, [for_test, for_test + for_validation])
    part_of = np.zeros(len(sizes), np.uint8)
    part_of[order[: bounds[0]]] = 2
    part_of[order[bounds[0] : bounds[1]]] = 1
    return np.asarray(part_of[numbers])


def _counted(
    group: npt.NDArray[Any],
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the number of the group of each sample, and how large the groups are."""
    if len(group) > MOST_LISTED and np.issubdtype(group.dtype, np.integer):
        sizes = np.bincount(group)
        if sizes.all():
            # Numbered already: sorting them all would take several times their memory.
            return group, sizes
    _, numbers, sizes = np.unique(group, return_inverse=True, return_counts=True)
    return numbers, sizes
