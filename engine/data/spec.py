"""The contract of a data set: its fields, how many samples, and arrays on request."""

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeAlias, overload

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.cache import let_go
from engine.data.places import Origins
from engine.data.preparation import Preparation
from engine.data.row_sets import Rows
from nodes.errors import DataError
from nodes.io import DataField, SplitBy

_LARGE_BYTES: Final = 256 << 20
"""Of a mapped array nothing is held from there on: around a value a megabyte may be mapped."""


class SamplesLostError(DataError):
    """Some samples could be read before and cannot be read now: their file is gone or changed.

    Args:
        lost: Which of the samples that were asked for.
    """

    def __init__(self, error: DataError, lost: npt.NDArray[np.bool_]) -> None:
        super().__init__(error.title, why=error.why, where=error.where, hint=error.hint)
        self.lost = lost


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

    split_by: SplitBy = "random"
    """The way to split it that tells the truth about new samples."""

    preparations: dict[str, Preparation] = {}
    """What was done to the values of each field; known once the data set is open."""

    notes: tuple[str, ...] = ()
    """What a person should know of the reading: files left out, values filled in."""

    stop_when_lost: bool = False
    """Training holds where samples vanish meanwhile; else others stand in for them."""


class Decoding(Protocol):
    """The values of a field that are decoded when they are asked for."""

    @property
    def is_complete(self) -> bool:
        """Whether all are decoded."""

    def __getitem__(self, indices: npt.NDArray[np.int64], /) -> npt.NDArray[Any]: ...


Values: TypeAlias = npt.NDArray[Any] | Decoding


class RawColumn(Protocol):
    """The values of a column as the files hold them: an array, or read as they are looked at."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, wanted: int, /) -> Any: ...
    @overload
    def __getitem__(self, wanted: slice, /) -> npt.NDArray[Any]: ...


class DataSet(Protocol):
    """A data set that can be read."""

    @property
    def spec(self) -> DataSpec:
        """What it holds."""

    @property
    def sides(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """What splits need beside the fields, a value for each sample.

        ``group``: what belongs together. ``part``: 0 to train, 1 to validate, 2 to test.
        """

    @property
    def columns(self) -> Mapping[str, RawColumn]:
        """The values as the files hold them, one for each sample; none where they are no table."""

    @property
    def origins(self) -> Mapping[str, Origins]:
        """Where the files lie that the values of a field were decoded from, by field."""

    @property
    def blocks(self) -> npt.NDArray[np.int64]:
        """The first sample of each block that is best read as a whole, and the number of samples.

        One block where every sample is reached as fast as any other.
        """

    @property
    def is_ready(self) -> bool:
        """Whether samples can be read without decoding files first."""

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        """Return the values of one field for the given samples, in their order.

        Images come as uint8 (samples, channels, height, width); the loader scales them to 0..1.

        Raises:
            SamplesLostError: Some of them are on disk no more.
        """


def inputs_of(data_set: DataSet) -> tuple[DataField, ...]:
    """Return the fields that a model reads: all but the answer, which is the last."""
    fields = data_set.spec.fields
    return fields[:-1] if len(fields) > 1 else fields


class Unfitted(Protocol):
    """What a source holds before the constants of its preparation are known."""

    @property
    def samples(self) -> int:
        """How many there are."""

    @property
    def sides(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Groups and given parts."""

    def fitted(self, spec: DataSpec, training: Rows) -> DataSet:
        """Prepare every field with constants of the training samples."""


class ArrayDataSet:
    """A data set of one array for each field: in memory, mapped from a file, or decoded by need."""

    def __init__(
        self,
        spec: DataSpec,
        arrays: Mapping[str, Values],
        sides: Mapping[str, npt.NDArray[np.generic]] | None = None,
        columns: Mapping[str, npt.NDArray[np.generic]] | None = None,
        blocks: npt.NDArray[np.int64] | None = None,
        origins: Mapping[str, Origins] | None = None,
    ) -> None:
        self._spec = spec
        self._arrays = arrays
        self._sides = sides or {}
        self._columns = columns or {}
        self._origins = origins or {}
        self._blocks = np.array([0, spec.samples]) if blocks is None else blocks

    @property
    def spec(self) -> DataSpec:
        """What it holds."""
        return self._spec

    @property
    def sides(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Groups and given parts, where there are any."""
        return self._sides

    @property
    def columns(self) -> Mapping[str, RawColumn]:
        """The values as the files hold them."""
        return self._columns

    @property
    def origins(self) -> Mapping[str, Origins]:
        """Where the files lie, of fields that were decoded from some."""
        return self._origins

    @property
    def blocks(self) -> npt.NDArray[np.int64]:
        """One block, unless told: any sample is reached as fast as any other."""
        return self._blocks

    @property
    def is_ready(self) -> bool:
        """Whether no sample has to be decoded any more."""
        return all(isinstance(one, np.ndarray) or one.is_complete for one in self._arrays.values())

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        """Return the values of one field for the given samples, in their order.

        Raises:
            SamplesLostError: Some of them cannot be read.
        """
        array = self._arrays[field]
        values = array[indices]
        if isinstance(array, np.ndarray) and array.nbytes > _LARGE_BYTES:
            let_go(array)
        return values
