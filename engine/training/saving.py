"""When checkpoints are saved: often enough to lose little, seldom enough to cost little."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.atomic import why_unwritten
from engine.runs.record import CheckpointName
from engine.training.checkpoints import Snapshot, save_checkpoint
from engine.training.events import CheckpointSaved, HealthNoted
from engine.training.moving import ways_on

# A save of 10 ms is followed by at least two seconds without one: 0.5 % of the time.
_REST: Final = 200
_FIRST_SECONDS: Final = 1.0
_LONG_SECONDS: Final = 60.0
_AFTER_PROBLEM_SECONDS: Final = 10.0


class Saver:
    """Keeps the checkpoints ``last`` and ``best`` of one run up to date.

    Args:
        snapshot: Makes one of the run as it is now, sharing the memory of the model.
        keep_figures: Writes the figures so far. A run that was killed goes on from its checkpoint,
            so the curves must reach as far.
    """

    def __init__(
        self,
        checkpoints: Path,
        snapshot: Callable[[], Snapshot],
        emit: Callable[[CheckpointSaved | HealthNoted], None],
        *,
        keep_figures: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints = checkpoints
        self._snapshot = snapshot
        self._emit = emit
        self._keep_figures = keep_figures
        self._clock = clock
        self._saved = clock()
        self._rest = _FIRST_SECONDS
        self._best: Snapshot | None = None
        self._newest = -1, -1, -1, ""
        self._told_step = -1

    def epoch_ended(self, *, is_best: bool) -> None:
        """Save after an epoch; the best one is kept in memory where it is too soon to write."""
        if self._clock() - self._saved >= self._rest:
            if is_best:
                self._best = self._snapshot()
            self.save()
        elif is_best:
            self._best = self._snapshot().copied()

    def step_ended(self) -> None:
        """Save within long epochs."""
        if self._clock() - self._saved >= max(self._rest, _LONG_SECONDS):
            self.save()

    def save(self) -> None:
        """Write what there is to write, now."""
        began = self._clock()
        self._rest = 0.0
        self._keep_figures()
        # First: a run that goes on from the last would never come by its best epoch again.
        if self._best is not None:
            # Where it could not be written it must outlive the next step.
            self._best = None if self._write("best", self._best) else self._best.copied()
        snapshot = self._snapshot()
        place = snapshot.state.place
        position = place.step, place.epoch, place.seen, snapshot.state.project
        if position != self._newest and self._write("last", snapshot):
            self._newest = position
        self._saved = self._clock()
        self._rest = max(self._rest, _REST * (self._saved - began))

    def _write(self, name: CheckpointName, snapshot: Snapshot) -> bool:
        step = snapshot.state.place.step
        try:
            path = save_checkpoint(self._checkpoints, name, snapshot)
        except OSError as error:
            self._rest = _AFTER_PROBLEM_SECONDS
            self._tell(step, error)
            return False
        self._emit(CheckpointSaved(step=step, path=str(path), best=name == "best"))
        return True

    def _tell(self, step: int, error: OSError) -> None:
        """Say why a step is not saved; once, where it is both the best and the last."""
        if step == self._told_step:
            return
        self._told_step = step
        why = why_unwritten(error, self._checkpoints.parent)
        text = f"The checkpoint of step {step} is not saved. {why} Training goes on."
        self._emit(HealthNoted(code="checkpoint", text=text, step=step, acts=ways_on(error)))
