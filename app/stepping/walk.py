"""Where a person stands in a pass that was taken: first forward, then backward."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from engine.probes.conditions import Condition
from engine.training.questions import LayerPass, PassTaken, ValueFigures

BEFORE: Final = -1
"""Before the first layer."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One layer in one direction."""

    layer: LayerPass
    is_backward: bool

    @property
    def figures(self) -> ValueFigures:
        """Of what the layer puts out, or of the gradient that arrives there."""
        if self.is_backward and self.layer.gradient is not None:
            return self.layer.gradient
        return self.layer.output

    @property
    def is_finite(self) -> bool:
        """Whether every number is one."""
        return not (self.figures.nan or self.figures.inf)


@dataclass(frozen=True, slots=True)
class StopRule:
    """Where running on ends."""

    condition: Condition | None = None
    nodes: Collection[str] = ()
    """Layers to stop at, where the condition holds or there is none."""

    first_not_finite: bool = True

    def holds(self, stop: Stop) -> bool:
        """Say whether to stop here."""
        if self.first_not_finite and not stop.is_finite:
            return True
        if self.condition is None:
            return stop.layer.node in self.nodes
        is_meant = not self.nodes or stop.layer.node in self.nodes
        return is_meant and self.condition.holds(named(stop.figures))


@dataclass(frozen=True, slots=True)
class Walk:
    """All stops of a pass in order."""

    stops: tuple[Stop, ...]

    @classmethod
    def of(cls, taken: PassTaken) -> Walk:
        """Return the stops: each layer forward, then backward those that a gradient reaches."""
        forward = tuple(Stop(layer, is_backward=False) for layer in taken.layers)
        reached = [layer for layer in taken.layers if layer.gradient is not None]
        return cls((*forward, *(Stop(layer, is_backward=True) for layer in reversed(reached))))

    @property
    def forward(self) -> int:
        """How many stops lead forward."""
        return sum(not stop.is_backward for stop in self.stops)

    def next(self, place: int) -> int:
        """Return the stop after one; the last stays."""
        return min(place + 1, len(self.stops) - 1)

    def back(self, place: int) -> int:
        """Return the stop before one."""
        return max(place - 1, BEFORE)

    def run(self, place: int, holds: Callable[[Stop], bool]) -> int:
        """Return the next stop at which a rule holds, else the last."""
        for number in range(place + 1, len(self.stops)):
            if holds(self.stops[number]):
                return number
        return len(self.stops) - 1

    def of_node(self, node: str, *, is_backward: bool) -> int:
        """Return the stop at a layer in one direction, or BEFORE."""
        for number, stop in enumerate(self.stops):
            if stop.layer.node == node and stop.is_backward == is_backward:
                return number
        return BEFORE


def named(figures: ValueFigures) -> Mapping[str, float]:
    """Return figures by the names that conditions use."""
    return {
        "mean": figures.mean,
        "std": figures.std,
        "min": figures.low,
        "max": figures.high,
        "norm": figures.norm,
        "zeros": figures.zeros,
        "nan": figures.nan,
        "inf": figures.inf,
    }
