"""Recording moments of a run: its whole state now and then, to go back to and to branch from."""

import math
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from safetensors import SafetensorError

from engine.atomic import why_unwritten
from engine.runs.moments import Moment, list_moments, moment_folder, moments_folder, write_list
from engine.training.checkpoints import Snapshot, write_snapshot
from engine.training.events import HealthAct, HealthNoted
from engine.training.moving import ANOTHER_FOLDER, FREE_SPACE, ways_on
from engine.training.questions import MomentsKept
from nodes.errors import LoomError

MOST_MOMENTS: Final = 64

# A moment that took 10 ms is followed by two seconds without one: 0.5 % of the time.
_REST: Final = 200
_FIRST_SECONDS: Final = 0.5
_AFTER_PROBLEM_SECONDS: Final = 10.0
_MEGABYTE: Final = 1 << 20


class Recorder:
    """Keeps moments of one run, as many as there is room for, in even steps over the run.

    Where there is room for no more, the one goes whose neighbours are nearest to each other; the
    first and the newest stay.

    Args:
        run: The run folder.
        snapshot: Makes one of the run as it is now.
        every: Steps from one moment to the next; 0 for as often as costs next to nothing.
        megabytes: What all of them may take together; 0 records none.
        clock: Tells the seconds of training; pauses left out, else each would end in a moment.
    """

    def __init__(
        self,
        run: Path,
        snapshot: Callable[[], Snapshot],
        emit: Callable[[MomentsKept | HealthNoted], None],
        *,
        every: int = 0,
        megabytes: int = 256,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._run = run
        self._snapshot = snapshot
        self._emit = emit
        self._every = every
        self._most = self._limit = megabytes * _MEGABYTE
        self._clock = clock
        self._moments: list[Moment] = []
        self._recorded = clock()
        self._rest = _FIRST_SECONDS
        self._is_put_off = False
        self._waits_until = -math.inf

    def begin(self, step: int, epoch: float) -> None:
        """Record where the run begins or goes on, also where there was no room before."""
        self._limit = self._most
        self._waits_until = -math.inf
        self._moments = [moment for moment in list_moments(self._run) if moment.step <= step]
        self._clear()
        if not self._has(step):
            self._record(step, epoch)
        elif self._limit:
            self._tell()

    def wants(self, step: int) -> bool:
        """Whether this very step is to be recorded; where the pace is free no step is."""
        return bool(self._every and self._limit) and step % self._every == 0

    def step_ended(self, step: int, epoch: float) -> None:
        """Record where it is time for it; the figures of the steps so far are told."""
        if self._is_due(step):
            self._record(step, epoch)

    def end(self, step: int, epoch: float) -> None:
        """Record where the run ends."""
        if not self._has(step):
            self._record(step, epoch)

    def go_back(self, step: int) -> None:
        """Forget what came after a step."""
        for moment in [moment for moment in self._moments if moment.step > step]:
            self._drop(moment)
        self._tell()

    def make_way(self) -> bool:
        """Give a moment's room on the disk to what matters more; False where there is none."""
        if not self._moments:
            return False
        if self._limit:
            text = "Moments are no longer recorded: the disk is full, and checkpoints come first."
            self._limit = 0
            self._note(text, self._moments[-1].step, ANOTHER_FOLDER, FREE_SPACE)
        self._drop(self._closest() if len(self._moments) > 2 else self._moments[0])
        self._tell()
        return True

    def _clear(self) -> None:
        """Remove what nobody comes back to: later moments, and what a kill left behind."""
        kept = {moment_folder(self._run, moment.step) for moment in self._moments}
        for place in moments_folder(self._run).glob("*"):
            if place.is_dir() and place not in kept:
                shutil.rmtree(place, ignore_errors=True)

    def _has(self, step: int) -> bool:
        return any(moment.step == step for moment in self._moments)

    def _is_due(self, step: int) -> bool:
        if not self._limit or self._has(step) or self._clock() < self._waits_until:
            return False
        if self._every:
            return self.wants(step)
        return self._clock() - self._recorded >= self._rest

    def _record(self, step: int, epoch: float) -> None:
        if not self._limit:
            return
        began = self._clock()
        try:
            size = self._write(step)
        except (OSError, SafetensorError, LoomError) as error:
            self._put_off(step, error)
            return
        if self._is_put_off:
            self._is_put_off = False
            self._note("Moments are recorded again.", step, is_well=True)
        self._moments.append(Moment(step=step, epoch=epoch, size_bytes=size))
        self._make_room(step)
        self._tell()
        self._recorded = self._clock()
        self._rest = max(_FIRST_SECONDS, _REST * (self._recorded - began))

    def _write(self, step: int) -> int:
        folder = moment_folder(self._run, step)
        fresh = moments_folder(self._run) / ".tmp"
        for place in (fresh, folder):
            shutil.rmtree(place, ignore_errors=True)
        fresh.mkdir(parents=True)
        # Without flushing: a moment lost with the power is told by its manifest, and is no loss.
        write_snapshot(fresh, self._snapshot(), flushes=False)
        fresh.rename(folder)
        return sum(file.stat().st_size for file in folder.iterdir())

    def _make_room(self, step: int) -> None:
        if self._moments[-1].size_bytes * 2 > self._limit:
            text = "The model is too large for moments to be kept; its checkpoints are saved."
            for moment in list(self._moments):
                self._drop(moment)
            self._limit = 0
            self._note(text, step)
        while self._is_full() and len(self._moments) > 2:
            self._drop(self._closest())

    def _is_full(self) -> bool:
        taken = sum(moment.size_bytes for moment in self._moments)
        return len(self._moments) > MOST_MOMENTS or taken > self._limit

    def _closest(self) -> Moment:
        """Return the moment whose neighbours are nearest to each other."""
        places = range(1, len(self._moments) - 1)
        gaps = {k: self._moments[k + 1].step - self._moments[k - 1].step for k in places}
        return self._moments[min(gaps, key=lambda place: gaps[place])]

    def _drop(self, moment: Moment) -> None:
        self._moments.remove(moment)
        shutil.rmtree(moment_folder(self._run, moment.step), ignore_errors=True)

    def _put_off(self, step: int, error: Exception) -> None:
        """Say once that nothing can be written; it is tried again in a while."""
        self._waits_until = self._clock() + _AFTER_PROBLEM_SECONDS
        if not self._is_put_off:
            self._is_put_off = True
            why = why_unwritten(error, self._run)
            text = f"Moments cannot be recorded. {why} Training goes on; it is tried again."
            self._note(text, step, *ways_on(error))

    def _note(self, text: str, step: int, *acts: HealthAct, is_well: bool = False) -> None:
        self._emit(HealthNoted(code="moments", text=text, step=step, acts=acts, is_well=is_well))

    def _tell(self) -> None:
        kept = tuple(self._moments)
        with suppress(LoomError):
            write_list(self._run, kept)
        self._emit(MomentsKept(moments=kept))
