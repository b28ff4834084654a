"""Pictures that lie in large files, one behind the other: where each begins, and how long it is.

What is kept of a million records takes some tens of megabytes, in the cache.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from engine.data.cache import cached, mapped
from engine.data.places import Place, Places, Records
from engine.data.tables import column_values

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

BLOCK_PICTURES: Final = 1024
"""Pictures that are read together, of one file."""

KEPT_FROM_BYTES: Final = 256 << 20
"""Smaller files are looked through each time."""

NAMES: Final = ("names", "shards", "firsts", "sizes")


@dataclass(frozen=True, slots=True)
class Some:
    """What was found in a part of a file."""

    file: Path
    names: Sequence[bytes]
    firsts: Sequence[int]
    sizes: Sequence[int]
    values: Any
    """A frame with a row for each picture."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """All pictures: their names, the numbers of their files, where they begin, their lengths."""

    names: Array
    shards: Array
    firsts: Array
    sizes: Array


def are_large(files: Sequence[Path]) -> bool:
    """Say whether files are looked through once, and what was found is kept."""
    return sum(file.stat().st_size for file in files) >= KEPT_FROM_BYTES


def kept_records(
    files: Sequence[Path], settings: str, look: Callable[[], Iterable[Some]]
) -> Records:
    """Return the records of files: of large ones as they are kept in the cache.

    Args:
        settings: What else decides the outcome.
        look: Goes through the files.

    Raises:
        DataError: There is no room to keep them.
    """
    if not are_large(files):
        return records_of(files, look())

    def write(folder: Path) -> Mapping[str, Any]:
        arrays, values = _joined(files, look())
        for name in NAMES:
            np.save(folder / f"{name}.npy", getattr(arrays, name))
        values.write_parquet(folder / "values.parquet")
        return {}

    folder, _ = cached(files, f"records\n{settings}", write)
    return _records(files, *_kept(folder))


def records_of(files: Sequence[Path], parts: Iterable[Some]) -> Records:
    """Put together what was found in some files."""
    return _records(files, *_joined(files, parts))


def _joined(files: Sequence[Path], parts: Iterable[Some]) -> tuple[Arrays, Any]:
    import polars

    numbers = {file: number for number, file in enumerate(files)}
    chunks, frames = [], [polars.DataFrame()]
    for some in parts:
        shards = np.full(len(some.names), numbers[some.file], np.int32)
        names = np.array(some.names, "S") if some.names else np.empty(0, "S1")
        chunks.append((names, shards, np.array(some.firsts, "i8"), np.array(some.sizes, "i8")))
        frames.append(some.values)
    arrays = Arrays(*(np.concatenate(part) for part in zip(*chunks, strict=True)))
    return arrays, polars.concat(frames, how="diagonal_relaxed")


def _kept(folder: Path) -> tuple[Arrays, Any]:
    import polars

    arrays = {name: mapped(folder / f"{name}.npy") for name in NAMES}
    return Arrays(**arrays), polars.read_parquet(folder / "values.parquet")


def _records(files: Sequence[Path], found: Arrays, values: Any) -> Records:
    columns = {name: shared(column_values(values[name])) for name in values.columns}
    return Records(Stretches(files, found), columns)


def shared(values: Array) -> Array:
    """Let equal texts of a column be one object: of a class there may be a million."""
    if values.dtype != object:
        return values
    known: dict[Any, Any] = {}
    return np.array([known.setdefault(value, value) for value in values], object)


class Stretches(Places):
    """Pictures in stretches of files, as arrays; a place is made when it is asked for."""

    def __init__(self, files: Sequence[Path], found: Arrays) -> None:
        self._files = tuple(files)
        self._found = found

    def __len__(self) -> int:
        return len(self._found.names)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | Sequence[Place]:
        """Return one place, or some."""
        if isinstance(wanted, slice):
            return self.chosen(np.arange(len(self))[wanted])
        found = self._found
        return Place(
            self._files[found.shards[wanted]],
            bytes(found.names[wanted]).decode("utf-8", "surrogateescape"),
            int(found.firsts[wanted]),
            int(found.sizes[wanted]),
        )

    def chosen(self, rows: Indices) -> "Stretches":
        """Return the places of some records, in their order."""
        arrays = {name: getattr(self._found, name)[rows] for name in NAMES}
        return Stretches(self._files, Arrays(**arrays))

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that they lie in."""
        return self._files

    @property
    def held_bytes(self) -> int:
        """None: all lie in files."""
        return 0

    @property
    def digest(self) -> str:
        """What changes when the places do."""
        digest = hashlib.sha256()
        for name in NAMES:
            digest.update(np.ascontiguousarray(getattr(self._found, name)).tobytes())
        return digest.hexdigest()

    def blocks(self) -> Indices:
        """Return the first picture of each block, and how many there are; no block is of two."""
        bounds = np.flatnonzero(np.diff(self._found.shards)) + 1
        bounds = np.concatenate([[0], bounds, [len(self)]])
        starts = [
            np.arange(first, end, BLOCK_PICTURES) for first, end in itertools.pairwise(bounds)
        ]
        return np.concatenate([*starts, [len(self)]]).astype(np.int64)
