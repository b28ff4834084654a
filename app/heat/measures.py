"""By what the canvas can be coloured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.figures import amount, brief, byte_size, figure, rough_percent
from engine.training.heat import HeatOf

Source = Literal["report", "costs", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of each layer."""

    key: str
    title: str
    source: Source
    """Where it comes from: the drawing, a measurement by Profile, or the run."""

    write: Callable[[float], str]
    asks: HeatOf = ""
    """What a run is asked for."""

    ends: tuple[float, float] | None = None
    """Of its scale, where it is always the same."""


def _count(value: float) -> str:
    return amount(value)


def _edge(value: float) -> str:
    return "all" if math.isinf(value) else amount(value)


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(key="activation", title="Activation", source="run", write=figure, asks="outputs"),
        Measure(
            key="zeros",
            title="Zeros",
            source="run",
            write=rough_percent,
            asks="outputs",
            ends=(0.0, 1.0),
        ),
        Measure(key="gradient", title="Gradient norm", source="run", write=figure, asks="weights"),
        Measure(
            key="update_ratio",
            title="Update to weight",
            source="run",
            write=figure,
            asks="weights",
        ),
        Measure(key="weight", title="Weight norm", source="run", write=figure, asks="weights"),
        Measure(key="parameters", title="Parameters", source="report", write=_count),
        Measure(key="multiply_adds", title="Multiply-adds", source="report", write=_count),
        Measure(key="seconds", title="Time", source="costs", write=brief),
        Measure(key="receptive_field", title="Receptive field", source="report", write=_edge),
        Measure(key="memory", title="Memory to train", source="report", write=byte_size),
    )
}
"""In the order of the menu."""
