"""Runs in processes of their own, and whether two of them came to the same end."""

import os
import select
import signal
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec
import torch

from engine.project.project import Project
from engine.runs.moments import list_moments, moment_folder
from engine.runs.record import RunRecord
from engine.training.checkpoints import load_checkpoint, read_snapshot
from engine.training.config import TrainingConfig
from engine.training.events import TrainingEvent
from engine.training.requests import TrainerRequest
from engine.training.trainer import Trainer

TABLES = {
    # Epoch and rate of a step are those of the block that told it.
    "steps": "SELECT step, loss, metric FROM steps ORDER BY step",
    "epochs": "SELECT epoch, step, training_loss, training_metric, validation_loss, "
    "validation_metric FROM epochs ORDER BY epoch",
    "parts": "SELECT step, name, value FROM parts ORDER BY step, name",
    "figures": "SELECT epoch, name, value FROM figures ORDER BY epoch, name",
}


@dataclass(frozen=True, slots=True)
class Child:
    """A process that trains."""

    pid: int
    told: int
    """Where what it writes can be read."""

    def has_begun(self, seconds: float) -> bool:
        """Wait until it has written something, or so long."""
        return bool(select.select([self.told], [], [], seconds)[0])

    def kill(self) -> None:
        """End it as the system would: without asking."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> list[bytes]:
        """Wait until it is gone; return the lines that it wrote."""
        with os.fdopen(self.told, "rb") as told:
            written = told.read()
        os.waitpid(self.pid, 0)
        return written.split(b"\n")[:-1]


def begin(
    project: Project | Callable[[], Project],
    folder: Path,
    tell: Callable[[TrainingEvent, SimpleQueue[TrainerRequest]], bytes | None],
    **config: Any,
) -> Child:
    """Train in a process of its own, which writes a line where ``tell`` returns one.

    It is a fork, so that nothing needs to be imported anew; threads do not outlive that, so torch
    has but one. A project that reads a data set is made in the process itself: the library that
    reads tables keeps threads, and whoever was forked after it had begun would wait for them.
    """
    reads, writes = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writes)
        return Child(pid, reads)
    os.close(reads)
    requests: SimpleQueue[TrainerRequest] = SimpleQueue()

    def emit(event: TrainingEvent) -> None:
        line = tell(event, requests)
        if line is not None:
            os.write(writes, line + b"\n")

    try:
        made = project() if callable(project) else project
        train(made, folder, emit, requests, **config)
    finally:
        os._exit(0)


def train(
    project: Project,
    folder: Path,
    emit: Callable[[TrainingEvent], None],
    requests: SimpleQueue[TrainerRequest] | None = None,
    **config: Any,
) -> None:
    """Train in this process."""
    settings = TrainingConfig(run_folder=str(folder), threads=1, device="cpu", **config)
    Trainer(project, settings, emit, requests).run()


def differences(one: Path, other: Path) -> list[str]:
    """Return in what two runs that have ended are not equal to the last bit; times left out."""
    found = [
        f"checkpoint {name}: {what}"
        for name in ("last", "best")
        for what in _differences_of(one, other, name)
    ]
    found += [f"table {name}" for name in TABLES if rows(one, name) != rows(other, name)]
    ends = [_end(folder) for folder in (one, other)]
    if ends[0] != ends[1]:
        found.append("how it ended")
    return found


def torn(run: Path) -> list[str]:
    """Return what of a run folder cannot be read, or does not fit the rest of it."""
    return list(_torn(run))


def rows(run: Path, table: str) -> list[tuple[Any, ...]]:
    """Return what a run noted, without the times."""
    database = sqlite3.connect(run / "metrics.sqlite")
    try:
        return database.execute(TABLES[table]).fetchall()
    finally:
        database.close()


def _differences_of(one: Path, other: Path, name: Any) -> Iterator[str]:
    first, second = (load_checkpoint(folder / "checkpoints", name) for folder in (one, other))
    if first is None or second is None:
        if first is not second:
            yield "is there once"
        return
    for part in ("weights", "optimizer"):
        tensors, others = getattr(first, part), getattr(second, part)
        if list(tensors) != list(others):
            yield f"the names of {part}"
        elif not all(torch.equal(tensors[key], others[key]) for key in tensors):
            yield part
    places = [msgspec.structs.asdict(saved.state.place) for saved in (first, second)]
    for key in places[0]:
        if key != "seconds" and places[0][key] != places[1][key]:
            yield f"{key} of the place"
    if first.state.random != second.state.random:
        yield "the random numbers that come next"


def _end(run: Path) -> Any:
    ended = RunRecord.open(run).info.ended
    return ended and msgspec.structs.replace(ended, run="", seconds=0.0)


def _torn(run: Path) -> Iterator[str]:
    record = RunRecord.open(run)
    record.project()
    last = load_checkpoint(run / "checkpoints", "last")
    load_checkpoint(run / "checkpoints", "best")
    for moment in list_moments(run):
        read_snapshot(moment_folder(run, moment.step))
    if not (run / "metrics.sqlite").exists():
        return
    database = sqlite3.connect(run / "metrics.sqlite")
    try:
        (said,) = database.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            yield f"metrics.sqlite: {said}"
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        # A kill may come before there are any.
        found = database.execute("SELECT step FROM steps").fetchall() if "steps" in tables else []
    finally:
        database.close()
    if last is None:
        return
    known, saved = {step for (step,) in found}, last.state.place.step
    missing = [step for step in range(1, saved + 1) if step not in known]
    if missing:
        yield f"the curves lack {len(missing)} steps up to the checkpoint of step {saved}"
