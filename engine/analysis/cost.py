"""What a drawing costs to train: a forecast of memory, and what was measured of a layer."""

from typing import Protocol

import msgspec

from engine.project.recipe import Recipe

_BYTES = 4
"""Of one number in single precision."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast in bytes for one training run, without what torch itself takes."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    """Outputs of all layers for one batch, kept for the way back: an upper estimate."""

    @property
    def total(self) -> int:
        """All parts together."""
        return self.weights + self.gradients + self.optimizer + self.activations


class LayerCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer costs in a training step on one batch."""

    node: str
    """Its id, or its whole path as ``told`` writes it; in a repeated composite, the first round."""

    forward_seconds: float
    backward_seconds: float
    kept_bytes: int
    """What is kept on the way forward for the way back, weights and the batch left out. What two
    layers need is counted at the first."""

    @property
    def seconds(self) -> float:
        """Both ways together."""
        return self.forward_seconds + self.backward_seconds


class Counted(Protocol):
    """What a forecast rests on: the figures of a layer, or of a whole drawing."""

    @property
    def parameters(self) -> int: ...
    @property
    def trained_parameters(self) -> int: ...
    @property
    def buffers(self) -> int: ...
    @property
    def output_numbers(self) -> int: ...


def activation_bytes(figures: Counted) -> int:
    """Return what the outputs take for one sample."""
    return figures.output_numbers * _BYTES


def forecast(totals: Counted, recipe: Recipe) -> Memory:
    """Estimate the memory of training a drawing, or a layer of it, with a recipe."""
    recipe = recipe.sides[0]
    settings = recipe.own_settings
    state = settings.memories + (settings.info.takes_momentum and recipe.momentum > 0)
    state += recipe.averaging > 0
    return Memory(
        weights=(totals.parameters + totals.buffers) * _BYTES,
        gradients=totals.trained_parameters * _BYTES,
        optimizer=totals.trained_parameters * state * _BYTES,
        activations=totals.output_numbers * recipe.batch_size * _BYTES,
    )
