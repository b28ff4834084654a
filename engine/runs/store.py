"""The figures of a run in SQLite, written while it trains, and the list of all runs.

Write-ahead logging lets windows read while the trainer writes, and what was committed outlives a
kill of the process at any moment.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from engine.runs.record import RunRecord, runs_root
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
)
from engine.training.insight import Evaluated
from nodes.errors import RunError

__all__ = ["RunStore", "list_runs", "runs_root"]

_COMMIT_SECONDS: Final = 0.25

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS steps (
    step INTEGER PRIMARY KEY, epoch REAL, loss REAL, metric REAL, learning_rate REAL, time REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epochs (
    epoch INTEGER PRIMARY KEY, step INTEGER, training_loss REAL, training_metric REAL,
    validation_loss REAL, validation_metric REAL, seconds REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    step INTEGER, name TEXT, value REAL, PRIMARY KEY (step, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
    epoch INTEGER, step INTEGER, name TEXT, value REAL, PRIMARY KEY (epoch, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, step INTEGER, time REAL, kind TEXT, json TEXT
);
"""

_STEP: Final = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)"
_EPOCH: Final = "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)"
_PART: Final = "INSERT OR REPLACE INTO parts VALUES (?, ?, ?)"
_FIGURE: Final = "INSERT OR REPLACE INTO figures VALUES (?, ?, ?, ?)"
_EVENT: Final = "INSERT INTO events (step, time, kind, json) VALUES (?, ?, ?, ?)"

_FORGET_EVALUATIONS: Final = """
DELETE FROM events WHERE kind = 'evaluated' AND (? OR json_extract(json, '$.is_best') = 0)
"""

Row: TypeAlias = tuple[float | int | str | None, ...]

_Kept: TypeAlias = (
    RunStarted
    | Evaluated
    | CheckpointSaved
    | HealthNoted
    | RunPaused
    | RunResumed
    | RunChanged
    | RunWentBack
    | RunFailed
    | RunEnded
)


class RunStore:
    """Writes the events of one run; used by one thread.

    Rows are committed together, at most four times a second.

    Args:
        clock: Seconds; for tests.
    """

    def __init__(
        self,
        file: Path,
        *,
        after_step: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the file, and forget what is later than ``after_step`` where a run goes on."""
        self._file = file
        self._rows: list[tuple[str, Row]] = []
        self._clock = clock
        self._committed = clock()
        self._step = after_step or 0
        try:
            self._database = _opened(file)
            if after_step is not None:
                for statement, row in _forgetting(after_step):
                    self._database.execute(statement, row)
        except sqlite3.Error as error:
            raise _cannot_write(file, error) from error

    def write(self, event: TrainingEvent) -> None:
        """Take one event; what layers put out is shown and not kept.

        Raises:
            sqlite3.Error: A commit did not succeed; its rows are tried again with the next.
        """
        match event:
            case StepEnded():
                self._add_steps(event)
            case EpochEnded():
                self._rows.append((_EPOCH, _epoch_row(event)))
                for name, value in event.validation_figures.items():
                    self._rows.append((_FIGURE, (event.epoch, event.step, name, value)))
            case Evaluated():
                # Of all epochs the best and the last are kept: pictures would fill the folder.
                self._rows.append((_FORGET_EVALUATIONS, (event.is_best,)))
                self._add_event(event)
            case (
                RunStarted()
                | CheckpointSaved()
                | HealthNoted()
                | RunPaused()
                | RunResumed()
                | RunChanged()
                | RunFailed()
                | RunEnded()
            ):
                self._add_event(event)
            case RunWentBack():
                self._forget_after(event)
            case _:
                return
        # After a pause nothing may come for long: whoever follows the run must see it at once.
        if isinstance(event, RunPaused) or self._clock() - self._committed >= _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Write what came in since the last commit.

        Raises:
            sqlite3.Error: It did not succeed; nothing of it was written.
        """
        self._committed = self._clock()
        if not self._rows:
            return
        self._database.execute("BEGIN")
        try:
            for statement, row in self._rows:
                self._database.execute(statement, row)
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._rows.clear()

    def reopen(self) -> None:
        """Write into the file that is now where the former was; what was not written is kept.

        Raises:
            RunError: It cannot be opened.
        """
        self._database.close()
        try:
            self._database = _opened(self._file)
        except sqlite3.Error as error:
            raise _cannot_write(self._file, error) from error

    def close(self) -> None:
        """Write the rest and close the file."""
        try:
            self.commit()
        finally:
            self._database.close()

    def _add_steps(self, event: StepEnded) -> None:
        now = time.time()
        # The block says when its last step ended; those before came at its speed.
        spacing = 1 / event.steps_per_second if event.steps_per_second > 0 else 0.0
        last = len(event.losses) - 1
        for place, loss in enumerate(event.losses):
            step = event.step - last + place
            row: Row = (
                step,
                event.epoch * step / event.step,
                loss,
                event.metrics[place] if event.metrics else None,
                event.learning_rate,
                now - (last - place) * spacing,
            )
            self._rows.append((_STEP, row))
            for name, values in event.parts.items():
                self._rows.append((_PART, (step, name, values[place])))
        self._step = event.step

    def _add_event(self, event: _Kept) -> None:
        step = getattr(event, "step", self._step)
        text = msgspec.json.encode(event).decode()
        kind = str(event.__struct_config__.tag)
        self._rows.append((_EVENT, (step, time.time(), kind, text)))

    def _forget_after(self, event: RunWentBack) -> None:
        self._rows += _forgetting(event.step)
        self._step = event.step
        self._add_event(event)


def _cannot_write(file: Path, error: sqlite3.Error) -> RunError:
    return RunError(
        "The figures of the run cannot be written",
        why=f"{error}.",
        where=str(file),
        hint="Choose another run folder, or free some space.",
    )


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.executescript(_SCHEMA)
    return database


def _forgetting(step: int) -> list[tuple[str, Row]]:
    """Return the statements that take away what came after a step."""
    return [
        ("DELETE FROM steps WHERE step > ?", (step,)),
        ("DELETE FROM epochs WHERE step > ?", (step,)),
        ("DELETE FROM parts WHERE step > ?", (step,)),
        ("DELETE FROM figures WHERE step > ?", (step,)),
        (
            "DELETE FROM events WHERE kind IN ('run_failed', 'run_ended')"
            " OR (kind IN ('checkpoint_saved', 'evaluated', 'run_changed') AND step > ?)",
            (step,),
        ),
        # What was changed at that very step, but after it was saved, is not in the checkpoint.
        (
            "DELETE FROM events WHERE kind = 'run_changed' AND id >"
            " (SELECT max(id) FROM events WHERE kind = 'checkpoint_saved' AND step = ?)",
            (step,),
        ),
    ]


def list_runs(root: Path | None = None) -> tuple[RunRecord, ...]:
    """Return the runs in a folder, the newest first; folders that are no runs are left out."""
    folder = runs_root() if root is None else root
    if not folder.is_dir():
        return ()
    records = []
    for place in folder.iterdir():
        try:
            records.append(RunRecord.open(place))
        except RunError:
            continue
    return tuple(
        sorted(records, key=lambda record: (record.info.started, record.folder.name), reverse=True)
    )


def _epoch_row(event: EpochEnded) -> Row:
    return (
        event.epoch,
        event.step,
        event.training_loss,
        event.training_metric,
        event.validation_loss,
        event.validation_metric,
        event.seconds,
    )
