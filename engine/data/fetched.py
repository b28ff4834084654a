"""What a folder was fetched from: its data set, its licence."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from engine.atomic import write_atomically

_ABOUT: Final = "about.json"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A data set of the hub, or a subset of it."""

    name: str
    subset: str
    licence: str = ""
    """As its card says; empty where it says none."""

    revision: str = ""


def note_fetched(folder: Path, about: Fetched) -> None:
    """Keep beside the files what they are.

    Raises:
        ProjectError: There is no room or no permission.
    """
    write_atomically(folder / _ABOUT, msgspec.json.encode(about))


def fetched_from(folder: Path) -> Fetched | None:
    """Return what a folder was fetched from; None where it was not."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((folder / _ABOUT).read_bytes(), type=Fetched)
    return None
