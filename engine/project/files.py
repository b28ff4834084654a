"""Project files on disk: read whole, written whole or not at all."""

import stat
from pathlib import Path

from engine.atomic import write_atomically
from engine.project.codec import Opened, from_text, to_text
from engine.project.parsing import LARGEST_TEXT
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
    write_atomically(path, to_text(project).encode())


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
