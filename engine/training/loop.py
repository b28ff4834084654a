"""The training loop, from the first step to the last."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue

from torch import Tensor

from engine.data.loading import Feed, epoch_order
from engine.probes.judging import Judge
from engine.project.recipe import Recipe
from engine.training.checkpoints import Place
from engine.training.doctor import not_a_number
from engine.training.events import (
    EpochEnded,
    Outcome,
    PauseRun,
    Quit,
    ResumeRun,
    RunPaused,
    RunResumed,
    StartRun,
    StepOnce,
    StopRun,
    TrainerRequest,
    TrainingEvent,
    WatchLayers,
)
from engine.training.metrics import Metric
from engine.training.reporting import StepLog, Stopwatch
from engine.training.saving import Saver
from engine.training.schedules import learning_rate, look_for_plateau
from engine.training.timetable import Timetable
from engine.training.update import NotFiniteError, Updater
from engine.training.validation import validate
from engine.training.watching import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a loop works with."""

    updater: Updater
    metric: Metric | None
    recipe: Recipe
    training: Feed
    validation: Feed
    saver: Saver
    watcher: Watcher
    place: Place
    stopwatch: Stopwatch
    """Of the run, pauses left out."""

    emit: Callable[[TrainingEvent], None]
    requests: SimpleQueue[TrainerRequest]


class Loop:
    """Trains a model: epochs of steps, each epoch followed by a look at the validation data."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._recipe = parts.recipe
        self._place = parts.place
        self._compiled = parts.updater.compiled
        self._plan = Timetable(parts.recipe, parts.training.samples)
        self._stepping = Stopwatch()
        self._log = StepLog(self._place, self._stepping)
        self._validation_seconds = 0.0
        self._inbox: deque[TrainerRequest] = deque()
        self._is_held = False
        self._steps_until_hold: int | None = None

    def run(self) -> Outcome:
        """Train until the recipe is done, patience is over, or somebody asks to stop."""
        self._compiled.module.train()
        try:
            outcome = self._train()
            self._report()
            self._place.seconds = self._parts.stopwatch.seconds
            self._parts.saver.save()
            return outcome
        finally:
            # What was asked and not carried out, a Quit above all, is for whoever runs the loop.
            for request in self._inbox:
                self._parts.requests.put(request)

    @property
    def timetable(self) -> Timetable:
        """How many steps and epochs the run has."""
        return self._plan

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction of the current one."""
        return self._plan.epoch(self._place)

    def _train(self) -> Outcome:
        while not self._plan.is_over(self._place):
            if not (self._train_epoch() and self._end_epoch()):
                return "stopped"
            if self._patience_is_over():
                return "stopped_early"
        return "finished"

    def _train_epoch(self) -> bool:
        """Go through what is left of the current epoch; False where somebody asked to stop."""
        order = epoch_order(
            self._parts.training.samples, seed=self._recipe.seed, epoch=self._place.epoch
        )
        order = order[self._place.seen : self._plan.samples]
        size, together = self._recipe.batch_size, self._recipe.accumulation
        with closing(self._parts.training.batches(order, size)) as batches:
            while not self._plan.epoch_is_over(self._place):
                if not self._obey():
                    return False
                left = self._plan.samples - self._place.seen
                self._step(islice(batches, together), min(size * together, left))
        self._report()
        return True

    def _step(self, batches: Iterator[Mapping[str, Tensor]], samples: int) -> None:
        """Change the weights once."""
        updater, place = self._parts.updater, self._place
        rate = learning_rate(self._recipe, self.epoch, self._plan.epochs, place.drops)
        try:
            figures = updater.step(batches, samples, self._recipe, rate, self._parts.metric)
        except NotFiniteError as found:
            self._report()
            raise not_a_number(self._compiled, found.batch, place.step + 1, found.value) from None
        place.step += 1
        place.seen += samples
        self._log.add(figures.loss, figures.metric, samples, rate)
        self._look_after_step()
        updater.forget_gradients()
        if self._log.due():
            self._report()

    def _report(self) -> None:
        """Tell the steps since the last report, and save in between in long epochs."""
        left = self._plan.epochs - self._place.epoch
        block = self._log.report(
            epoch=self.epoch,
            steps=self._plan.steps,
            seconds_between=left * self._validation_seconds,
        )
        if block is None:
            return
        for place, loss in enumerate(block.losses):
            if not math.isfinite(loss):
                step = block.step - len(block.losses) + 1 + place
                raise not_a_number(self._compiled, self._parts.updater.newest, step, loss)
        self._parts.emit(block)
        self._stepping.hold()
        self._place.seconds = self._parts.stopwatch.seconds
        self._parts.saver.step_ended()
        self._stepping.go_on()

    def _look_after_step(self) -> None:
        if self._steps_until_hold is not None:
            self._steps_until_hold -= 1
            if self._steps_until_hold == 0:
                self._parts.watcher.look(self._place.step, self.epoch, after_step=True)
                return
        self._parts.watcher.after_step(self._place.step, self.epoch)

    def _end_epoch(self) -> bool:
        """Look at the validation data and close the epoch; False where somebody asked to stop."""
        self._stepping.hold()
        began = self._parts.stopwatch.seconds
        judge = self._parts.watcher.judge()
        found = validate(
            self._parts.updater,
            self._parts.validation,
            self._recipe.batch_size,
            self._parts.metric,
            self._stop_is_asked,
            judge,
        )
        if found is None:
            return False
        self._validation_seconds = self._parts.stopwatch.seconds - began
        self._close_epoch(*found)
        if judge is not None:
            self._tell_evaluation(judge)
        self._stepping.go_on()
        return True

    def _close_epoch(self, loss: float | None, metric: float | None) -> None:
        place = self._place
        place.seconds = self._parts.stopwatch.seconds
        place.close_epoch(loss, metric, measured=self._parts.metric is not None)
        judged = place.training_loss if loss is None else loss
        assert judged is not None, "the epoch had steps"
        place.judge(judged, self._recipe.min_delta)
        look_for_plateau(self._recipe, place, judged)
        assert place.training_loss is not None, "the epoch had steps"
        self._parts.emit(
            EpochEnded(
                epoch=place.epoch,
                step=place.step,
                training_loss=place.training_loss,
                training_metric=place.training_metric,
                validation_loss=loss,
                validation_metric=metric,
                seconds=place.seconds,
            )
        )
        self._parts.saver.epoch_ended(is_best=place.best_epoch == place.epoch)

    def _tell_evaluation(self, judge: Judge) -> None:
        place = self._place
        is_best = place.best_epoch == place.epoch
        self._parts.watcher.tell_evaluation(
            judge, epoch=place.epoch, step=place.step, is_best=is_best
        )

    def _patience_is_over(self) -> bool:
        place = self._place
        if not (self._recipe.patience and self._parts.validation.samples):
            return False
        if place.better_epoch is None:
            return False
        return place.epoch - place.better_epoch >= self._recipe.patience

    def _obey(self) -> bool:
        """Carry out what was asked, and wait while training is held; False to stop."""
        if self._steps_until_hold == 0:
            self._steps_until_hold = None
            self._hold(save=False)
        self._collect()
        while self._is_held or self._inbox:
            request = self._inbox.popleft() if self._inbox else self._parts.requests.get()
            match request:
                case PauseRun():
                    self._hold(save=True)
                case ResumeRun():
                    self._steps_until_hold = None
                    self._let_go(tell=True)
                case StepOnce():
                    self._steps_until_hold = max(request.count, 1)
                    self._let_go(tell=False)
                case WatchLayers():
                    self._parts.watcher.watch(request)
                    if self._is_held:
                        self._parts.watcher.look(self._place.step, self.epoch, after_step=False)
                case StopRun() | Quit():
                    self._inbox.appendleft(request)
                    return False
                case StartRun():
                    continue
            self._collect()
        return True

    def _hold(self, *, save: bool) -> None:
        if self._is_held:
            return
        self._report()
        self._is_held = True
        self._stepping.hold()
        self._parts.stopwatch.hold()
        self._place.seconds = self._parts.stopwatch.seconds
        if save:
            self._parts.saver.save()
        self._parts.emit(RunPaused(step=self._place.step))

    def _let_go(self, *, tell: bool) -> None:
        if not self._is_held:
            return
        self._is_held = False
        self._parts.stopwatch.go_on()
        self._stepping.go_on()
        self._parts.watcher.go_on()
        if tell:
            self._parts.emit(RunResumed(step=self._place.step))

    def _stop_is_asked(self) -> bool:
        self._collect()
        return any(isinstance(request, StopRun | Quit) for request in self._inbox)

    def _collect(self) -> None:
        requests = self._parts.requests
        if requests.empty():
            return
        with suppress(Empty):
            while True:
                self._inbox.append(requests.get_nowait())
