"""Learning rates as functions of how far a run is, so that a run that goes on needs no memory.

Only ``plateau`` looks at what was learned; how often it dropped is kept with the place of the run.
"""

import math
from typing import Final

from engine.project.recipe import Recipe
from engine.training.checkpoints import Place

_RISE: Final = 0.3
_START: Final = 1 / 25
_END: Final = 1e-4
_COLD: Final = 0.01
# As torch's ReduceLROnPlateau: less than this share of the best loss is not better.
_BETTER_BY: Final = 1e-4


def learning_rate(recipe: Recipe, epoch: float, epochs: float, drops: int = 0) -> float:
    """Return the rate of one step.

    Args:
        epoch: Epochs done before it, with the fraction of the current one.
        epochs: Of the whole run.
        drops: How often the rate dropped because nothing got better.
    """
    if epoch < recipe.warm_up:
        # Goyal et al. 2017, section 2.2.
        return recipe.learning_rate * (_COLD + (1 - _COLD) * epoch / recipe.warm_up)
    left, since = epochs - recipe.warm_up, epoch - recipe.warm_up
    done = min(since / left, 1.0) if left > 0 else 1.0
    match recipe.schedule:
        case "constant":
            return recipe.learning_rate
        case "cosine":
            return recipe.learning_rate * _eased(1.0, 0.0, done)
        case "one_cycle":
            return recipe.learning_rate * _one_cycle(done)
        case "step":
            # A hair's breadth: an epoch's end that is a rounding below it must count.
            return recipe.learning_rate * recipe.drop_factor ** int(
                (since + 1e-9) / recipe.drop_epochs
            )
        case "plateau":
            return recipe.learning_rate * recipe.drop_factor**drops


def look_for_plateau(recipe: Recipe, place: Place, loss: float) -> bool:
    """Note the loss of an epoch; True where the rate drops from here on."""
    if recipe.schedule != "plateau" or place.epoch <= recipe.warm_up:
        return False
    if place.plateau_best is None or loss < place.plateau_best * (1 - _BETTER_BY):
        place.plateau_best, place.plateau_epochs = loss, 0
        return False
    place.plateau_epochs += 1
    if place.plateau_epochs <= recipe.drop_epochs:
        return False
    place.plateau_epochs = 0
    place.drops += 1
    return True


def _one_cycle(done: float) -> float:
    """Rise to 1 over the first 30 % of the run, then fall to almost nothing."""
    if done < _RISE:
        return _eased(_START, 1.0, done / _RISE)
    return _eased(1.0, _END, (done - _RISE) / (1 - _RISE))


def _eased(start: float, end: float, done: float) -> float:
    """Go from ``start`` to ``end`` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
