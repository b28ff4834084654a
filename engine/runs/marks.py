"""What a person notes of a run: a star, and a few words. It lies beside the run's own record."""

from pathlib import Path
from typing import Final

import msgspec

from engine.atomic import write_atomically

_FILE: Final = "marks.json"


class RunMarks(msgspec.Struct, frozen=True, kw_only=True):
    """What was noted of one run."""

    note: str = ""
    starred: bool = False


def read_marks(run: Path) -> RunMarks:
    """Return what was noted of a run; nothing where nothing can be read."""
    try:
        return msgspec.json.decode((run / _FILE).read_bytes(), type=RunMarks)
    except (OSError, msgspec.DecodeError):
        return RunMarks()


def write_marks(run: Path, marks: RunMarks) -> None:
    """Note something of a run.

    Raises:
        LoomError: The folder cannot be written.
    """
    write_atomically(run / _FILE, msgspec.json.format(msgspec.json.encode(marks), indent=1))
