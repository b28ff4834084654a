"""Which events of a run are shown at once; the others come by themselves and stand in line."""

from __future__ import annotations

from collections.abc import Iterable

from engine.training.events import (
    RunChanged,
    RunEnded,
    RunFailed,
    RunLeft,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    TrainingEvent,
)
from engine.training.questions import RunOpened

_AWAITED = (
    *(RunStarted, RunOpened, RunLeft, RunPaused, RunResumed),
    *(RunChanged, RunWentBack, RunEnded, RunFailed),
)


def are_awaited(events: Iterable[TrainingEvent]) -> bool:
    """Whether a person did, or waits for, what one of these tells."""
    return any(isinstance(event, _AWAITED) for event in events)
