"""Project files on disk: read whole, written whole or not at all."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from engine.project.codec import LARGEST_TEXT, Opened, from_text, to_text
from engine.project.pictures import SIGNATURE, project_text
from engine.project.project import Project
from nodes.errors import ProjectError

SUFFIX = ".loom"


def load(path: Path) -> Opened:
    """Read a project file, or the project that a picture of Layerloom's carries.

    Raises:
        ProjectError: The file is not there, cannot be read, or is not a project.
    """
    try:
        content = _read(path)
        if content.startswith(SIGNATURE):
            return from_text(project_text(content, str(path)), str(path))
        # Some editors begin a text with a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError(
            "This is not a Layerloom project",
            why=f"Byte {error.start} is not text.",
            where=str(path),
            hint="Choose a .loom file that Layerloom saved.",
        ) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    return from_text(text, str(path))


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        # A pipe or a device might never end.
        raise OSError(None, "It is no ordinary file")
    with path.open("rb") as file:
        return file.read(4 * LARGEST_TEXT)


def save(path: Path, project: Project) -> None:
    """Write a project file; whoever reads it meanwhile sees the old one or the new one.

    Raises:
        ProjectError: The file cannot be written; what was there before is still there.
    """
    # Half a character, as some keyboards give it, has no place in a file.
    write_atomically(path, to_text(project).encode("utf-8", "replace"))


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


def _unreadable(path: Path, error: OSError) -> ProjectError:
    if isinstance(error, FileNotFoundError):
        return ProjectError(
            "There is no such project",
            why="The file does not exist.",
            where=str(path),
            hint="Check the name, or list the built-in projects with “layerloom templates”.",
        )
    return ProjectError(
        "The project file cannot be read",
        why=f"{error.strerror or error}.",
        where=str(path),
        hint="Choose another file, or change its permissions.",
    )
