"""The runs as the list shows them, read from their folders beside the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QObject, QThreadPool, Signal

from app.handover import Handover
from engine.data.metric_names import is_share
from engine.runs.marks import read_marks
from engine.runs.record import Branch, RunRecord, State
from engine.runs.replay import read_curves
from engine.runs.store import list_runs
from nodes.errors import RunError


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run in a line."""

    folder: Path
    name: str
    state: State
    started: datetime
    """In the person's own time."""

    metric: str = ""
    best: float | None = None
    """The best validation value of the metric, or the least validation loss without one."""

    epochs: int = 0
    seconds: float = 0.0
    reason: str = ""
    """Why it did not go on, in a sentence."""

    number: int = 0
    """Of the runs that are there, in the order in which they began, from 1."""

    note: str = ""
    """What the person noted of it."""

    starred: bool = False
    is_paused: bool = False
    """It is under way in this window, and holds."""

    branched: Branch | None = None
    """The moment of another run that it went on from."""

    @property
    def label(self) -> str:
        """What it is called where there is little room."""
        return f"Run {self.number}"


class Reading(QObject):
    """Lists the runs of a folder; what is over is read once."""

    done = Signal(object)
    """The runs, newest first: a tuple of ``RunLine``."""

    def __init__(self, root: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._root = root
        self._known: dict[Path, RunLine] = {}
        self._arrived = Handover(self, self._on_arrived)

    def read(self) -> None:
        """Look into the folder; ``done`` follows."""
        root, known, arrived = self._root(), self._known, self._arrived
        QThreadPool.globalInstance().start(lambda: arrived.give(_lines(root, known)))

    def _on_arrived(self, lines: tuple[RunLine, ...]) -> None:
        self.done.emit(lines)


def _lines(root: Path, known: dict[Path, RunLine]) -> tuple[RunLine, ...]:
    records = list_runs(root)
    return tuple(
        _marked(_line(record, known), len(records) - place) for place, record in enumerate(records)
    )


def _line(record: RunRecord, known: dict[Path, RunLine]) -> RunLine:
    line = known.get(record.folder)
    if line is None or line.state != record.state or line.state == "running":
        line = known[record.folder] = line_of(record)
    return line


def _marked(line: RunLine, number: int) -> RunLine:
    marks = read_marks(line.folder)
    return replace(line, number=number, note=marks.note, starred=marks.starred)


def line_of(record: RunRecord) -> RunLine:
    """Read what the list shows of a run."""
    ended, problem = record.info.ended, record.info.problem
    metric, best, epochs, seconds = _figures(record.folder)
    return RunLine(
        folder=record.folder,
        name=record.info.name,
        state=record.state,
        started=datetime.fromisoformat(record.info.started).astimezone(),
        metric=metric,
        best=best,
        epochs=epochs,
        seconds=ended.seconds if ended is not None and ended.seconds else seconds,
        reason=problem.title if problem is not None else "",
        branched=record.info.branched,
    )


def _figures(folder: Path) -> tuple[str, float | None, int, float]:
    try:
        curves = read_curves(folder)
    except RunError:
        return "", None, 0, 0.0
    metric = curves.metric
    values = curves.validation_metrics if metric else curves.validation_losses
    values = values[np.isfinite(values)]
    best: float | None = None
    if values.size:
        best = float(values.max() if is_share(metric) else values.min())
    seconds = float(curves.epoch_seconds[-1]) if curves.epoch_seconds.size else 0.0
    return metric or "loss", best, len(curves.epochs), seconds
