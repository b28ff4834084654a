"""What looking into layers costs the run that is looked into, and where it is done."""

from typing import Literal, TypeAlias

from engine.training.messages import Event

WhyHere: TypeAlias = Literal[
    "", "unasked", "starting", "cores", "gpu", "memory", "own code", "refused", "crashed"
]
"""Why the trainer itself looks; empty where a process beside it does.

``cores``: none is free. ``memory``: the model is too large to be copied. ``own code``: layers of
one's own may remember what cannot be copied. ``refused``: the process could not make the model.
"""


class WatchCost(Event, frozen=True, kw_only=True, tag="watch_cost"):
    """Told about once a second while layers are looked into and the run goes on."""

    share: float
    """Of the time since it was told last: what looking in took from training, from 0 to 1."""

    per_second: float
    """How often the layers on screen were refreshed."""

    here: WhyHere


class WatchMeter:
    """Counts what looking in costs, and how often it shows something."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._spent = 0.0
        self._shown = 0

    def restart(self, now: float) -> None:
        """Forget what was counted: training was held."""
        self._began, self._spent, self._shown = now, 0.0, 0

    def pay(self, seconds: float) -> None:
        """Count seconds that training went without."""
        self._spent += seconds

    def show(self) -> None:
        """Count a refresh."""
        self._shown += 1

    def told(self, now: float, here: WhyHere) -> WatchCost | None:
        """Return what to tell; None where it is not yet time."""
        seconds = now - self._began
        if seconds < 1.0:
            return None
        told = WatchCost(share=self._spent / seconds, per_second=self._shown / seconds, here=here)
        self.restart(now)
        return told
