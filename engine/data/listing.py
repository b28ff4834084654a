"""The files of a folder as a list that stays small: a million take about 100 MB on disk.

The list of a large folder is kept in the cache and mapped from there. It is made anew when one of
its folders changes; a file that is overwritten in place is noticed in smaller folders alone.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, overload

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.cache import cache_root, kept_anew, mapped
from engine.data.progress import tell
from engine.data.scanning import NO_PART, files_in, folders_below, scan

Array = npt.NDArray[Any]

KEPT_FROM: Final = 50_000
"""A list of fewer files is made each time: that is fast, and sees every change."""

_EVERY: Final = 1024


class Entry(msgspec.Struct, frozen=True):
    """A file of a folder, and the class that its place says."""

    path: Path
    label: str
    part: int | None = None
    """From a folder called ``train``, ``val`` or ``test`` above the classes."""


@dataclass(frozen=True, slots=True)
class Listing(Sequence[Entry]):
    """Files in order, as arrays; an entry is made when it is asked for."""

    root: Path
    names: tuple[str, ...]
    """The classes."""

    paths: Array
    """Below the root, as the file system writes them: bytes of one width."""

    codes: Array
    """The class of each."""

    parts: Array
    """The part of each; -1 where its place does not say one."""

    size_bytes: int
    digest: str = ""
    """Changes when the list does; empty for one that is made each time."""

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...
    @overload
    def __getitem__(self, wanted: slice) -> "Listing": ...
    def __getitem__(self, wanted: int | slice) -> "Entry | Listing":
        """Return one entry, or some as a list."""
        if isinstance(wanted, slice):
            return self.chosen(np.arange(len(self))[wanted])
        part = int(self.parts[wanted])
        return Entry(
            self.root / os.fsdecode(bytes(self.paths[wanted])),
            self.names[self.codes[wanted]],
            None if part == NO_PART else part,
        )

    def chosen(self, places: Array) -> "Listing":
        """Return the entries at some places, in their order."""
        return Listing(
            self.root,
            self.names,
            self.paths[places],
            self.codes[places],
            self.parts[places],
            self.size_bytes,
            self.digest,
        )

    def labels(self) -> Array:
        """Return the class of each by name; the names are shared."""
        return np.array(self.names, object)[self.codes]

    def classes(self) -> tuple[tuple[str, int], ...]:
        """Return each class with its files, in order; none where no place says one."""
        if not any(self.names):
            return ()
        amounts = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return tuple(sorted(zip(self.names, amounts, strict=True)))


def list_files(folder: Path, suffixes: Sequence[str]) -> Listing:
    """List the files of a folder in order; hidden files and links to folders are passed over.

    Raises:
        OSError: A folder cannot be read, or the list cannot be kept.
    """
    place = _place(folder, suffixes)
    if is_as_kept(place):
        return _kept(folder, place)
    found = scan(folder, suffixes)
    paths, codes, parts = found.ordered()
    if len(paths) < KEPT_FROM:
        return Listing(folder, tuple(found.names), paths, codes, parts, found.size_bytes)
    inner, times = zip(*found.folders, strict=True)
    folders = {"folders": np.array(inner, "S"), "times": np.array(times, np.int64)}
    facts = {"names": list(found.names), "size_bytes": found.size_bytes}
    kept_anew(place, {"paths": paths, "codes": codes, "parts": parts, **folders}, facts)
    return _kept(folder, place)


def list_first(
    folder: Path, suffixes: Sequence[str], *, most: int, most_each: int
) -> Listing | None:
    """List the first files of a folder, and of each folder in it; None where these are all.

    Raises:
        OSError: A folder cannot be read.
    """
    found = scan(folder, suffixes, most=most, most_each=most_each)
    if not found.is_cut:
        return None
    return Listing(folder, tuple(found.names), *found.ordered(), found.size_bytes)


def listed(entries: Sequence[Entry]) -> Listing:
    """Return entries that are known already as a list."""
    names = {entry.label: None for entry in entries}
    numbers = {name: number for number, name in enumerate(names)}
    return Listing(
        Path(),
        tuple(names),
        np.array([os.fsencode(entry.path) for entry in entries], "S"),
        np.array([numbers[entry.label] for entry in entries], np.int32),
        np.full(len(entries), NO_PART, np.int8),
        0,
    )


def stamp_of(folder: Path, suffixes: Sequence[str]) -> tuple[int, int]:
    """Return what changes when a file does: how many there are, and when the last was written.

    Of a folder whose list is kept, only the times of the folders in it are looked at.

    Raises:
        OSError: A folder cannot be read.
    """
    place = _place(folder, suffixes)
    if is_as_kept(place):
        return len(mapped(place / "paths.npy")), int(mapped(place / "times.npy").max())
    count, newest = 1, 0
    for inner in folders_below(folder):
        newest = max(newest, inner.stat().st_mtime_ns)
        for entry in files_in(inner):
            count, newest = count + 1, max(newest, entry.stat(follow_symlinks=False).st_mtime_ns)
            if count % _EVERY == 0:
                tell(count)
    return count, newest


def is_as_kept(place: Path) -> bool:
    """Say whether a list is kept here, and no folder of it has changed since."""
    try:
        paths, times = mapped(place / "folders.npy"), mapped(place / "times.npy").tolist()
        return all(
            Path(os.fsdecode(bytes(path))).stat().st_mtime_ns == time
            for path, time in zip(paths, times, strict=True)
        )
    except OSError:
        return False


def _place(folder: Path, suffixes: Sequence[str]) -> Path:
    words = "\n".join([str(folder.absolute()), *suffixes])
    return cache_root() / f"list-{hashlib.sha256(os.fsencode(words)).hexdigest()[:24]}"


def _kept(folder: Path, place: Path) -> Listing:
    facts = msgspec.json.decode((place / "facts.json").read_bytes())
    digest = hashlib.sha256()
    for name in ("folders", "times"):
        digest.update(mapped(place / f"{name}.npy").tobytes())
    paths, codes, parts = (mapped(place / f"{name}.npy") for name in ("paths", "codes", "parts"))
    names = tuple(facts["names"])
    return Listing(folder, names, paths, codes, parts, facts["size_bytes"], digest.hexdigest()[:24])
