"""Reading a run back: its curves as arrays, and its events as they came."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from engine.training.events import (
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunFailed,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from engine.training.insight import Evaluated
from nodes.errors import RunError

Floats: TypeAlias = npt.NDArray[np.float64]

_BLOCK = 512

_Told = TypeVar("_Told", RunStarted, RunFailed, RunEnded)


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run. Where there is none, NaN stands."""

    metric: str
    """Its name; empty where none applies."""

    steps: npt.NDArray[np.int64]
    step_epochs: Floats
    losses: Floats
    metrics: Floats
    learning_rates: Floats
    times: Floats
    """Seconds since 1970."""

    epochs: npt.NDArray[np.int64]
    epoch_steps: npt.NDArray[np.int64]
    training_losses: Floats
    training_metrics: Floats
    validation_losses: Floats
    validation_metrics: Floats
    epoch_seconds: Floats
    """Since the run began, pauses left out."""

    parts: Mapping[str, Floats] = {}
    """Each loss at each step, by what people call it; nothing where there is one."""

    figures: Mapping[str, Floats] = {}
    """What else validation gave at each epoch, by name."""


def read_curves(folder: Path) -> Curves:
    """Read the curves of a run, also while it trains.

    Raises:
        RunError: There are no figures that can be read.
    """
    steps = _rows(folder, "SELECT * FROM steps ORDER BY step", 6)
    epochs = _rows(folder, "SELECT * FROM epochs ORDER BY epoch", 7)
    started = _newest(folder, RunStarted)
    return Curves(
        metric=started.metric if started else "",
        steps=steps[0].astype(np.int64),
        step_epochs=steps[1],
        losses=steps[2],
        metrics=steps[3],
        learning_rates=steps[4],
        times=steps[5],
        epochs=epochs[0].astype(np.int64),
        epoch_steps=epochs[1].astype(np.int64),
        training_losses=epochs[2],
        training_metrics=epochs[3],
        validation_losses=epochs[4],
        validation_metrics=epochs[5],
        epoch_seconds=epochs[6],
        parts=_named(folder, "parts", "step", steps[0]),
        figures=_named(folder, "figures", "epoch", epochs[0]),
    )


def replay(folder: Path) -> Iterator[TrainingEvent]:
    """Yield the events of a run again, for whoever shows it later.

    It begins with the start and ends with the end, if there was one; steps come in larger blocks,
    and what was changed while it trained where it was changed.

    Raises:
        RunError: There are no figures that can be read.
    """
    curves = read_curves(folder)
    started = _newest(folder, RunStarted)
    if started is not None:
        yield started
    done = 0
    # At the same step an epoch ends before something is changed: the order is kept.
    between: list[EpochEnded | RunChanged] = [*_epochs(curves), *changes(folder)]
    for event in sorted(between, key=lambda event: event.step):
        upto = int(np.searchsorted(curves.steps, event.step, side="right"))
        yield from _blocks(curves, done, upto)
        done = upto
        yield event
    yield from _blocks(curves, done, len(curves.steps))
    yield from evaluations(folder)
    failed = _newest(folder, RunFailed)
    if failed is not None:
        yield failed
    ended = _newest(folder, RunEnded)
    if ended is not None:
        yield ended


def changes(folder: Path) -> tuple[RunChanged, ...]:
    """Return what was changed while the run trained, in order.

    Raises:
        RunError: There are no figures that can be read.
    """
    rows = _query(folder, "SELECT json FROM events WHERE kind = 'run_changed' ORDER BY id")
    return tuple(msgspec.json.decode(row[0], type=RunChanged) for row in rows)


def notes(folder: Path) -> tuple[HealthNoted, ...]:
    """Return what a person was told about the run while it trained, in order.

    Raises:
        RunError: There are no figures that can be read.
    """
    rows = _query(folder, "SELECT json FROM events WHERE kind = 'health_noted' ORDER BY id")
    return tuple(msgspec.json.decode(row[0], type=HealthNoted) for row in rows)


def evaluations(folder: Path) -> Iterator[Evaluated]:
    """Yield the evaluations that were kept: of the best epoch and of the last.

    Raises:
        RunError: There are no figures that can be read.
    """
    for (text,) in _query(folder, "SELECT json FROM events WHERE kind = 'evaluated' ORDER BY step"):
        yield msgspec.json.decode(text, type=Evaluated)


def _epochs(curves: Curves) -> Iterator[EpochEnded]:
    for place in range(len(curves.epochs)):
        yield EpochEnded(
            epoch=int(curves.epochs[place]),
            step=int(curves.epoch_steps[place]),
            training_loss=float(curves.training_losses[place]),
            training_metric=_known(curves.training_metrics[place]),
            validation_loss=_known(curves.validation_losses[place]),
            validation_metric=_known(curves.validation_metrics[place]),
            validation_figures={
                name: float(values[place])
                for name, values in curves.figures.items()
                if not np.isnan(values[place])
            },
            seconds=float(curves.epoch_seconds[place]),
        )


def _blocks(curves: Curves, begin: int, end: int) -> Iterator[StepEnded]:
    for low in range(begin, end, _BLOCK):
        high = min(low + _BLOCK, end)
        metrics = curves.metrics[low:high]
        seconds = float(curves.times[high - 1] - curves.times[low])
        yield StepEnded(
            step=int(curves.steps[high - 1]),
            epoch=float(curves.step_epochs[high - 1]),
            losses=tuple(curves.losses[low:high].tolist()),
            metrics=() if np.isnan(metrics).any() else tuple(metrics.tolist()),
            parts={name: tuple(values[low:high].tolist()) for name, values in curves.parts.items()},
            learning_rate=float(curves.learning_rates[high - 1]),
            steps_per_second=(high - low - 1) / seconds if seconds > 0 else 0.0,
            seconds_left=0.0,
        )


def _rows(folder: Path, query: str, columns: int) -> list[Floats]:
    rows = _query(folder, query)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), columns)
    return list(table.T)


def _named(folder: Path, table: str, key: str, places: Floats) -> dict[str, Floats]:
    """Return what a table holds by name, in line with the steps or epochs of a run."""
    kept = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = "
    if not _query(folder, f"{kept}'{table}'"):
        # Older runs had one loss and one output.
        return {}
    found: dict[str, Floats] = {}
    for place, name, value in _query(folder, f"SELECT {key}, name, value FROM {table}"):
        values = found.setdefault(name, np.full(len(places), np.nan))
        row = int(np.searchsorted(places, place))
        # A run that trains writes on between one reading and the next.
        if row < len(places):
            values[row] = value
    return found


def _newest(folder: Path, kind: type[_Told]) -> _Told | None:
    tag = kind.__struct_config__.tag
    query = f"SELECT json FROM events WHERE kind = '{tag}' ORDER BY id DESC LIMIT 1"
    rows = _query(folder, query)
    return msgspec.json.decode(rows[0][0], type=kind) if rows else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _query(folder: Path, query: str) -> list[tuple[Any, ...]]:
    file = folder / "metrics.sqlite"
    try:
        # Without the mode a missing file would be made.
        uri = f"{file.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            return database.execute(query).fetchall()
    except sqlite3.Error as error:
        raise RunError(
            "This run has no curves",
            why=f"{error}.".capitalize(),
            where=str(file),
            hint="It may have ended before its first step.",
        ) from error
