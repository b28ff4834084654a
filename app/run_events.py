"""The events of a run on their way to the panels, live or from its record."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer

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

Events: TypeAlias = Sequence[TrainingEvent]
Receiver: TypeAlias = Callable[[Events], object]

_CURVES = (StepEnded, EpochEnded, RunChanged)
_BUDGET_SECONDS = 0.006
# What was shown in one turn is painted before the next.
_BREATH_MS = 12
# A timer of zero is a posted event, and Qt sends all of those in the same turn.
_SOON_MS = 1


class Delivery(QObject):
    """Brings events to one receiver after the other, and never to many in one turn.

    A turn of the event loop ends with the receiver that uses up its time. Each receiver gets every
    event, in order; those that came while it waited come together.
    """

    def __init__(
        self,
        receivers: Sequence[Receiver],
        parent: QObject,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._receivers = tuple(receivers)
        self._clock = clock
        self._waiting: dict[int, list[TrainingEvent]] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.take_turn)

    @property
    def is_under_way(self) -> bool:
        """Whether somebody has not been told everything yet."""
        return bool(self._waiting)

    def take(self, events: Events, *, are_awaited: bool = False) -> None:
        """Bring these to every receiver, from now on.

        Args:
            are_awaited: A person waits for them: the first receiver is told at once.
        """
        for place in range(len(self._receivers)):
            self._waiting.setdefault(place, []).extend(events)
        if are_awaited:
            self._bring(0)
        if not self._timer.isActive():
            self._timer.start(_SOON_MS)

    def take_turn(self) -> None:
        """Bring as much as a turn has time for."""
        end = self._clock() + _BUDGET_SECONDS
        while self._waiting and self._clock() < end:
            self._bring_next()
        if self._waiting:
            self._timer.start(_BREATH_MS)

    def finish(self) -> None:
        """Bring all that waits now."""
        self._timer.stop()
        while self._waiting:
            self._bring_next()

    def _bring_next(self) -> None:
        """Bring to the one that waits the longest what there is for it."""
        self._bring(next(iter(self._waiting)))

    def _bring(self, place: int) -> None:
        self._receivers[place](self._waiting.pop(place))


def receivers_of(panels: RunPanels) -> list[Receiver]:
    """Return how every panel that follows runs takes their events."""

    def show_curves(events: Events) -> None:
        whole = with_what_was_before(events)
        panels.training.show_events(whole)
        panels.slider.show_events(whole)

    return [
        # The first is told at once of what answers a person.
        panels.tryout.show_events,
        show_curves,
        panels.activations.show_events,
        panels.evaluation.show_events,
        panels.log.show_events,
        panels.weights.show_events,
        panels.gradients.show_events,
        panels.map.show_events,
        panels.stepping.show_events,
        panels.runs.show_events,
        panels.data.augmentation.show_events,
    ]


def replayed(run: Path) -> list[TrainingEvent]:
    """Return what a run told.

    Raises:
        RunError: It cannot be read.
    """
    # It comes with numpy, which the window does not wait for when it opens.
    from engine.runs.replay import replay

    return list(replay(run))


def with_what_was_before(events: Events) -> list[TrainingEvent]:
    """Put the curves of a run that goes on behind the event that says so."""
    told: list[TrainingEvent] = []
    for event in events:
        told.append(event)
        if isinstance(event, RunStarted) and event.first_step:
            with suppress(RunError):  # its curves cannot be read: they begin where it goes on
                told += [e for e in replayed(Path(event.run)) if isinstance(e, _CURVES)]
    return told
