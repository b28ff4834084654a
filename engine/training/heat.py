"""What is told of many layers at once, one figure each, to colour the whole canvas by."""

from typing import Literal, TypeAlias

import msgspec

from engine.training.messages import Event

HeatOf: TypeAlias = Literal["", "outputs", "weights"]
"""Which figures are asked for: of what layers put out, or of their weights and how they learn."""


class LayerHeat(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one layer or composite; None for what was not asked or cannot be said."""

    node: str
    """Its id, or its whole path as ``told`` writes it."""

    activation: float | None = None
    """The mean size of its outputs for the chosen sample, without their signs."""

    zeros: float | None = None
    """The share of its outputs that are exactly zero, from 0 to 1."""

    gradient: float | None = None
    """The length of its gradient."""

    weight: float | None = None
    """The length of its weights."""

    update_ratio: float | None = None
    """The length of the last update that was measured over that of the weights."""


class HeatTaken(Event, frozen=True, kw_only=True, tag="heat_taken"):
    """One figure or more of each layer that is on screen."""

    step: int
    layers: tuple[LayerHeat, ...]
