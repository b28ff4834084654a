"""Following a run through its folder while something else trains it: what it wrote since last."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from engine.runs.record import RunRecord, find_checkpoint
from engine.training.events import (
    EpochEnded,
    RunEnded,
    RunFailed,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
)

_BLOCK = 512
_STEPS = "SELECT step, epoch, loss, metric, learning_rate, time FROM steps WHERE step > ?"
_EPOCHS = "SELECT * FROM epochs WHERE step > ?"
_EVENTS = "SELECT id, step, json FROM events WHERE id > ?"
_decoder = msgspec.json.Decoder(TrainingEvent)

_Kept: TypeAlias = tuple[int, TrainingEvent]
"""The step at which it was told, and what."""


class RunFollower:
    """Reads the events of one run, each once, in the order of its steps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._step = 0
        self._time: float | None = None
        """Of that step."""

        self._epoch_step = 0
        self._epoch, self._seconds = 0.0, 0.0
        """How far it has come."""

        self._event = 0
        self._started: RunStarted | None = None
        self.is_over = False
        """The run has ended, or its process is gone."""

    def news(self) -> list[TrainingEvent]:
        """Return what came in since the last time; nothing while it cannot be read."""
        # Before the figures: what the process wrote until it ended is read in any case.
        state = RunRecord.open(self._folder).state
        try:
            found = list(self._read())
        except sqlite3.Error:
            return []
        if state == "lost" and not self.is_over:
            found += self._lost()
        self.is_over = self.is_over or any(isinstance(event, RunEnded) for event in found)
        return found

    def _read(self) -> Iterator[TrainingEvent]:
        file = self._folder / "metrics.sqlite"
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as database:
            steps = database.execute(f"{_STEPS} ORDER BY step", (self._step,)).fetchall()
            epochs = database.execute(f"{_EPOCHS} ORDER BY epoch", (self._epoch_step,)).fetchall()
            events = database.execute(f"{_EVENTS} ORDER BY id", (self._event,)).fetchall()
        kept = [(row[1], _decoder.decode(row[2])) for row in events]
        if self._started is None:
            kept = _with_one_start(kept)
        ended = [(row[1], _epoch(row)) for row in epochs]
        self._event = events[-1][0] if events else self._event
        if ended:
            self._epoch_step, self._seconds = ended[-1][0], ended[-1][1].seconds
        # At the same step an epoch ends before what was noted of it; a start comes first of all.
        order = sorted(
            [*ended, *kept], key=lambda item: (not isinstance(item[1], RunStarted), item[0])
        )
        for step, event in order:
            if not isinstance(event, RunStarted):
                yield from self._blocks([row for row in steps if self._step < row[0] <= step])
            yield event
            self._note(event)
        yield from self._blocks([row for row in steps if row[0] > self._step])

    def _note(self, event: TrainingEvent) -> None:
        if isinstance(event, RunStarted):
            self._started = event
        if isinstance(event, RunWentBack):
            self._step = self._epoch_step = event.step
            self._epoch = event.epoch
        if isinstance(event, RunWentBack | EpochEnded):
            # A validation lies before the next step and does not slow it.
            self._time = None

    def _blocks(self, rows: list[tuple[Any, ...]]) -> Iterator[StepEnded]:
        for low in range(0, len(rows), _BLOCK):
            block = rows[low : low + _BLOCK]
            pace = self._pace(block)
            steps = self._started.steps if self._started else block[-1][0]
            metrics = tuple(row[3] for row in block)
            yield StepEnded(
                step=block[-1][0],
                epoch=block[-1][1],
                losses=tuple(row[2] for row in block),
                metrics=() if None in metrics else metrics,
                learning_rate=block[-1][4],
                steps_per_second=pace,
                seconds_left=(steps - block[-1][0]) / pace if pace else 0.0,
            )
            self._step, self._epoch, self._time = block[-1][0], block[-1][1], block[-1][5]

    def _pace(self, block: list[tuple[Any, ...]]) -> float:
        """Return steps per second; 0 where a single step says nothing of it.

        Before the first of several steps there may have been a pause.
        """
        before, steps = block[0][5], len(block) - 1
        if steps == 0 and self._time is not None:
            before, steps = self._time, 1
        seconds = block[-1][5] - before
        return steps / seconds if seconds > 0 else 0.0

    def _lost(self) -> tuple[RunFailed, RunEnded]:
        saved = find_checkpoint(self._folder / "checkpoints", "last") is not None
        failed = RunFailed(
            title="The process that trains is gone",
            why="It was ended from outside, or the computer was.",
            hint="Go on from the last checkpoint." if saved else "Train again.",
            code="LL-R006",
        )
        ended = RunEnded(
            run=str(self._folder),
            outcome="lost",
            step=self._step,
            epoch=self._epoch,
            seconds=self._seconds,
        )
        return failed, ended


def _with_one_start(kept: list[_Kept]) -> list[_Kept]:
    """Let a run that went on from a checkpoint begin once: its steps are told from the first."""
    starts = [event for _, event in kept if isinstance(event, RunStarted)]
    if not starts:
        return kept
    newest = msgspec.structs.replace(starts[-1], first_step=0)
    return [(0, newest), *(it for it in kept if not isinstance(it[1], RunStarted))]


def _epoch(row: tuple[Any, ...]) -> EpochEnded:
    return EpochEnded(
        epoch=row[0],
        step=row[1],
        training_loss=row[2],
        training_metric=row[3],
        validation_loss=row[4],
        validation_metric=row[5],
        seconds=row[6],
    )
