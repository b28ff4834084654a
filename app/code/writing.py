"""Writing the source of the newest drawing: at once while that is quick, else beside the window."""

from __future__ import annotations

import time

import msgspec
from PySide6.QtCore import QObject, QThreadPool, Signal

from app.handover import Handover
from engine.analysis.report import Problem, ShapeReport
from engine.compile.plan import DrawingError, make_plan
from engine.compile.source import Source, write_source
from nodes.errors import LoomError

_QUICK_S = 0.008
"""Writing that took longer than this goes to a thread the next time."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The source of a drawing, or what stands in its way."""

    report: ShapeReport
    source: Source | None = None
    problem: Problem | None = None


class Writing(QObject):
    """Turns analysed drawings into source; the newest one asked for wins."""

    done = Signal(object)
    """The newest drawing is written: a ``Written``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted: ShapeReport | None = None
        self._seconds = 0.0
        self._arrived = Handover(self, self._on_arrived)

    def write(self, report: ShapeReport, name: str) -> None:
        """Write the source of a drawing; ``done`` may come before this returns."""
        self._wanted = report
        if self._seconds < _QUICK_S:
            self._on_arrived(_timed(report, name))
        else:
            arrived = self._arrived
            QThreadPool.globalInstance().start(lambda: arrived.give(_timed(report, name)))

    def _on_arrived(self, timed: tuple[Written, float]) -> None:
        written, self._seconds = timed
        if written.report is self._wanted:
            self.done.emit(written)


def _timed(report: ShapeReport, name: str) -> tuple[Written, float]:
    started = time.perf_counter()
    written = written_of(report, name)
    return written, time.perf_counter() - started


def written_of(report: ShapeReport, name: str) -> Written:
    """Write the source of a drawing, or say which problem stands in its way."""
    try:
        plan = make_plan(report.graph, report, name, without_loss=True)
        return Written(report=report, source=write_source(plan))
    except DrawingError as error:
        return Written(report=report, problem=error.problem)
    except LoomError:
        return Written(report=report)
