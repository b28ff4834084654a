"""Files that a table names, found among the files around it; a million take about 100 MB."""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from engine.data.kinds import PICTURES
from engine.data.listing import Listing, list_files
from engine.data.places import Place, Places
from engine.data.progress import tell

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

NOWHERE: Final = -1
"""The place of what is not there."""

_AT_ONCE = 1 << 14
_SEPARATOR = os.fsencode(os.sep)


class NamedFiles(Places):
    """Files as a table names them; a place is made when it is asked for."""

    def __init__(self, folder: Path, listing: Listing, paths: Array) -> None:
        self._folder = folder
        self._listing = listing
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | Sequence[Place]:
        """Return one place, or some."""
        if isinstance(wanted, slice):
            return self.chosen(np.arange(len(self))[wanted])
        path = os.fsdecode(bytes(self._paths[wanted]))
        return Place(self._folder / path, path)

    def chosen(self, rows: Indices) -> "NamedFiles":
        """Return the places of some records, in their order."""
        return NamedFiles(self._folder, self._listing, self._paths[rows])

    @property
    def files(self) -> tuple[Path, ...]:
        """The files; none where there are so many that their list stands for them."""
        if self._listing.digest:
            return ()
        return tuple(self._folder / os.fsdecode(bytes(path)) for path in np.unique(self._paths))

    @property
    def amounts(self) -> tuple[int, int]:
        """How many files there are, and how many bytes they have together."""
        if self._listing.digest:
            return len(np.unique(self._paths)), self._listing.size_bytes
        return super().amounts

    @property
    def held_bytes(self) -> int:
        """None: all lie in files."""
        return 0

    @property
    def digest(self) -> str:
        """What changes when the places do, or one of very many files."""
        digest = hashlib.sha256(self._listing.digest.encode())
        digest.update(f"{self._folder}\n{self._paths.dtype}".encode("utf-8", "replace"))
        digest.update(np.ascontiguousarray(self._paths).tobytes())
        return digest.hexdigest()


class Finder:
    """Finds the files that a table names, below the folder where it lies."""

    def __init__(self, folder: Path, suffixes: Sequence[str] = PICTURES) -> None:
        self._folder = folder
        self._listing = list_files(folder, suffixes)

    def places(self, names: Sequence[object]) -> NamedFiles:
        """Return where files lie: by their path, else by the one file of their name.

        Tables are written on other machines: what is before the name need not be there.
        """
        found = []
        for first in range(0, len(names), _AT_ONCE):
            tell(first, len(names))
            found.append(self._found(names[first : first + _AT_ONCE]))
        paths = np.concatenate(found) if found else np.empty(0, "S1")
        return NamedFiles(self._folder, self._listing, paths)

    def known(self, names: Sequence[str]) -> int:
        """Return how many of these names are files that are there."""
        places = self.places([name for name in names if name.strip()])
        return sum(place.file.is_file() for place in places)

    def _found(self, names: Sequence[object]) -> Array:
        texts = [str(name or "").strip().replace("\\", "/") for name in names]
        texts = [text.removeprefix("./").replace("/", os.sep) for text in texts]
        written = np.array([os.fsencode(text) for text in texts], "S")
        paths = written.astype(f"S{max(written.itemsize, self._listing.paths.itemsize, 1)}")
        elsewhere = np.flatnonzero(places_in(self._listing.paths, written) == NOWHERE)
        for row in elsewhere.tolist():
            if not (texts[row] and (self._folder / texts[row]).is_file()):
                alone = self._alone(os.fsencode(Path(texts[row]).name))
                if alone != NOWHERE:
                    paths[row] = self._listing.paths[alone]
        return paths

    def _alone(self, name: bytes) -> int:
        """Return the place of the one file of a name, with its ending or without."""
        for names, order in (self._by_name, self._by_stem):
            first = int(np.searchsorted(names, name))
            if name and first < len(names) and names[first] == name:
                is_one = first + 1 == len(names) or names[first + 1] != name
                return int(order[first]) if is_one else NOWHERE
        return NOWHERE

    @cached_property
    def _by_name(self) -> tuple[Array, Indices]:
        return in_order(names_of(self._listing.paths))

    @cached_property
    def _by_stem(self) -> tuple[Array, Indices]:
        return in_order(without_endings(names_of(self._listing.paths)))


def places_in(known: Array, wanted: Array) -> Indices:
    """Return where values stand in a sorted array; ``NOWHERE`` for those that do not."""
    if not len(known):
        return np.full(len(wanted), NOWHERE)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[places] == wanted, places, NOWHERE)


def in_order(names: Array) -> tuple[Array, Indices]:
    """Return values sorted, and where each stood."""
    order = np.argsort(names, kind="stable")
    return names[order], order


def names_of(paths: Array) -> Array:
    """Return the names of files without the folders that they lie in."""
    return _each(paths, lambda path: path.rpartition(_SEPARATOR)[2])


def without_endings(paths: Array) -> Array:
    """Return paths without what says the kind of a file."""
    return _each(paths, lambda path: path.rpartition(b".")[0])


def _each(paths: Array, change: Callable[[bytes], bytes]) -> Array:
    parts = [np.empty(0, "S1")]
    for first in range(0, len(paths), _AT_ONCE):
        some = paths[first : first + _AT_ONCE].tolist()
        parts.append(np.array([change(path) for path in some], "S"))
    return np.concatenate(parts)
