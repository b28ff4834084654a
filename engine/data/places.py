"""Where the pictures of records lie: in files, in stretches of files, or in memory."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, overload

import numpy as np
import numpy.typing as npt

from engine.data.listing import Entry

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture lies: a file, or a stretch of one."""

    file: Path
    name: str
    first: int = 0
    size: int | None = None
    content: bytes | None = None

    @property
    def named(self) -> Path:
        """What a person finds it by."""
        is_file = self.size is None and self.content is None
        return self.file if is_file else self.file / self.name

    def open(self) -> Path | BinaryIO:
        """Return what the picture can be read from.

        Raises:
            OSError: There is none.
        """
        if self.content == b"":
            raise OSError("There is no picture")
        if self.content is not None:
            return io.BytesIO(self.content)
        if self.size is None:
            return self.file
        with self.file.open("rb") as stream:
            stream.seek(self.first)
            return io.BytesIO(stream.read(self.size))


class Places(Sequence[Place]):
    """Where the pictures of records lie, in order."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | Sequence[Place]:
        """Return one place, or some."""
        return self._places[wanted]

    def chosen(self, rows: Indices) -> "Places":
        """Return the places of some records, in their order."""
        return Places([self._places[row] for row in rows.tolist()])

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the pictures lie in."""
        return tuple(sorted({place.file for place in self._places}))

    @property
    def amounts(self) -> tuple[int, int]:
        """How many files there are, and how many bytes those have that are there."""
        files = self.files
        return len(files), sum(file.stat().st_size for file in files if file.is_file())

    @property
    def digest(self) -> str:
        """What changes when the places do."""
        words = "\n".join(f"{place.named}:{place.first}" for place in self._places)
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()

    @property
    def held_bytes(self) -> int:
        """How many bytes of them are held in memory."""
        return sum(len(place.content or b"") for place in self._places)

    def blocks(self) -> Indices | None:
        """Return the first picture of each block that is best read as a whole; None for one."""
        return None


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the file of each sample lies."""

    places: Sequence[Place]
    kept: Indices
    """The place of each sample among them."""

    def of(self, sample: int) -> Place:
        """Return where a sample comes from."""
        return self.places[int(self.kept[sample])]


class Numbered(Sequence[Entry]):
    """The files of places as files are told, each with its number."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Entry]: ...
    def __getitem__(self, wanted: int | slice) -> Entry | Sequence[Entry]:
        """Return one file, or some."""
        if isinstance(wanted, slice):
            return [self[place] for place in range(*wanted.indices(len(self)))]
        return Entry(self._places[wanted].named, str(wanted))


@dataclass(frozen=True, slots=True)
class Records:
    """Pictures or recordings, and the values of each by column."""

    places: Places
    columns: Mapping[str, Array]
    masks: Places | None = None
    """The masks of pictures, where they have some."""
