"""Recovery: the drawing is kept beside the person's own files, and offered after a crash.

Each open project has one file in the recovery folder, written within two seconds of an edit and
removed when the project is saved or closed. What is found there at the start belongs to a window
that did not get to close.
"""

import contextlib
import json
import os
import secrets
from pathlib import Path

import msgspec
import psutil

from engine.atomic import why_unwritten, write_atomically
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.errors import LoomError, ProjectError


class Recovered(msgspec.Struct, frozen=True):
    """A drawing from a window that did not get to close."""

    project: Project
    original: Path | None
    """The file it was opened from, if it had one."""

    file: Path


class Autosave:
    """The recovery file of one open project."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.recovery"

    def keep(self, project: Project, original: Path | None) -> None:
        """Write the drawing as it is now.

        Raises:
            ProjectError: There is no room for it, or no permission.
        """
        _make(self._file.parent)
        head = json.dumps({"original": str(original) if original else None, "pid": os.getpid()})
        write_atomically(self._file, f"{head}\n{to_text(project)}".encode("utf-8", "replace"))

    def discard(self) -> None:
        """Forget the drawing: it is in the person's own file now."""
        with contextlib.suppress(OSError):
            self._file.unlink()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            "No copy of the drawing is kept",
            why=why_unwritten(error, folder),
            where=str(folder),
            hint="Save the project where you can write.",
        ) from error


def find_lost(folder: Path) -> list[Recovered]:
    """Return the drawings whose window is no longer there, newest first.

    Files that cannot be read are left alone.
    """
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.recovery"), key=_written, reverse=True)
    found = (_recover(file) for file in files)
    return [recovered for recovered in found if recovered is not None]


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # another window removed it meanwhile
        return 0.0


def _recover(file: Path) -> Recovered | None:
    try:
        head, _, text = file.read_text(encoding="utf-8").partition("\n")
        owner = json.loads(head)
        if _still_open(owner["pid"], file):
            return None
        original = Path(owner["original"]) if owner["original"] else None
        return Recovered(from_text(text, str(file)).project, original, file)
    except (OSError, ValueError, LookupError, TypeError, RecursionError, LoomError):
        return None


def _still_open(pid: object, file: Path) -> bool:
    """Say whether the window that wrote a file lives; process numbers are used again."""
    with contextlib.suppress(psutil.Error, OverflowError):
        if not isinstance(pid, int) or not psutil.pid_exists(pid):
            return False
        return bool(psutil.Process(pid).create_time() <= file.stat().st_mtime)
    return False
