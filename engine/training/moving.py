"""A way on for a run whose folder has no room: another folder. Nothing in here imports torch."""

from typing import Final

from engine.atomic import is_no_room
from engine.training.events import HealthAct
from engine.training.messages import Request

ANOTHER_FOLDER: Final = HealthAct(label="Choose another folder", moves=True)
FREE_SPACE: Final = HealthAct(label="Free space…", opens="runs")
"""Shows the runs, to delete some."""


def ways_on(error: Exception) -> tuple[HealthAct, ...]:
    """Return what a person can do about something that could not be written."""
    return (ANOTHER_FOLDER, FREE_SPACE) if is_no_room(error) else (ANOTHER_FOLDER,)


class MoveRun(Request, frozen=True, kw_only=True, tag="move_run"):
    """Move all that the run has written into another folder, and go on there."""

    folder: str
    """That the folder of the run comes to lie in."""
