"""The moments of a run that can be gone back to: which there are, and where they lie.

Each is a whole checkpoint in a folder named for its step. Which of them are kept while a run
trains is the recorder's affair; nothing in here imports torch.
"""

from pathlib import Path
from typing import Final

import msgspec

from engine.atomic import write_atomically

_LIST: Final = "moments.json"
_STATE: Final = "state.json"


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded moment of a run."""

    step: int
    epoch: float
    """Epochs done, with the fraction of the current one."""

    size_bytes: int = 0
    """Of its files."""


def moments_folder(run: Path) -> Path:
    """Return where the moments of a run lie; it may not be there yet."""
    return run / "moments"


def moment_folder(run: Path, step: int) -> Path:
    """Return where one moment lies."""
    return moments_folder(run) / f"{step:010d}"


def list_moments(run: Path) -> tuple[Moment, ...]:
    """Return the moments that can be gone back to, oldest first; none where none can be read."""
    try:
        content = (moments_folder(run) / _LIST).read_bytes()
        found = msgspec.json.decode(content, type=tuple[Moment, ...])
    except (OSError, msgspec.DecodeError):
        return ()
    # A kill may have come between the list and a folder.
    whole = [m for m in found if (moment_folder(run, m.step) / _STATE).is_file()]
    return tuple(sorted(whole, key=lambda moment: moment.step))


def write_list(run: Path, moments: tuple[Moment, ...]) -> None:
    """Write which moments there are.

    Raises:
        LoomError: The folder cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode(moments), indent=1)
    write_atomically(moments_folder(run) / _LIST, content)
