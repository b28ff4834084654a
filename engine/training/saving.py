"""When checkpoints are saved: often enough to lose little, seldom enough to cost little."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from engine.atomic import is_no_room, why_unwritten
from engine.runs.record import CheckpointName
from engine.training.checkpoints import Snapshot, save_checkpoint
from engine.training.events import CheckpointSaved, HealthNoted
from engine.training.moving import ways_on

# A save of 10 ms is followed by at least two seconds without one: 0.5 % of the time.
_REST: Final = 200
# What was changed is saved sooner: nobody wants to change it twice.
_REST_AFTER_CHANGE: Final = 20
_FIRST_SECONDS: Final = 1.0
_LONG_SECONDS: Final = 60.0
_AFTER_PROBLEM_SECONDS: Final = 10.0

Then: TypeAlias = Literal["goes on", "holds", "ends"]
_TOLD: Final[dict[Then, str]] = {
    "goes on": "Training goes on.",
    "holds": "The run holds until it is saved.",
    "ends": "It is lost.",
}


class Saver:
    """Keeps the checkpoints ``last`` and ``best`` of one run up to date.

    Args:
        snapshot: Makes one of the run as it is now, sharing the memory of the model.
        keep_figures: Writes the figures so far. A run that was killed goes on from its checkpoint,
            so the curves must reach as far.
        make_room: Removes something of the run that matters less, and says whether it did.
        trained: Tells the seconds of training; pauses left out, else each would end in a save.
        clock: Tells the seconds that a save takes.
    """

    def __init__(
        self,
        checkpoints: Path,
        snapshot: Callable[[], Snapshot],
        emit: Callable[[CheckpointSaved | HealthNoted], None],
        *,
        keep_figures: Callable[[], None],
        make_room: Callable[[], bool],
        trained: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints = checkpoints
        self._snapshot = snapshot
        self._emit = emit
        self._keep_figures = keep_figures
        self._make_room = make_room
        self._trained = trained
        self._clock = clock
        self._saved = trained()
        self._rest = _FIRST_SECONDS
        self._took = 0.0
        self._is_changed, self._change_saved = False, -math.inf
        self._best: Snapshot | None = None
        self._newest = -1, -1, -1, ""
        self._then: Then = "goes on"
        self._told: tuple[int, Then] = -1, "goes on"
        self.is_behind = False
        """Whether the last attempt to save the newest step failed."""

    def epoch_ended(self, *, is_best: bool) -> None:
        """Save after an epoch; the best one is kept in memory where it is too soon to write."""
        if self._trained() - self._saved >= self._rest:
            if is_best:
                self._best = self._snapshot()
            self.save()
        elif is_best:
            self._best = self._snapshot().copied()

    def changed(self) -> None:
        """Save soon, once a step was made with what a person has changed."""
        self._is_changed = True

    def step_ended(self) -> None:
        """Save within long epochs, and after a change."""
        if self._is_changed and not self.is_behind:
            is_due = self._trained() - self._change_saved >= _REST_AFTER_CHANGE * self._took
        else:
            is_due = self._trained() - self._saved >= max(self._rest, _LONG_SECONDS)
        if is_due:
            self.save()

    def save(self, then: Then = "goes on") -> None:
        """Write what there is to write, now.

        Args:
            then: What the run does where it cannot be written.
        """
        began = self._clock()
        self._then = then
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
        self.is_behind = position != self._newest
        self._saved = self._trained()
        if self._is_changed and not self.is_behind:
            self._is_changed, self._change_saved = False, self._saved
        self._took = self._clock() - began
        self._rest = max(self._rest, _REST * self._took)

    def _write(self, name: CheckpointName, snapshot: Snapshot) -> bool:
        step = snapshot.state.place.step
        try:
            path = self._save(name, snapshot)
        except OSError as error:
            self._rest = _AFTER_PROBLEM_SECONDS
            self._tell(step, error)
            return False
        self._emit(CheckpointSaved(step=step, path=str(path), best=name == "best"))
        return True

    def _save(self, name: CheckpointName, snapshot: Snapshot) -> Path:
        while True:
            try:
                return save_checkpoint(self._checkpoints, name, snapshot)
            except OSError as error:
                if not (is_no_room(error) and self._make_room()):
                    raise

    def _tell(self, step: int, error: OSError) -> None:
        """Say why a step is not saved; once, where it is both the best and the last."""
        if self._told == (step, self._then):
            return
        self._told = step, self._then
        why = why_unwritten(error, self._checkpoints.parent)
        text = f"The checkpoint of step {step} is not saved. {why} {_TOLD[self._then]}"
        code = "checkpoint" if self._then == "goes on" else "unsaved"
        self._emit(HealthNoted(code=code, text=text, step=step, acts=ways_on(error)))
