"""What a run without a window shows of its layers: a small file in its folder, written anew.

Figures are in the record of the run. This is what a window that is opened again sees beside them:
the samples, the newest look into each layer, and answers to what it asked.
"""

from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.heat import HeatTaken
from engine.training.insight import Evaluated
from engine.training.questions import MomentsKept

_FILE: Final = "live.msgpack"
_MOST: Final = 64
_ONCE = (SamplesChosen, MomentsKept)
"""What is said seldom, and needed by whoever comes later."""

_NEWEST = (*_ONCE, ProbeTaken, HeatTaken)
"""Of these only the newest counts."""

_RECORDED = (
    WorkerReady,
    RunStarted,
    StepEnded,
    EpochEnded,
    Evaluated,
    CheckpointSaved,
    HealthNoted,
    RunPaused,
    RunResumed,
    RunChanged,
    RunWentBack,
    RunFailed,
    RunEnded,
)
"""What stands in the record of the run, and is read from there."""


class _Told(msgspec.Struct, frozen=True, array_like=True):
    number: int
    event: TrainingEvent


_decoder: Final = msgspec.msgpack.Decoder(list[_Told])


class LiveWriter:
    """Keeps what was shown last, and writes it when asked; used by two threads."""

    def __init__(self) -> None:
        self._told: deque[_Told] = deque(maxlen=_MOST)
        self._number = 0
        self._written = 0
        self._lock = Lock()

    def take(self, event: TrainingEvent, *, is_heard: bool) -> None:
        """Remember an event.

        Args:
            is_heard: Whether a window gets it directly: then only what is said but once is kept.
        """
        if isinstance(event, _RECORDED) or (is_heard and not isinstance(event, _ONCE)):
            return
        with self._lock:
            if isinstance(event, _NEWEST):
                kept = [told for told in self._told if type(told.event) is not type(event)]
                self._told = deque(kept, maxlen=_MOST)
            self._number += 1
            self._told.append(_Told(self._number, event))

    def flush(self, run: Path) -> None:
        """Write what is new, whole or not at all; what cannot be written is not shown."""
        with self._lock:
            if self._number == self._written:
                return
            self._written = self._number
            content = msgspec.msgpack.encode(list(self._told))
        beside = run / f".{_FILE}.tmp"
        with suppress(OSError):
            beside.write_bytes(content)
            beside.replace(run / _FILE)

    def forget(self, run: Path) -> None:
        """Take the file away."""
        with suppress(OSError):
            (run / _FILE).unlink(missing_ok=True)


class LiveReader:
    """Reads what a run shows, each thing once."""

    def __init__(self, run: Path) -> None:
        self._file = run / _FILE
        self._seen = 0
        self._number = 0

    def news(self) -> list[TrainingEvent]:
        """Return what was shown since the last time; nothing where there is no such file."""
        try:
            changed = self._file.stat().st_mtime_ns
            if changed == self._seen:
                return []
            told = _decoder.decode(self._file.read_bytes())
        except (OSError, msgspec.DecodeError):
            return []
        self._seen = changed
        fresh = [each for each in told if each.number > self._number]
        self._number = max((each.number for each in fresh), default=self._number)
        return [each.event for each in fresh]
