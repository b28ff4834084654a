"""How long a run is: its epochs, its steps, and where in them it stands."""

from engine.data.loading import batches_per_epoch, samples_per_epoch
from engine.project.recipe import Recipe
from engine.training.checkpoints import Place


class Timetable:
    """The length of a run in samples, steps and epochs.

    Args:
        samples: There are to train with.
        place: Where the run stands; at its beginning if not given.
    """

    def __init__(self, recipe: Recipe, samples: int, place: Place | None = None) -> None:
        self._recipe = recipe
        place = place or Place()
        self._samples = samples
        self.steps_per_epoch = -(
            -batches_per_epoch(samples, recipe.batch_size) // recipe.accumulation
        )
        self.steps = recipe.steps or place.step + self._steps_left(place)
        """Of the whole run, those before ``place`` with what batches they may have had."""

        done = place.epoch * self.steps_per_epoch - self._steps_to_come(place)
        self._ahead = done + self.steps_per_epoch - place.step
        """By how many steps of now the epochs so far would be more than the steps were."""

    @property
    def epochs(self) -> float:
        """Of the whole run; the last may be cut short."""
        if not self._recipe.steps:
            return float(self._recipe.epochs)
        return (self._recipe.steps + self._ahead) / self.steps_per_epoch

    @property
    def whole_epochs(self) -> int:
        """The epochs that are begun."""
        return -(-(self.steps + self._ahead) // self.steps_per_epoch)

    def epoch(self, place: Place) -> float:
        """Return the epochs done, with the fraction of the current one."""
        done = self.steps_per_epoch - self._steps_to_come(place)
        return place.epoch + max(done, 0) / self.steps_per_epoch

    def samples(self, place: Place) -> int:
        """Return how many samples of the current epoch there are, those done included.

        A rest of one is left out; see ``batches_per_epoch``.
        """
        left = self._samples - place.seen
        if place.seen and left < min(self._recipe.batch_size, 2):
            return place.seen
        return place.seen + samples_per_epoch(left, self._recipe.batch_size)

    def epoch_is_over(self, place: Place) -> bool:
        """Say whether the samples of the epoch are used up, or the steps of the run."""
        return place.seen >= self.samples(place) or self._steps_are_over(place)

    def is_over(self, place: Place) -> bool:
        """Say whether the run is done."""
        if self._recipe.steps:
            return self._steps_are_over(place) and not place.seen
        return place.epoch >= self._recipe.epochs

    def _steps_left(self, place: Place) -> int:
        later = self._recipe.epochs - place.epoch - 1
        return max(0, later * self.steps_per_epoch + self._steps_to_come(place))

    def _steps_to_come(self, place: Place) -> int:
        """Return the steps that are left of the current epoch."""
        left = self.samples(place) - place.seen
        return -(-left // (self._recipe.batch_size * self._recipe.accumulation))

    def _steps_are_over(self, place: Place) -> bool:
        return bool(self._recipe.steps) and place.step >= self._recipe.steps
