"""Writing a file whole or not at all."""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from nodes.errors import ProjectError

# Of the operating system, and of SQLite.
_NO_ROOM: Final = ("No space left on device", "disk is full", os.strerror(errno.ENOSPC))


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, rename.

    Raises:
        ProjectError: There is no room or no permission; the old file is untouched.
    """
    name = ""
    path = Path(os.path.realpath(path))
    try:
        prefix = f".{path.name[:40]}."
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(path, name)
        Path(name).replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise ProjectError(
            "The file could not be written",
            why=why_unwritten(error, path.parent),
            where=str(path),
            hint="Choose another folder, or free some space. What was saved before is untouched.",
        ) from error


def why_unwritten(error: Exception, folder: Path) -> str:
    """Say in a sentence what kept a file from being written: how much room is left, or as told."""
    if is_no_room(error):
        free = 0.0
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(folder).free / 1e6
        return f"There is no room for it: {free:.1f}\u202fMB are free in {folder}."
    told = error.strerror if isinstance(error, OSError) else None
    return f"{told or error}".rstrip(".") + "."


def is_no_room(error: BaseException | None) -> bool:
    """Say whether the disk is full, as whatever was to be written tells it."""
    return any(sign in str(error) for sign in _NO_ROOM)


def _keep_mode(path: Path, name: str) -> None:
    # mkstemp makes files that only their owner can read.
    umask = os.umask(0)
    os.umask(umask)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask
    Path(name).chmod(mode)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    # Some file systems cannot flush folders; the file itself is written.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
