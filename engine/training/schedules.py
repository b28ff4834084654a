"""Learning rates as functions of the step, so that a run that goes on needs no memory of them."""

import math
from typing import Final

from engine.project.recipe import Recipe

_WARM_UP: Final = 0.3
_START: Final = 1 / 25
_END: Final = 1e-4


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the rate of one step.

    Args:
        step: Counted from 0 over the whole run.
        steps: Of the whole run.
    """
    done = min(step / max(steps, 1), 1.0)
    match recipe.schedule:
        case "constant":
            return recipe.learning_rate
        case "cosine":
            return recipe.learning_rate * _eased(1.0, 0.0, done)
        case "one_cycle":
            return recipe.learning_rate * _one_cycle(done)


def _one_cycle(done: float) -> float:
    """Rise to 1 over the first 30 % of the run, then fall to almost nothing."""
    if done < _WARM_UP:
        return _eased(_START, 1.0, done / _WARM_UP)
    return _eased(1.0, _END, (done - _WARM_UP) / (1 - _WARM_UP))


def _eased(start: float, end: float, done: float) -> float:
    """Go from ``start`` to ``end`` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
