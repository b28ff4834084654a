"""The folder of a run while it trains: what comes in is kept there, and it moves where room is."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.atomic import why_unwritten
from engine.runs.moving import move_run
from engine.runs.store import RunStore
from engine.training.events import HealthAct, HealthNoted, TrainingEvent
from engine.training.moving import ANOTHER_FOLDER, ways_on
from nodes.errors import RunError


class RunFolder:
    """Keeps every event of a run and passes it on.

    Args:
        listener: Takes what was kept.
        step: Says in which step the run is.
    """

    def __init__(
        self, path: Path, listener: Callable[[TrainingEvent], None], step: Callable[[], int]
    ) -> None:
        self.path = path
        self._listener = listener
        self._step = step
        self._store: RunStore | None = None
        self._is_told = False

    def open(self, file: Path, *, after_step: int | None) -> None:
        """Keep figures from now on; what is later than ``after_step`` is forgotten.

        Raises:
            RunError: They cannot be written.
        """
        self._store = RunStore(file, after_step=after_step)

    def emit(self, event: TrainingEvent) -> None:
        """Keep an event and pass it on; where it cannot be kept that is told."""
        if self._store is not None:
            try:
                self._store.write(event)
            except sqlite3.Error as error:
                self._tell(error)
        self._listener(event)

    def keep_figures(self) -> None:
        """Write the figures so far."""
        if self._store is not None:
            try:
                self._store.commit()
            except sqlite3.Error as error:
                self._tell(error)
                return
        if self._is_told:
            self._is_told = False
            self._listener(self._noted("curves", "The curves are saved again.", is_well=True))

    def move(self, into: str) -> bool:
        """Move into another folder; False where the run stays, and why is told."""
        try:
            there = move_run(self.path, Path(into))
            if self._store is not None:
                self._store.reopen()
        except RunError as error:
            text = f"{error.title}. {error.why} {error.hint}"
            self.emit(self._noted("moved", text, ANOTHER_FOLDER))
            return False
        self._is_told = False
        self.emit(self._noted("moved", f"The run goes on in {there}.", is_well=True))
        return True

    def close(self) -> None:
        """Write the rest."""
        if self._store is not None:
            with suppress(sqlite3.Error):
                self._store.close()
            self._store = None

    def _tell(self, error: sqlite3.Error) -> None:
        """Say once that figures are not being kept; they are tried again with the next."""
        if not self._is_told:
            self._is_told = True
            why = why_unwritten(error, self.path)
            text = f"The curves cannot be saved. {why} Training goes on."
            self._listener(self._noted("curves", text, *ways_on(error)))

    def _noted(self, code: str, text: str, *acts: HealthAct, is_well: bool = False) -> HealthNoted:
        return HealthNoted(code=code, text=text, step=self._step(), acts=acts, is_well=is_well)
