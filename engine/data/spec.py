"""The contract of a data set: its fields, how many samples, and arrays on request."""

from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from nodes.io import DataField


class DataSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a data set without reading its samples."""

    name: str
    """The key that a project names it by."""

    title: str
    summary: str
    fields: tuple[DataField, ...]
    samples: int
    class_names: dict[str, tuple[str, ...]] = {}
    """The names of the classes, by field."""

    notice: str = ""
    """Where it comes from and its licence, in one line."""


class DataSet(Protocol):
    """A data set that can be read."""

    @property
    def spec(self) -> DataSpec:
        """What it holds."""

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        """Return the values of one field for the given samples, in their order.

        Images come as uint8 (samples, channels, height, width); the loader scales them to 0..1.
        """


class Split(msgspec.Struct, frozen=True):
    """Which samples train, which validate, which test; ascending and disjoint."""

    training: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


def split(samples: int, *, validation: float, test: float, seed: int) -> Split:
    """Deal the samples out at random, the same way for the same seed.

    Args:
        validation: The share held out to validate, from 0 to 1.
        test: The share held out to test, from 0 to 1.
    """
    order = np.random.Generator(np.random.Philox(seed)).permutation(samples)
    for_test = round(samples * test)
    for_validation = min(round(samples * validation), samples - for_test)
    ends = np.split(order, [for_test, for_test + for_validation])
    return Split(np.sort(ends[2]), np.sort(ends[1]), np.sort(ends[0]))
