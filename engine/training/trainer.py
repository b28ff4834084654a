"""One run from a project to its last event: the same in a worker, in a terminal and in a test."""

import gc
import importlib.metadata
import platform
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.project.project import Project
from engine.runs.record import RunRecord, Surroundings
from engine.runs.store import RunStore
from engine.training.averaging import Average, trained_weights
from engine.training.balance import balanced
from engine.training.checkpoints import (
    Place,
    SavedState,
    Snapshot,
    load_checkpoint,
    random_states,
    restore_random_states,
)
from engine.training.compiling import Forward, compiled_forward, faster_forward
from engine.training.config import TrainingConfig
from engine.training.devices import choose_device, choose_threads
from engine.training.doctor import failure_of
from engine.training.events import (
    HealthNoted,
    Outcome,
    RunEnded,
    RunStarted,
    TrainerRequest,
    TrainingEvent,
    WatchLayers,
)
from engine.training.loop import Loop, Parts
from engine.training.material import Material, gather
from engine.training.metrics import metric_of
from engine.training.optimizers import make_optimizer, optimizer_tensors, restore_optimizer
from engine.training.precision import Autocast
from engine.training.reporting import Stopwatch
from engine.training.saving import Saver
from engine.training.update import Updater
from engine.training.watching import Watcher
from nodes.errors import LoomError, RunError


class Trainer:
    """Carries out one run.

    Args:
        emit: Takes every event, in order, on the thread that trains.
        requests: What is asked of the run; read between two steps.
    """

    def __init__(
        self,
        project: Project,
        config: TrainingConfig,
        emit: Callable[[TrainingEvent], None],
        requests: SimpleQueue[TrainerRequest] | None = None,
    ) -> None:
        self._project = project
        self._config = config
        self._listener = emit
        self._requests = SimpleQueue() if requests is None else requests
        self._compiled: CompiledModel | None = None
        self._record: RunRecord | None = None
        self._store: RunStore | None = None
        self._store_is_broken = False
        self._loop: Loop | None = None
        self._watcher: Watcher | None = None
        self._place = Place()
        self._stopwatch = Stopwatch()
        self._metric_name = ""

    def run(self) -> RunEnded:
        """Train to the end, whatever the end is, and return the last event."""
        outcome: Outcome = "failed"
        try:
            outcome = self._train()
        except KeyboardInterrupt:
            # It came within a step: the checkpoint before is whole, the model may not be.
            outcome = "stopped"
        # The boundary of the trainer: whatever went wrong becomes an event.
        except Exception as error:  # noqa: BLE001
            failed = failure_of(error, self._compiled)
            self._note(problem=failed)
            self._emit(failed)
        ended = self._ended(outcome)
        self._note(ended=ended)
        self._emit(ended)
        self._close()
        return ended

    def look(self, request: WatchLayers) -> None:
        """Look into layers of the model as the run left it."""
        if self._watcher is not None and self._loop is not None:
            self._watcher.watch(request)
            self._watcher.look(self._place.step, self._loop.epoch, after_step=False)

    def _train(self) -> Outcome:
        """Build everything, then train."""
        recipe = self._project.recipe
        torch.manual_seed(recipe.seed)
        plan = project_plan(self._project)
        compiled = compile_plan(balanced(plan) if recipe.balance_classes else plan)
        self._compiled = compiled
        device = choose_device(self._config.device, deterministic=recipe.deterministic)
        autocast = Autocast(recipe.precision, device)
        material = gather(compiled.plan, device, recipe.seed)

        record = self._record = RunRecord.create(self._project, self._config, compiled.source.text)
        saved = self._restored(record, compiled)
        compiled.module.to(device)
        average = Average(compiled.module, recipe.averaging) if recipe.averaging else None
        optimizer = make_optimizer(recipe, compiled.module)
        if saved is not None:
            restore_optimizer(optimizer, compiled.module, saved.memory)
            if average is not None:
                average.restore(saved.snapshot.weights)
        batch = self._first_batch(material)
        before = record.info.surroundings
        threads = choose_threads(self._config, compiled, batch, before=before.threads)
        forward = self._forward(compiled, autocast, batch, before)
        is_compiled = forward is not None
        surroundings = _surroundings(device, threads, is_compiled=is_compiled)
        self._note(surroundings=surroundings, split=material.split)
        self._store = RunStore(
            record.metrics_file, after_step=self._place.step if self._config.resume else None
        )

        updater = Updater(compiled, optimizer, autocast, average, self._place, forward)
        watcher = self._watcher = self._make_watcher(compiled, material)
        loop = self._loop = self._make_loop(updater, material, watcher)
        self._emit(self._started(loop, material, device, threads))
        watcher.introduce()
        # Last: nothing before the first step may use up random numbers.
        if saved is not None:
            restore_random_states(saved.snapshot.state.random)
        with _collector_at_rest():
            outcome = loop.run()
        if recipe.restore_best and outcome in ("finished", "stopped_early"):
            self._take_best(record, compiled)
            watcher.look_again(self._place.step, loop.epoch)
        return outcome

    def _restored(self, record: RunRecord, compiled: CompiledModel) -> "_Restored | None":
        """Return the last checkpoint of a run that goes on, its weights put into the model."""
        if not self._config.resume:
            return None
        saved = load_checkpoint(record.folder / "checkpoints", "last")
        if saved is None:
            text = "There was no checkpoint yet, so the run begins again."
            self._emit(HealthNoted(code="resume", text=text))
            return None
        trained, memory = trained_weights(saved.weights, saved.optimizer)
        other = _first_difference(trained, compiled.module.state_dict())
        if other:
            raise RunError(
                "The checkpoint does not fit this drawing",
                why=f"{other} is missing in one of them, or has another size.",
                where=str(record.folder),
                hint="Go on with the drawing as it was trained, or begin a new run.",
            )
        compiled.module.load_state_dict(trained)
        self._place = saved.state.place
        return _Restored(saved, memory)

    def _first_batch(self, material: Material) -> Mapping[str, Tensor]:
        size = self._project.recipe.batch_size
        order = np.arange(min(size, material.training.samples))
        with closing(material.training.batches(order, size)) as batches:
            return next(batches)

    def _forward(
        self,
        compiled: CompiledModel,
        autocast: Autocast,
        batch: Mapping[str, Tensor],
        before: Surroundings,
    ) -> Forward | None:
        """Return the compiled forward pass where it is wanted and pays."""
        if not self._project.recipe.compile:
            return None
        if before.threads:
            # A run that goes on computes as it did.
            return compiled_forward(compiled) if before.compiled else None
        forward, text = faster_forward(compiled, autocast, batch)
        self._emit(HealthNoted(code="compile", text=text))
        return forward

    def _take_best(self, record: RunRecord, compiled: CompiledModel) -> None:
        """Put the weights of the best epoch into the model, for whoever looks into it now."""
        best = load_checkpoint(record.folder / "checkpoints", "best")
        if best is not None:
            compiled.module.load_state_dict(dict(best.weights))

    def _make_watcher(self, compiled: CompiledModel, material: Material) -> Watcher:
        return Watcher(compiled, material, self._config.probe_share, self._emit)

    def _make_loop(self, updater: Updater, material: Material, watcher: Watcher) -> Loop:
        def snapshot() -> Snapshot:
            module = updater.compiled.module
            weights, memory = module.state_dict(), optimizer_tensors(updater.optimizer, module)
            if updater.average is not None:
                weights, trained = updater.average.saved(weights)
                memory |= trained
            place = msgspec.structs.replace(self._place)
            state = SavedState(place=place, random=random_states())
            return Snapshot(weights=weights, optimizer=memory, state=state)

        metric = metric_of(updater.compiled.plan, material.spec)
        self._metric_name = metric.name if metric else ""
        self._stopwatch = Stopwatch(self._place.seconds)
        checkpoints = Path(self._config.run_folder) / "checkpoints"
        return Loop(
            Parts(
                updater=updater,
                metric=metric,
                recipe=self._project.recipe,
                training=material.training,
                validation=material.validation,
                saver=Saver(checkpoints, snapshot, self._emit),
                watcher=watcher,
                place=self._place,
                stopwatch=self._stopwatch,
                emit=self._emit,
                requests=self._requests,
            )
        )

    def _started(
        self, loop: Loop, material: Material, device: torch.device, threads: int
    ) -> RunStarted:
        recipe = self._project.recipe
        assert self._compiled is not None, "a run starts with a model"
        return RunStarted(
            run=self._config.run_folder,
            project=self._project.name,
            device=device.type,
            threads=threads,
            parameters=sum(weight.numel() for weight in self._compiled.module.parameters()),
            epochs=loop.timetable.whole_epochs,
            steps=loop.timetable.steps,
            steps_per_epoch=loop.timetable.steps_per_epoch,
            batch_size=recipe.batch_size,
            training_samples=material.training.samples,
            validation_samples=material.validation.samples,
            first_step=self._place.step,
            metric=self._metric_name,
            optimizer=recipe.own_settings.info.title,
        )

    def _ended(self, outcome: Outcome) -> RunEnded:
        place = self._place
        training_loss, training_metric = place.training_loss, place.training_metric
        if training_loss is None and place.samples:
            # Within the first epoch: what there is of it.
            training_loss = place.loss_sum / place.samples
            training_metric = place.metric_sum / place.samples if self._metric_name else None
        return RunEnded(
            run=self._config.run_folder,
            outcome=outcome,
            step=place.step,
            epoch=self._loop.epoch if self._loop else 0.0,
            seconds=self._stopwatch.seconds if self._loop else 0.0,
            training_loss=training_loss,
            training_metric=training_metric,
            validation_loss=place.validation_loss,
            validation_metric=place.validation_metric,
            best_epoch=place.best_epoch,
            metric=self._metric_name,
        )

    def _emit(self, event: TrainingEvent) -> None:
        """Keep an event in the run folder and pass it on."""
        if self._store is not None:
            try:
                self._store.write(event)
            except sqlite3.Error as error:
                self._tell_of_store(error)
        self._listener(event)

    def _tell_of_store(self, error: sqlite3.Error) -> None:
        """Say once that figures are not being kept; they are tried again with the next."""
        if not self._store_is_broken:
            self._store_is_broken = True
            text = f"The curves cannot be saved: {error}. Training goes on."
            self._listener(HealthNoted(code="curves", text=text, step=self._place.step))

    def _note(self, **fields: Any) -> None:
        """Write into ``run.json`` what is known now."""
        if self._record is None:
            return
        try:
            self._record.change(**fields)
        except LoomError as error:
            self._listener(HealthNoted(code="record", text=str(error), step=self._place.step))

    def _close(self) -> None:
        if self._store is not None:
            with suppress(sqlite3.Error):
                self._store.close()
            self._store = None


class _Restored(NamedTuple):
    """What a run goes on from."""

    snapshot: Snapshot
    memory: dict[str, Tensor]
    """Of the optimiser."""


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's garbage collector from stopping to look at the model and the data again."""
    # Without collecting first: that takes 0.2 s once torch is loaded.
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _first_difference(saved: Mapping[str, Tensor], drawn: Mapping[str, Tensor]) -> str:
    """Return the first weight that only one of two models has, or whose sizes differ."""
    for name in sorted({*saved, *drawn}):
        if name not in saved or name not in drawn or saved[name].shape != drawn[name].shape:
            return name
    return ""


def _surroundings(device: torch.device, threads: int, *, is_compiled: bool) -> Surroundings:
    on_gpu = device.type == "cuda"
    try:
        version = importlib.metadata.version("layerloom")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    return Surroundings(
        layerloom=version,
        python=platform.python_version(),
        torch=str(torch.__version__),
        system=platform.platform(),
        processor=torch.cuda.get_device_name(device) if on_gpu else platform.processor(),
        device=device.type,
        threads=threads,
        compiled=is_compiled,
    )
