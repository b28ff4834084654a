"""Writing the source of the newest drawing: at once while that is quick, else beside the window."""

from __future__ import annotations

import time

import msgspec
from PySide6.QtCore import QObject, QThreadPool, Signal
from shiboken6 import isValid

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

    _arrived = Signal(object, float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted: ShapeReport | None = None
        self._seconds = 0.0
        self._arrived.connect(self._on_arrived)

    def write(self, report: ShapeReport, name: str) -> None:
        """Write the source of a drawing; ``done`` may come before this returns."""
        self._wanted = report
        if self._seconds < _QUICK_S:
            started = time.perf_counter()
            written = written_of(report, name)
            self._on_arrived(written, time.perf_counter() - started)
        else:
            QThreadPool.globalInstance().start(lambda: self._write_later(report, name))

    def _write_later(self, report: ShapeReport, name: str) -> None:
        started = time.perf_counter()
        written = written_of(report, name)
        if isValid(self):
            self._arrived.emit(written, time.perf_counter() - started)

    def _on_arrived(self, written: Written, seconds: float) -> None:
        self._seconds = seconds
        if written.report is self._wanted:
            self.done.emit(written)


def written_of(report: ShapeReport, name: str) -> Written:
    """Write the source of a drawing, or say which problem stands in its way."""
    try:
        plan = make_plan(report.graph, report, name, without_loss=True)
        return Written(report=report, source=write_source(plan))
    except DrawingError as error:
        return Written(report=report, problem=error.problem)
    except LoomError:
        return Written(report=report)
