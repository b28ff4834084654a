"""One run from a project to its last event: the same in a worker, in a terminal and in a test."""

import contextlib
import gc
import importlib.metadata
import platform
import sqlite3
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import msgspec
import torch
from torch import nn
from torch.optim import Optimizer

from engine.compile.module import CompiledModel, compile_project
from engine.probes.capture import Prober
from engine.project.project import Project
from engine.runs.record import RunRecord, Surroundings
from engine.runs.store import RunStore
from engine.training.checkpoints import (
    Place,
    SavedState,
    Snapshot,
    load_checkpoint,
    random_states,
    restore_random_states,
)
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
)
from engine.training.loop import Loop, Parts
from engine.training.material import Material, gather
from engine.training.metrics import metric_of
from engine.training.optimizers import (
    TITLES,
    make_optimizer,
    optimizer_tensors,
    restore_optimizer,
)
from engine.training.reporting import Stopwatch
from engine.training.saving import Saver
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
        self._store_works = True
        self._loop: Loop | None = None
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

    def _train(self) -> Outcome:
        """Build everything, train, save."""
        recipe = self._project.recipe
        torch.manual_seed(recipe.seed)
        compiled = self._compiled = compile_project(self._project)
        device = choose_device(self._config.device)
        material = gather(compiled.plan, device, recipe.seed)

        record = self._record = RunRecord.create(
            self._project, self._config, compiled.source.text
        )
        saved = self._resumed(record)
        optimizer = _optimizer(self._project, compiled.module.to(device), saved)
        first = next(material.training.batches(_first(material, recipe.batch_size), recipe.batch_size))
        threads = choose_threads(
            self._config, compiled, first, before=record.info.surroundings.threads
        )
        self._note(surroundings=_surroundings(device, threads))
        self._store = RunStore(
            record.metrics_file, after_step=self._place.step if self._config.resume else None
        )
        prober = Prober(compiled, material.probe, material.class_names)
        saver = Saver(
            record.folder / "checkpoints", lambda: self._snapshot(compiled, optimizer), self._emit
        )
        self._stopwatch = Stopwatch(self._place.seconds)
        metric = metric_of(compiled.plan)
        self._metric_name = metric.name if metric else ""
        loop = self._loop = Loop(
            Parts(
                compiled=compiled,
                optimizer=optimizer,
                metric=metric,
                recipe=recipe,
                training=material.training,
                validation=material.validation,
                saver=saver,
                watcher=Watcher(compiled, prober, self._config.probe_share, self._emit),
                place=self._place,
                stopwatch=self._stopwatch,
                emit=self._emit,
                requests=self._requests,
            )
        )
        self._emit(self._started(loop, material, device, threads))
        self._emit(prober.samples_event())
        # Last: nothing before the first step may use up random numbers.
        if saved is not None:
            restore_random_states(saved.state.random)
        with _collector_at_rest():
            outcome = loop.run()
        self._place.seconds = self._stopwatch.seconds
        saver.save()
        return outcome
