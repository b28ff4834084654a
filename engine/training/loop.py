"""The training loop, from the first step to the last."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal, Protocol, TypeAlias

from engine.data.loading import Batch
from engine.data.spec import SamplesLostError
from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.training.asides import AnyAside
from engine.training.asides_told import tell
from engine.training.bench import Bench
from engine.training.checkpoints import Place
from engine.training.checkup import Checkup
from engine.training.devices import gpu_memory
from engine.training.doctor import not_a_number
from engine.training.events import EpochEnded, Outcome, RunPaused, RunResumed, TrainingEvent
from engine.training.giving_up import never
from engine.training.questions import AnyQuestion
from engine.training.recording import Recorder
from engine.training.reporting import StepLog, Stopwatch
from engine.training.requests import ChangeRun, FinishRun, TrainerRequest, WatchLayers
from engine.training.saving import Saver, Then
from engine.training.schedules import learning_rate, look_for_plateau
from engine.training.steering import Steering, Verdict
from engine.training.timetable import Timetable
from engine.training.trouble import Trouble
from engine.training.update import NotFiniteError
from engine.training.validation import Validation, validate
from engine.training.watching import Watcher

_Stretch: TypeAlias = Literal["done", "again", "finish", "stop"]


class Changes(Protocol):
    """Makes what a loop works with anew; the loop asks for it between two steps."""

    def change(self, bench: Bench, request: ChangeRun) -> Bench:
        """Take another drawing or recipe."""

    def reset_layer(self, bench: Bench, node: str) -> None:
        """Give a layer new weights."""

    def go_back(self, bench: Bench) -> Bench:
        """Return to the last checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a loop works with."""

    bench: Bench
    changes: Changes
    saver: Saver
    recorder: Recorder
    answer: Callable[[AnyQuestion], None]
    move: Callable[[str], bool]
    """Moves the folder of the run into another; says whether it could."""

    watcher: Watcher
    checkup: Checkup
    trouble: Trouble
    place: Place
    stopwatch: Stopwatch
    """Of the run, pauses left out."""

    emit: Callable[[TrainingEvent], None]
    requests: SimpleQueue[TrainerRequest]


class Loop:
    """Trains a model: epochs of steps, each epoch followed by a look at the validation data."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._place = parts.place
        self._steering = Steering(parts.requests, self)
        self._stepping = Stopwatch()
        self._log = StepLog(self._place, self._stepping)
        self._validation_seconds = 0.0
        self._take(parts.bench)

    def run(self) -> Outcome:
        """Train until the recipe is done, patience is over, or somebody asks to stop."""
        if self._parts.trouble.is_answered and not self._place.step:
            # There is always a step to go back to.
            self._parts.saver.save()
        self._parts.recorder.begin(self._place.step, self.epoch)
        self._parts.watcher.give_way(self._steering.is_steered)
        try:
            outcome = self._train()
            self._report()
            self._place.seconds = self._parts.stopwatch.seconds
            self._parts.recorder.end(self._place.step, self.epoch)
            self._keep()
            return outcome
        finally:
            self._parts.watcher.give_way(never)
            self._steering.hand_back()

    def _keep(self) -> None:
        """Save what was learned; where that fails and somebody is there, hold until it is saved."""
        saver, is_answered = self._parts.saver, self._parts.trouble.is_answered
        then: Then = "holds" if is_answered else "ends"
        saver.save(then)
        while saver.is_behind and is_answered:
            self._steering.hold()
            if self._steering.obey() == "stop":
                return
            saver.save(then)

    @property
    def is_unsaved(self) -> bool:
        """Whether the last step is not on the disk."""
        return self._parts.saver.is_behind

    @property
    def timetable(self) -> Timetable:
        """How many steps and epochs the run has."""
        return self._timetable

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction of the current one."""
        return self._timetable.epoch(self._place)

    def _take(self, bench: Bench) -> None:
        """Train with these parts from now on."""
        self._bench = bench
        self._updater = bench.updater
        self._recipe = bench.project.recipe
        self._sides = self._recipe.sides
        self._timetable = Timetable(self._recipe, bench.material.training.samples, self._place)
        bench.compiled.module.train()

    def _take_anew(self, bench: Bench) -> None:
        self._take(bench)
        self._parts.checkup.begin(bench)

    def _train(self) -> Outcome:
        while not self._timetable.is_over(self._place):
            verdict = self._train_epoch()
            if verdict == "finish" and not self._place.seen:
                return "finished"
            if verdict == "stop":
                return "stopped"
            if not self._end_epoch():
                if self._turn_aside(verdict) == "stop":
                    return "stopped"
                continue
            if verdict == "finish":
                return "finished"
            if self._patience_is_over():
                return "stopped_early"
            self._steering.epoch_done()
        return "finished"

    def _train_epoch(self) -> Literal["done", "finish", "stop"]:
        """Go through what is left of the current epoch, also where the parts change within it."""
        while (verdict := self._train_stretch()) == "again":
            pass
        self._report()
        return verdict

    def _train_stretch(self) -> _Stretch:
        """Train to the end of the epoch, or until something has changed."""
        size, together = self._recipe.batch_size, self._recipe.accumulation
        feed = self._bench.material.training
        usable = self._timetable.samples(self._place)
        order = feed.order(seed=self._recipe.seed, epoch=self._place.epoch)
        with closing(feed.batches(order[self._place.seen : usable], size)) as stored:
            batches = self._bench.material.augmenter.batches(
                stored, epoch=self._place.epoch, seen=self._place.seen
            )
            while not self._timetable.epoch_is_over(self._place):
                verdict: Verdict = self._steering.obey()
                if verdict != "go on":
                    return verdict
                left = usable - self._place.seen
                if not self._step(self._timed(batches, together), min(size * together, left)):
                    return "again"
        return "done"

    def _timed(self, batches: Iterator[Batch], count: int) -> Iterator[Batch]:
        """Yield the batches of one step, and count the time for which they are waited."""
        for _ in range(count):
            began = time.perf_counter()
            batch = next(batches, None)
            self._log.waited += time.perf_counter() - began
            if batch is None:
                return
            yield batch

    def _step(self, batches: Iterator[Batch], samples: int) -> bool:
        """Change the weights once; False where it could not be done and has to be done again."""
        updater, place = self._updater, self._place
        rates = [
            learning_rate(side, self.epoch, self._timetable.epochs, place.drops)
            for side in self._sides
        ]
        try:
            figures = updater.step(batches, samples, self._recipe, rates, self._bench.metric)
        # What a step cannot do is told, or answered, by the trouble; it raises what it cannot.
        except (NotFiniteError, SamplesLostError, RuntimeError, MemoryError) as error:
            updater.forget_gradients()
            self._report()
            self._parts.trouble.meet(error, self._bench, self._steering)
            if isinstance(error, NotFiniteError):
                # It is held: what the layers put out now says where it began.
                self.look_again()
            return False
        place.step += 1
        place.seen += samples
        self._log.add(figures, samples, rates[0])
        if self._steering.step_done():
            self._parts.watcher.look(place.step, self.epoch, after_step=True)
        elif self._parts.watcher.glances():
            self._parts.watcher.after_step(place.step, self.epoch)
        self._parts.checkup.after_step(figures.loss)
        updater.forget_gradients()
        if self._log.due() or self._parts.recorder.wants(place.step):
            self._report()
        return True

    def _report(self) -> None:
        """Tell the steps since the last report, and save in between in long epochs."""
        left = self._timetable.epochs - self._place.epoch
        block = self._log.report(
            epoch=self.epoch,
            steps=self._timetable.steps,
            seconds_between=left * self._validation_seconds,
        )
        if block is None:
            return
        for place, loss in enumerate(block.losses):
            if not math.isfinite(loss):
                step = block.step - len(block.losses) + 1 + place
                raise not_a_number(self._bench.compiled, self._updater.newest, step, loss)
        self._parts.emit(block)
        self._stepping.hold()
        self._place.seconds = self._parts.stopwatch.seconds
        self._parts.saver.step_ended()
        self._parts.recorder.step_ended(self._place.step, self.epoch)
        self._stepping.go_on()

    def _end_epoch(self) -> bool:
        """Look at the validation data and close the epoch; False where something else is asked."""
        self._stepping.hold()
        began = self._parts.stopwatch.seconds
        judge = self._parts.watcher.judge()
        found = validate(self._bench, self._steering.is_to_halt, judge)
        if found is None:
            return False
        self._validation_seconds = self._parts.stopwatch.seconds - began
        self._close_epoch(found)
        if judge is not None:
            self._tell_evaluation(judge)
        self._stepping.go_on()
        return True

    def _turn_aside(self, ending: _Stretch) -> Verdict:
        """Do what was asked while the validation data was looked at; the look begins anew."""
        verdict = self._steering.obey()
        if "finish" in (ending, verdict):
            self._steering.ask(FinishRun())
        return verdict

    def _close_epoch(self, found: Validation) -> None:
        place, loss = self._place, found.loss
        place.seconds = self._parts.stopwatch.seconds
        training = place.close_epoch(loss, found.metric, measured=self._bench.metric is not None)
        judged = training if loss is None else loss
        if self._recipe.players:
            place.take_as_best()
        else:
            place.judge(judged, self._recipe.min_delta)
            look_for_plateau(self._recipe, place, judged)
        self._parts.emit(
            EpochEnded(
                epoch=place.epoch,
                step=place.step,
                training_loss=training,
                training_metric=place.training_metric,
                validation_loss=loss,
                validation_metric=found.metric,
                validation_figures=found.figures,
                seconds=place.seconds,
                gpu_memory=gpu_memory(self._updater.weights[0].device),
            )
        )
        self._parts.saver.epoch_ended(is_best=place.best_epoch == place.epoch)
        self._parts.checkup.after_epoch(training, loss, self._updater.newest)
        self._parts.checkup.waited(self._log.waited, self._stepping.seconds)
        self._parts.checkup.read(self._bench.material.training)

    def _tell_evaluation(self, judge: Judge | MaskJudge) -> None:
        place = self._place
        is_best = place.best_epoch == place.epoch
        self._parts.watcher.tell_evaluation(
            judge, epoch=place.epoch, step=place.step, is_best=is_best
        )

    def _patience_is_over(self) -> bool:
        place = self._place
        if not (self._recipe.patience and self._bench.material.validation.samples):
            return False
        if place.better_epoch is None:
            return False
        return place.epoch - place.better_epoch >= self._recipe.patience

    def hold(self, *, save: bool) -> None:
        """Stop the clocks and say so."""
        self._report()
        self._stepping.hold()
        self._parts.stopwatch.hold()
        self._place.seconds = self._parts.stopwatch.seconds
        if save:
            self._parts.saver.save()
        self._parts.emit(RunPaused(step=self._place.step))
        for question in self._parts.watcher.hold():
            self._parts.answer(question)

    def let_go(self) -> None:
        """Let the clocks run again."""
        self._parts.stopwatch.go_on()
        self._stepping.go_on()
        self._parts.watcher.go_on()

    def tell_resumed(self) -> None:
        """Say that the run goes on."""
        self._parts.emit(RunResumed(step=self._place.step))

    def watch(self, request: WatchLayers, *, now: bool) -> None:
        """Look at other layers, at once where training is held."""
        self._parts.watcher.watch(request)
        if now or self._parts.watcher.is_past:
            self._parts.watcher.look(self._place.step, self.epoch, after_step=False)

    def accept_losses(self) -> None:
        """Go on without samples that cannot be read any more."""
        self._bench.material.training.accept_losses()

    def look_again(self) -> None:
        """Look at the same layers: what was seen of them last may be some steps old."""
        self._parts.watcher.look_again(self._place.step, self.epoch)

    def tell_aside(self, aside: AnyAside) -> None:
        """Tell what is asked beside training."""
        self._parts.emit(tell(aside))

    def answer(self, question: AnyQuestion) -> None:
        """Answer a question about the model; nothing of the run changes."""
        was_held = self._stepping.is_held
        watcher = self._parts.watcher
        if not was_held and watcher.hand_over(question, self._place.step, self.epoch):
            return
        self._stepping.hold()
        self._parts.answer(question)
        if not was_held:
            self._stepping.go_on()

    def give_up(self, what: str) -> None:
        """Let what is computed beside the run stop."""
        self._parts.watcher.give_up(what)

    def change(self, request: ChangeRun) -> None:
        """Learn from the next step on with another recipe or drawing."""
        self._report()
        self._take_anew(self._parts.changes.change(self._bench, request))
        self._parts.saver.changed()

    def reset_layer(self, node: str) -> None:
        """Give a layer new weights."""
        self._report()
        self._parts.changes.reset_layer(self._bench, node)
        self._parts.saver.changed()
        self._parts.checkup.begin(self._bench)

    def go_back(self) -> None:
        """Return to the last checkpoint."""
        self._take_anew(self._parts.changes.go_back(self._bench))
        self._parts.saver.changed()
        self._parts.recorder.go_back(self._place.step)
        self._log.restart()

    def move(self, folder: str) -> None:
        """Go on in another folder, and save there what had no room."""
        self._report()
        was_held = self._stepping.is_held
        self._stepping.hold()
        if self._parts.move(folder):
            self._parts.recorder.begin(self._place.step, self.epoch)
            self._parts.saver.save()
        if not was_held:
            self._stepping.go_on()
