"""Training a run again from its record, and saying whether the same numbers come out.

The judge is what the run wrote: the loss of every step, and every tensor of its checkpoints and of
its recorded moments.
"""

import importlib.metadata
import platform
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue

import msgspec
import torch
from torch import Tensor

from engine.runs.moments import list_moments, moment_folder
from engine.runs.record import RunRecord, Surroundings, find_checkpoint
from engine.runs.replay import Curves, changes, read_curves
from engine.training.checkpoints import Snapshot, read_snapshot, read_state
from engine.training.config import Device, TrainingConfig
from engine.training.events import RunEnded, RunFailed, RunPaused, StepEnded, TrainingEvent
from engine.training.requests import (
    ChangeRun,
    PauseRun,
    ResetLayer,
    StepOnce,
    StopRun,
    TrainerRequest,
)
from engine.training.trainer import Trainer
from nodes.errors import RunError


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run came out the same."""

    run: str
    steps: int
    """That the record has."""

    same_to: int
    """The last step up to which everything is the same, to the last bit."""

    differs_at: int | None = None
    """The first step with a difference; None where there is none."""

    recorded: float | None = None
    """The loss of that step, where it differs."""

    found: float | None = None
    tensor: str = ""
    """The first tensor of the next checkpoint that differs; empty where none was compared."""

    surroundings: tuple[str, ...] = ()
    """What is not as it was: ``torch 2.12.0 then, 2.13.0 now``."""


def train_again(folder: Path, emit: Callable[[TrainingEvent], None]) -> Replay:
    """Train a run again beside it and compare.

    Raises:
        RunError: The record has no steps, or the run cannot be trained here.
        LoomError: Its project or its data set cannot be read.
    """
    record = RunRecord.open(folder)
    curves = read_curves(folder)
    if not len(curves.steps):
        raise RunError(
            "This run has no steps to compare with",
            where=str(folder),
            hint="It ended before its first step.",
        )
    then = record.info.surroundings
    with tempfile.TemporaryDirectory(prefix="layerloom-replay-") as beside:
        config = TrainingConfig(
            run_folder=beside,
            device=_device(then),
            threads=then.threads,
            ways=then.ways(record.project().recipe),
            probe_share=0.0,
        )
        return _Comparison(record, curves, emit).run(config)


class _Comparison:
    """One run beside its record."""

    def __init__(
        self, record: RunRecord, curves: Curves, emit: Callable[[TrainingEvent], None]
    ) -> None:
        self._record = record
        self._losses = dict(zip(curves.steps.tolist(), curves.losses.tolist(), strict=True))
        self._last = int(curves.steps[-1])
        self._emit = emit
        self._requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self._changes: dict[int, list[TrainerRequest]] = {}
        for event in changes(record.folder):
            asked = (
                ResetLayer(node=event.reset)
                if event.reset
                else ChangeRun(project=event.project, anew=event.anew)
            )
            self._changes.setdefault(event.step, []).append(asked)
        self._saved = _saved(record.folder, set(self._changes))
        self._stops = iter(sorted({*self._changes, *self._saved, self._last}))
        self._step = 0
        self._differs_at: int | None = None
        self._found: float | None = None
        self._tensor = ""
        self._failed: RunFailed | None = None

    def run(self, config: TrainingConfig) -> Replay:
        self._trainer = Trainer(self._record.project(), config, self._take, self._requests)
        self._requests.put(PauseRun())
        self._trainer.run()
        if self._failed is not None:
            raise RunError(
                self._failed.title,
                why=self._failed.why,
                where=str(self._record.folder),
                hint=self._failed.hint,
            )
        differs = self._differs_at
        recorded = self._losses.get(differs) if differs is not None else None
        return Replay(
            run=str(self._record.folder),
            steps=self._last,
            same_to=self._step if differs is None else differs - 1,
            differs_at=differs,
            recorded=recorded if self._found is not None else None,
            found=self._found,
            tensor=self._tensor,
            surroundings=tuple(_what_changed(self._record.info.surroundings)),
        )

    def _take(self, event: TrainingEvent) -> None:
        self._emit(event)
        match event:
            case StepEnded():
                self._compare_losses(event)
            case RunPaused():
                self._compare_tensors()
                for request in self._changes.get(self._step, ()):
                    self._requests.put(request)
                self._go_on()
            case RunFailed():
                self._failed = event
            case RunEnded():
                # After the last step of all nothing holds.
                self._compare_tensors()
            case _:
                pass

    def _go_on(self) -> None:
        """Train to the next step at which something is compared or changed."""
        stop = next((step for step in self._stops if step > self._step), None)
        is_told = self._differs_at is not None and (self._tensor or stop is None)
        if stop is None or is_told:
            self._requests.put(StopRun())
        else:
            self._requests.put(StepOnce(count=stop - self._step))

    def _compare_losses(self, block: StepEnded) -> None:
        first = block.step - len(block.losses) + 1
        for step, loss in enumerate(block.losses, start=first):
            if self._differs_at is None and self._losses.get(step, loss) != loss:
                self._differs_at, self._found = step, loss
        self._step = block.step

    def _compare_tensors(self) -> None:
        folder = self._saved.pop(self._step, None)
        if folder is None or self._tensor:
            return
        self._tensor = _first_difference(read_snapshot(folder), self._trainer.snapshot())
        if self._tensor and self._differs_at is None:
            self._differs_at = self._step


def _saved(folder: Path, changed: Container[int]) -> dict[int, Path]:
    """Return where the tensors of which steps are.

    A moment of a step at which the run was changed is of the drawing after the change.
    """
    found = {
        moment.step: moment_folder(folder, moment.step)
        for moment in list_moments(folder)
        if moment.step not in changed
    }
    for name in ("best", "last"):
        checkpoint = find_checkpoint(folder / "checkpoints", name)
        if checkpoint is not None:
            found[read_state(checkpoint).place.step] = checkpoint
    return found


def _first_difference(saved: Snapshot, now: Snapshot) -> str:
    for one, other in ((saved.weights, now.weights), (saved.optimizer, now.optimizer)):
        for name in _in_order(one, other):
            if name not in one or name not in other:
                return name
            if not torch.equal(one[name], other[name].detach().cpu()):
                return name
    return ""


def _in_order(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> Iterator[str]:
    """Return the names in the order of the model, which a file of tensors does not keep."""
    yield from other
    yield from (name for name in one if name not in other)


def _device(then: Surroundings) -> Device:
    return "cuda" if then.device == "cuda" else "cpu"


def _what_changed(then: Surroundings) -> Iterator[str]:
    try:
        layerloom = importlib.metadata.version("layerloom")
    except importlib.metadata.PackageNotFoundError:
        layerloom = ""
    pairs = (
        ("Layerloom", then.layerloom, layerloom),
        ("torch", then.torch, str(torch.__version__)),
        ("Python", then.python, platform.python_version()),
        ("system", then.system, platform.platform()),
    )
    for name, before, now in pairs:
        if before != now:
            yield f"{name} {before or 'unknown'} then, {now or 'unknown'} now"
