"""By what the canvas can be coloured, and what layers have together that are folded into one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.figures import amount, brief, byte_size, figure, rough_percent
from engine.training.heat import HeatOf

Join = Callable[[Sequence[float], Sequence[float]], float]
"""Makes one figure of those of several layers, in order, and of the lengths of their weights."""

Source = Literal["report", "costs", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of each layer."""

    key: str
    title: str
    source: Source
    """Where it comes from: the drawing, a measurement by Profile, or the run."""

    write: Callable[[float], str]
    join: Join
    """As for a composite of these layers."""

    asks: HeatOf = ""
    """What a run is asked for."""

    ends: tuple[float, float] | None = None
    """Of its scale, where it is always the same."""


def _count(value: float) -> str:
    return amount(value)


def _edge(value: float) -> str:
    return "all" if math.isinf(value) else amount(value)


def _total(values: Sequence[float], _weights: Sequence[float]) -> float:
    return sum(values)


def _last(values: Sequence[float], _weights: Sequence[float]) -> float:
    return values[-1]


def _most(values: Sequence[float], _weights: Sequence[float]) -> float:
    return max(values)


def _length(values: Sequence[float], _weights: Sequence[float]) -> float:
    return math.hypot(*values)


def _ratio(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the length of all updates over that of all weights."""
    updates = [value * weight for value, weight in zip(values, weights, strict=True)]
    whole = math.hypot(*weights)
    return math.hypot(*updates) / whole if whole else 0.0


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(
            key="activation",
            title="Activation",
            source="run",
            write=figure,
            join=_last,
            asks="outputs",
        ),
        Measure(
            key="zeros",
            title="Zeros",
            source="run",
            write=rough_percent,
            join=_last,
            asks="outputs",
            ends=(0.0, 1.0),
        ),
        Measure(
            key="gradient",
            title="Gradient norm",
            source="run",
            write=figure,
            join=_length,
            asks="weights",
        ),
        Measure(
            key="update_ratio",
            title="Update to weight",
            source="run",
            write=figure,
            join=_ratio,
            asks="weights",
        ),
        Measure(
            key="weight",
            title="Weight norm",
            source="run",
            write=figure,
            join=_length,
            asks="weights",
        ),
        Measure(key="parameters", title="Parameters", source="report", write=_count, join=_total),
        Measure(
            key="multiply_adds", title="Multiply-adds", source="report", write=_count, join=_total
        ),
        Measure(key="seconds", title="Time", source="costs", write=brief, join=_total),
        Measure(
            key="receptive_field", title="Receptive field", source="report", write=_edge, join=_most
        ),
        Measure(
            key="memory", title="Memory to train", source="report", write=byte_size, join=_total
        ),
    )
}
"""In the order of the menu."""
