"""What a drawing will cost to train: memory, before anything runs."""

import msgspec

from engine.analysis.report import Totals
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


def forecast(totals: Totals, recipe: Recipe) -> Memory:
    """Estimate the memory of training a drawing with a recipe."""
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
