"""Which weights learn at which multiple of the rate, as the drawing says of its layers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from engine.compile.steps import Body

_Weight = TypeVar("_Weight")


def rate_factors(body: Body) -> dict[str, float]:
    """Return what the learning rate is multiplied by for layers, where that is not 1.

    They are named as their weights are. A layer inside of a composite learns at its own factor
    times that of the composite.
    """
    return dict(_factors(body, "", 1.0))


def by_rate_factor(
    weights: Iterable[tuple[str, _Weight]], factors: Mapping[str, float]
) -> dict[float, list[_Weight]]:
    """Part weights, given with their names, by the factors of their layers."""
    groups: dict[float, list[_Weight]] = {}
    for name, weight in weights:
        found = (factor for layer, factor in factors.items() if name.startswith(f"{layer}."))
        groups.setdefault(next(found, 1.0), []).append(weight)
    return groups


def _factors(body: Body, prefix: str, around: float) -> Iterator[tuple[str, float]]:
    for step in body.steps:
        if step.lowering.module is None:
            continue
        factor = around * step.learning.rate_factor
        alone = step.holding in ("one", "shared")
        for number, stage in enumerate(step.stages[:1] if alone else step.stages):
            name = f"{prefix}{step.attribute}" + ("" if alone else f".{number}")
            if stage.body is not None:
                yield from _factors(stage.body, f"{name}.", factor)
            elif factor != 1:
                yield name, factor
