"""Writing a file whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from nodes.errors import ProjectError


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
            why=f"{error.strerror or error}.",
            where=str(path),
            hint="Choose another folder, or free some space. What was saved before is untouched.",
        ) from error


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
