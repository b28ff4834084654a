"""The events of a run on their way to the panels, live or from its record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.training.events import (
    EpochEnded,
    RunChanged,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from nodes.errors import RunError

if TYPE_CHECKING:
    from app.late_panels import RunPanels

_CURVES = (StepEnded, EpochEnded, RunChanged)


def hand_to(
    panels: RunPanels, events: Sequence[TrainingEvent], whole: Sequence[TrainingEvent]
) -> None:
    """Show events in every panel that follows runs.

    Args:
        whole: The same, with what was before.
    """
    panels.training.show_events(whole)
    panels.evaluation.show_events(events)
    panels.log.show_events(events)
    panels.activations.show_events(events)
    for panel in (panels.weights, panels.gradients, panels.map, panels.stepping, panels.tryout):
        panel.show_events(events)
    panels.slider.show_events(whole)
    panels.runs.show_events(events)
    panels.data.augmentation.show_events(events)


def replayed(run: Path) -> list[TrainingEvent]:
    """Return what a run told.

    Raises:
        RunError: It cannot be read.
    """
    # It comes with numpy, which the window does not wait for when it opens.
    from engine.runs.replay import replay

    return list(replay(run))


def with_what_was_before(events: Sequence[TrainingEvent]) -> list[TrainingEvent]:
    """Put the curves of a run that goes on behind the event that says so."""
    told: list[TrainingEvent] = []
    for event in events:
        told.append(event)
        if isinstance(event, RunStarted) and event.first_step:
            with suppress(RunError):  # its curves cannot be read: they begin where it goes on
                told += [e for e in replayed(Path(event.run)) if isinstance(e, _CURVES)]
    return told
