"""Decoded samples on disk: pictures and sounds are decoded once, then mapped into memory."""

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from nodes.errors import DataError

Array = npt.NDArray[Any]
Writer = Callable[[Path], Mapping[str, Any]]

_VERSION = 1
_KEPT = 12
"""Data sets in the cache; the one not used for longest makes room."""


def cached(files: Sequence[Path], settings: str, write: Writer) -> tuple[Path, dict[str, Any]]:
    """Return the folder of what ``write`` decoded, now or before, and the facts it returned.

    Args:
        files: What is decoded; a change of name, size or time decodes anew.
        settings: What else decides the outcome.

    Raises:
        DataError: There is no room for it.
    """
    root = cache_root()
    folder = root / _key(files, settings)
    facts = folder / "facts.json"
    try:
        if not facts.is_file():
            _make(folder, write)
        os.utime(folder)
        _make_room(root, folder)
        return folder, json.loads(facts.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            "The decoded samples cannot be kept",
            why=f"{error.strerror or error}.",
            where=str(root),
            hint="Free some space, or let LAYERLOOM_CACHE name another folder.",
        ) from error


def cache_root() -> Path:
    """Return the folder of all decoded data sets."""
    named = os.environ.get("LAYERLOOM_CACHE")
    return (Path(named) if named else Path(platformdirs.user_cache_dir("layerloom"))) / "data"


def kept_anew(folder: Path, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
    """Keep arrays in a folder of the cache, in the place of those that are there.

    Raises:
        OSError: There is no room for them.
    """

    def write(scratch: Path) -> Mapping[str, Any]:
        for name, array in arrays.items():
            np.save(scratch / f"{name}.npy", array)
        return facts

    shutil.rmtree(folder, ignore_errors=True)
    _make(folder, write)
    _make_room(folder.parent, folder)


def let_go(array: Array) -> None:
    """Give the memory of a mapped array back; what is read again comes from its file."""
    base: Any = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    # Windows does it by itself, once memory is short.
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def mapped(file: Path) -> Array:
    """Map an array into memory, for reading."""
    array: Array = np.load(file, mmap_mode="r", allow_pickle=False)
    return array


def _make(folder: Path, write: Writer) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
    try:
        facts = write(scratch)
        (scratch / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        # Another process may have been faster; its copy is as good.
        with contextlib.suppress(OSError):
            scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make_room(root: Path, used: Path) -> None:
    others = [entry for entry in root.iterdir() if entry.is_dir() and entry != used]
    finished = [entry for entry in others if not entry.name.startswith(".")]
    finished.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in finished[_KEPT - 1 :]:
        shutil.rmtree(entry, ignore_errors=True)


def _key(files: Sequence[Path], settings: str) -> str:
    digest = hashlib.sha256(f"{_VERSION}\n{settings}\n".encode())
    for file in files:
        digest.update(f"{file}\0{_state(file)}\n".encode("utf-8", "replace"))
    return digest.hexdigest()[:24]


def _state(file: Path) -> str:
    """Return the size and the time of a file; empty for one that went since it was listed."""
    try:
        about = file.stat()
    except OSError:
        # Told as one that cannot be read, by whoever reads it.
        return ""
    return f"{about.st_size}\0{about.st_mtime_ns}"
