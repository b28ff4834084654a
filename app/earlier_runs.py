"""Runs that are over: one of them in the panels, others laid behind its curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.drops import FileDrops, only
from app.loss_course import LossCourse
from app.run_events import Delivery, replayed
from app.training_control import TrainingControl
from engine.runs.moments import list_moments
from engine.runs.record import RunRecord, is_run
from nodes.errors import RunError

if TYPE_CHECKING:
    from app.late_panels import RunPanels


class EarlierRuns(QObject):
    """Shows what the record of a run tells."""

    refused = Signal(str)
    """A run cannot be read: why, in a line."""

    def __init__(
        self,
        control: TrainingControl,
        panels: RunPanels,
        delivery: Delivery,
        course: LossCourse,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._panels = panels
        self._delivery = delivery
        self._course = course
        self._logged: Path | None = None
        panels.runs.overlay_requested.connect(self.overlay)
        FileDrops(panels.training, only(is_run), lambda run, _: self.overlay(run))

    def show(self, run: Path, *, is_held: bool) -> None:
        """Show the curves of a run.

        Args:
            is_held: Whether the engine holds its model already.

        Raises:
            RunError: The run cannot be read.
        """
        panels, events = self._panels, replayed(run)
        self._delivery.finish()
        self._course.show(events)
        self._control.run = run
        info = RunRecord.open(run).info
        panels.training.show_run_title(info.name, info.branched)
        panels.training.show_events(events)
        panels.evaluation.show_events(events, can_look=is_held)
        if run != self._logged:
            panels.log.show_record(info.name, events)
            self._logged = run
        panels.runs.select(run)
        panels.slider.show_events(events)
        if is_held:
            panels.slider.show_run(list_moments(run))
        else:
            self._control.look_into(run)

    def overlay(self, run: Path) -> None:
        """Lay the curves of another run behind those that are shown."""
        from engine.runs.replay import read_curves

        try:
            self._panels.training.overlay(self._called(run), read_curves(run))
        except RunError as error:
            self.refused.emit(error.title)

    def _called(self, run: Path) -> str:
        """Return what the list calls a run, which is short."""
        lines = self._panels.runs.lines
        known = next((line.label for line in lines if line.folder == run), "")
        return known or RunRecord.open(run).info.name
