"""The training loop, from the first step to the last."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from engine.compile.module import CompiledModel
from engine.data.loading import Feed, batches_per_epoch, epoch_order
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
from engine.training.optimizers import set_learning_rate
from engine.training.reporting import StepLog, Stopwatch
from engine.training.saving import Saver
from engine.training.schedules import learning_rate
from engine.training.watching import Watcher

_LARGEST_VALIDATION_BATCH: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a loop works with."""

    compiled: CompiledModel
    optimizer: Optimizer
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
        self._compiled = parts.compiled
        self._weights = [weight for weight in _all_weights(parts) if weight.requires_grad]
        self._batches = batches_per_epoch(parts.training.samples, parts.recipe.batch_size)
        self.steps = self._batches * parts.recipe.epochs
        """Of the whole run."""

        self._stepping = Stopwatch()
        self._log = StepLog(self._place, self._stepping)
        self._validation_seconds = 0.0
        self._newest: Mapping[str, Tensor] = {}
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
    def epoch(self) -> float:
        """Epochs done, with the fraction of the current one."""
        return self._place.epoch + self._place.batch / self._batches

    def _train(self) -> Outcome:
        while self._place.epoch < self._recipe.epochs:
            if not (self._train_epoch() and self._end_epoch()):
                return "stopped"
            if self._patience_is_over():
                return "stopped_early"
        return "finished"

    def _train_epoch(self) -> bool:
        """Go through what is left of the current epoch; False where somebody asked to stop."""
        samples, size = self._parts.training.samples, self._recipe.batch_size
        order = epoch_order(samples, seed=self._recipe.seed, epoch=self._place.epoch)
        order = order[: self._batches * size]
        with closing(self._parts.training.batches(order, size, first=self._place.batch)) as batches:
            for batch in batches:
                if not self._obey():
                    return False
                self._step(batch)
        self._report()
        return True

    def _step(self, batch: Mapping[str, Tensor]) -> None:
        """Change the weights once."""
        self._newest = batch
        rate = learning_rate(self._recipe, self._place.step, self.steps)
        set_learning_rate(self._parts.optimizer, rate)

        outputs = self._compiled.outputs(batch)  # each (N, ...)
        loss = self._compiled.loss(outputs, batch)  # ()
        told = self._checked(loss, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._recipe.gradient_clip:
            clip_grad_norm_(self._weights, self._recipe.gradient_clip)
        self._parts.optimizer.step()

        self._place.step += 1
        self._place.batch += 1
        metric = self._parts.metric(outputs, batch) if self._parts.metric else None
        self._log.add(told, metric, len(outputs[0]), rate)
        self._look_after_step()
        # As the optimiser's zero_grad, without its 30 µs for the profiler.
        for weight in self._weights:
            weight.grad = None
        if self._log.due():
            self._report()

    def _checked(self, loss: Tensor, batch: Mapping[str, Tensor]) -> float | Tensor:
        """Return the loss for the log.

        On a processor it is read and checked at once, before the weights are changed with it. On
        a GPU reading would make the device wait at every step, so the report checks.
        """
        if loss.is_cuda:
            return loss.detach()
        value = loss.item()
        if not math.isfinite(value):
            self._report()
            raise not_a_number(self._compiled, batch, self._place.step + 1, value)
        return value

    def _report(self) -> None:
        """Tell the steps since the last report, and save in between in long epochs."""
        left = self._recipe.epochs - self._place.epoch
        block = self._log.report(
            epoch=self.epoch, steps=self.steps, seconds_between=left * self._validation_seconds
        )
        if block is None:
            return
        for place, loss in enumerate(block.losses):
            if not math.isfinite(loss):
                step = block.step - len(block.losses) + 1 + place
                raise not_a_number(self._compiled, self._newest, step, loss)
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
        found = self._validate()
        if found is None:
            return False
        self._validation_seconds = self._parts.stopwatch.seconds - began
        self._close_epoch(*found)
        self._stepping.go_on()
        return True

    def _close_epoch(self, loss: float | None, metric: float | None) -> None:
        place = self._place
        place.epoch, place.batch = place.epoch + 1, 0
        place.seconds = self._parts.stopwatch.seconds
        place.training_loss = place.loss_sum / place.samples
        place.training_metric = place.metric_sum / place.samples if self._parts.metric else None
        place.validation_loss, place.validation_metric = loss, metric
        place.loss_sum, place.metric_sum, place.samples = 0.0, 0.0, 0
        judged = place.training_loss if loss is None else loss
        is_best = place.best_loss is None or judged < place.best_loss
        if is_best and math.isfinite(judged):
            place.best_loss, place.best_epoch = judged, place.epoch
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

    def _validate(self) -> tuple[float | None, float | None] | None:
        """Return loss and metric on the validation data; None where somebody asked to stop."""
        feed = self._parts.validation
        if not feed.samples:
            return None, None
        size = max(self._recipe.batch_size, _LARGEST_VALIDATION_BATCH)
        losses, metrics = 0.0, 0.0
        self._compiled.module.eval()
        try:
            with torch.no_grad(), closing(feed.batches(np.arange(feed.samples), size)) as batches:
                for batch in batches:
                    if self._stop_is_asked():
                        return None
                    outputs = self._compiled.outputs(batch)  # each (N, ...)
                    count = len(outputs[0])
                    losses += self._compiled.loss(outputs, batch).item() * count
                    if self._parts.metric:
                        metrics += self._parts.metric(outputs, batch).item() * count
        finally:
            self._compiled.module.train()
        loss = losses / feed.samples
        return loss, metrics / feed.samples if self._parts.metric else None

    def _patience_is_over(self) -> bool:
        place = self._place
        if (
            not self._recipe.patience
            or place.best_epoch is None
            or not self._parts.validation.samples
        ):
            return False
        return place.epoch - place.best_epoch >= self._recipe.patience

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


def _all_weights(parts: Parts) -> list[torch.nn.Parameter]:
    return list(parts.compiled.module.parameters())
