"""The course of a run's losses, which the cards of the losses show."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from engine.training.events import RunLeft, RunStarted, RunWentBack, StepEnded, TrainingEvent


class LossCourse:
    """The loss of each step so far, and that of each loss where there are several."""

    def __init__(self) -> None:
        # numpy reads these as they are: of a million steps the cards show the course many times.
        self.losses = array("d")
        self.parts: dict[str, array[float]] = {}

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        match event:
            case RunStarted() | RunLeft():
                del self.losses[:]
                self.parts.clear()
            case StepEnded():
                self.losses.extend(event.losses)
                for name, values in event.parts.items():
                    self.parts.setdefault(name, array("d")).extend(values)
            case RunWentBack():
                for losses in (self.losses, *self.parts.values()):
                    del losses[event.step :]
            case _:
                pass

    def show(self, events: Iterable[TrainingEvent]) -> None:
        """Take all that a run says, in order."""
        for event in events:
            self.take(event)
