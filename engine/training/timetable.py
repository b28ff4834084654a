"""How long a run is: its epochs, its steps, and where in them it stands."""

from engine.data.loading import batches_per_epoch, samples_per_epoch
from engine.project.recipe import Recipe
from engine.training.checkpoints import Place


class Timetable:
    """The length of a run in samples, steps and epochs.

    Args:
        samples: There are to train with.
    """

    def __init__(self, recipe: Recipe, samples: int) -> None:
        self._recipe = recipe
        self.samples = samples_per_epoch(samples, recipe.batch_size)
        """That an epoch goes through."""

        self.steps_per_epoch = -(
            -batches_per_epoch(samples, recipe.batch_size) // recipe.accumulation
        )
        self.steps = recipe.steps or recipe.epochs * self.steps_per_epoch
        """Of the whole run."""

    @property
    def epochs(self) -> float:
        """Of the whole run; the last may be cut short."""
        if not self._recipe.steps:
            return float(self._recipe.epochs)
        return self._recipe.steps / self.steps_per_epoch

    @property
    def whole_epochs(self) -> int:
        """The epochs that are begun."""
        return -(-self.steps // self.steps_per_epoch)

    def epoch(self, place: Place) -> float:
        """Return the epochs done, with the fraction of the current one."""
        return place.epoch + self._steps_done(place) / self.steps_per_epoch

    def epoch_is_over(self, place: Place) -> bool:
        """Say whether the samples of the epoch are used up, or the steps of the run."""
        return place.seen >= self.samples or self._steps_are_over(place)

    def is_over(self, place: Place) -> bool:
        """Say whether the run is done."""
        if self._recipe.steps:
            return self._steps_are_over(place) and not place.seen
        return place.epoch >= self._recipe.epochs

    def _steps_done(self, place: Place) -> int:
        """Return the steps of the current epoch."""
        return -(-place.seen // (self._recipe.batch_size * self._recipe.accumulation))

    def _steps_are_over(self, place: Place) -> bool:
        return bool(self._recipe.steps) and place.step >= self._recipe.steps
