"""The figures of the steps: kept where they are computed, told in blocks."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from engine.training.checkpoints import Place
from engine.training.events import StepEnded
from engine.training.metrics import Measured, figures_of
from engine.training.update import Figures

REPORT_SECONDS: Final = 1 / 30
_PACE_SECONDS: Final = 3.0


class Stopwatch:
    """Counts seconds that were spent training; it can be held."""

    def __init__(
        self, seconds: float = 0.0, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._clock = clock
        self._before = seconds
        self._began: float | None = clock()

    @property
    def seconds(self) -> float:
        """What was counted so far."""
        running = 0.0 if self._began is None else self._clock() - self._began
        return self._before + running

    @property
    def is_held(self) -> bool:
        """Whether it does not count."""
        return self._began is None

    def hold(self) -> None:
        """Stop counting."""
        self._before = self.seconds
        self._began = None

    def go_on(self) -> None:
        """Count again."""
        if self._began is None:
            self._began = self._clock()


class StepLog:
    """The steps since the last report.

    Args:
        place: Takes the sums of the epoch, in the order of the steps.
        stepping: Counts the time in which steps are made, so without validation and pauses.
    """

    def __init__(self, place: Place, stepping: Stopwatch) -> None:
        self._place = place
        self._stepping = stepping
        self._losses: list[float | Tensor] = []
        self._metrics: list[Measured] = []
        self._parts: dict[str, list[Tensor]] = {}
        self._sizes: list[int] = []
        self._rate = 0.0
        # The first step is told at once.
        self._told = -REPORT_SECONDS
        self.waited = 0.0
        """Seconds in which steps waited for their batches."""

        self._samples = 0
        self._pace = deque([self._now()])

    def restart(self) -> None:
        """Forget the steps that were not told: the run stands elsewhere."""
        self._forget()
        self._pace = deque([self._now()])

    def add(self, figures: Figures, samples: int, rate: float) -> None:
        """Take the figures of one step."""
        self._losses.append(figures.loss)
        if figures.metric is not None:
            self._metrics.append(figures.metric)
        for name, part in figures.parts.items():
            self._parts.setdefault(name, []).append(part)
        self._sizes.append(samples)
        self._samples += samples
        self._rate = rate

    def due(self) -> bool:
        """Say whether it is time for a report."""
        return self._stepping.seconds - self._told >= REPORT_SECONDS

    def report(self, *, epoch: float, steps: int, seconds_between: float) -> StepEnded | None:
        """Return the steps since the last report, or None where there are none.

        Args:
            epoch: Epochs done, with the fraction of the current one.
            steps: Of the whole run.
            seconds_between: What the validations that are still to come will take.
        """
        self._told = self._stepping.seconds
        if not self._sizes:
            return None
        losses = _numbers(self._losses)
        metrics = figures_of(self._metrics)
        self._add_up(losses, metrics)
        done, seconds = self._since_lately()
        pace = done.steps / seconds
        block = StepEnded(
            step=self._place.step,
            epoch=epoch,
            losses=tuple(losses),
            metrics=tuple(metrics),
            parts={name: tuple(_numbers(values)) for name, values in self._parts.items()},
            learning_rate=self._rate,
            steps_per_second=pace,
            samples_per_second=done.samples / seconds,
            waiting=min(done.waited / seconds, 1.0),
            seconds_left=(steps - self._place.step) / pace + seconds_between if pace else 0.0,
        )
        self._forget()
        return block

    def _forget(self) -> None:
        self._losses, self._metrics, self._parts, self._sizes = [], [], {}, []

    def _add_up(self, losses: list[float], metrics: list[float]) -> None:
        # One after the other: the sums of a run that goes on come out the same to the last bit.
        for place, size in enumerate(self._sizes):
            self._place.loss_sum += losses[place] * size
            self._place.metric_sum += metrics[place] * size if metrics else 0.0
            self._place.samples += size

    def _now(self) -> "_Moment":
        return _Moment(self._stepping.seconds, self._place.step, self._samples, self.waited)

    def _since_lately(self) -> tuple["_Moment", float]:
        """Return what was done in the last seconds, and in how many."""
        now = self._now()
        self._pace.append(now)
        while len(self._pace) > 2 and now.seconds - self._pace[1].seconds > _PACE_SECONDS:
            self._pace.popleft()
        first = self._pace[0]
        seconds = now.seconds - first.seconds
        done = _Moment(
            seconds, now.steps - first.steps, now.samples - first.samples, now.waited - first.waited
        )
        # Nothing is done in no time.
        return done, seconds if seconds > 0 else float("inf")


class _Moment(NamedTuple):
    seconds: float
    steps: int
    samples: int
    waited: float


def _numbers(values: Sequence[float | Tensor]) -> list[float]:
    """Read numbers off the device, all at once."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    if len(tensors) < len(values):
        return [float(value) for value in values]
    read: list[float] = torch.stack(tensors).tolist() if tensors else []
    return read
