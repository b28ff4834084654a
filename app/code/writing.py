"""Writing the source of the newest drawing: at once while that is quick, else beside the window."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from app.newest import Newest
from engine.analysis.report import Problem, ShapeReport
from engine.compile.plan import DrawingError, make_plan
from engine.compile.source import Source, write_source
from nodes.errors import LoomError


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
        self._writing = Newest(self, self._on_written, "writing")

    def write(self, report: ShapeReport, name: str) -> None:
        """Write the source of a drawing; ``done`` may come before this returns."""
        self._wanted = report
        self._writing.do(partial(written_of, report, name))

    def _on_written(self, written: Written) -> None:
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
