"""Going through a folder file by file; a few thousand names at a time are objects of Python."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.progress import tell

Array = npt.NDArray[Any]

NO_PART: Final = -1
_PARTS: Final = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2}
_AT_ONCE: Final = 1 << 14


@dataclass(slots=True)
class Scanned:
    """What was found below a folder."""

    names: dict[str, int] = field(default_factory=dict)
    """The classes, and the number of each."""

    folders: list[tuple[bytes, int]] = field(default_factory=list)
    """All folders, and when each had been changed last before it was looked at."""

    count: int = 0
    size_bytes: int = 0
    is_cut: bool = False
    """Whether there are more."""

    _chunks: list[tuple[Array, Array, Array]] = field(default_factory=list)

    def add(self, paths: Sequence[bytes], label: str, part: int) -> None:
        """Take some files of one folder, by their paths below the first."""
        if not paths:
            return
        code = self.names.setdefault(label, len(self.names))
        codes, parts = np.full(len(paths), code, np.int32), np.full(len(paths), part, np.int8)
        self._chunks.append((np.array(paths, "S"), codes, parts))
        self.count += len(paths)
        tell(self.count)

    def ordered(self) -> tuple[Array, Array, Array]:
        """Return paths, classes and parts in the order of the paths."""
        if not self._chunks:
            return np.empty(0, "S1"), np.empty(0, np.int32), np.empty(0, np.int8)
        paths, codes, parts = (np.concatenate(one) for one in zip(*self._chunks, strict=True))
        order = np.argsort(paths, kind="stable")
        return paths[order], codes[order], parts[order]


def scan(
    folder: Path, suffixes: Sequence[str], *, most: int | None = None, most_each: int | None = None
) -> Scanned:
    """Find the files of these kinds below a folder; hidden ones are passed over.

    Args:
        most: So many are enough.
        most_each: So many of one folder are enough.

    Raises:
        OSError: A folder cannot be read.
    """
    found, endings = Scanned(), tuple(suffixes)
    for place in folders_below(folder):
        if most is not None and found.count >= most:
            found.is_cut = True
            break
        before = found.count
        found.folders.append((os.fsencode(place), place.stat().st_mtime_ns))
        steps = place.relative_to(folder).parts
        label, part = _place_says(steps)
        inside = b"".join(os.fsencode(step + os.sep) for step in steps)
        paths: list[bytes] = []
        for entry in files_in(place):
            if entry.name.startswith(".") or not entry.name.lower().endswith(endings):
                continue
            if most_each is not None and found.count - before + len(paths) >= most_each:
                found.is_cut = True
                break
            paths.append(inside + os.fsencode(entry.name))
            found.size_bytes += entry.stat(follow_symlinks=False).st_size
            if len(paths) == _AT_ONCE:
                found.add(paths, label, part)
                paths = []
        found.add(paths, label, part)
    return found


def folders_below(folder: Path) -> Iterator[Path]:
    """Yield a folder and all those in it; links may lead round in a circle and are not followed.

    Raises:
        OSError: One cannot be read.
    """
    left = [folder]
    while left:
        place = left.pop()
        yield place
        with os.scandir(place) as entries:
            left += [Path(one.path) for one in entries if one.is_dir(follow_symlinks=False)]


def files_in(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Yield the files of one folder.

    Raises:
        OSError: It cannot be read.
    """
    with os.scandir(folder) as entries:
        yield from (entry for entry in entries if not entry.is_dir())


def _place_says(steps: Sequence[str]) -> tuple[str, int]:
    """Return the class and the part that the folders above a file name."""
    part = _PARTS.get(steps[0].casefold(), NO_PART) if len(steps) > 1 else NO_PART
    inner = steps[1:] if part != NO_PART else steps
    return inner[0] if inner else "", part
