"""What is under way before there is anything to see: a run is prepared, or opened; or is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.figures import rough_percent
from app.training_control import TrainingControl
from app.waiting import WaitRow
from engine.training.events import (
    RunEnded,
    RunFailed,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
)
from engine.training.questions import NotAnswered
from engine.training.waiting import PREPARING, Underway

if TYPE_CHECKING:
    from app.late_panels import RunPanels


class Coming(QObject):
    """Has every panel say what is under way, or why nothing came of it, and lets it be given up."""

    def __init__(self, control: TrainingControl, panels: RunPanels, parent: QObject) -> None:
        super().__init__(parent)
        self._control = control
        self._panels = (
            panels.activations,
            panels.weights,
            panels.gradients,
            panels.map,
            panels.stepping,
            panels.tryout,
            panels.evaluation,
        )
        self._training = panels.training
        self._failure = ""
        for panel in self._panels:
            for row in panel.findChildren(WaitRow):
                row.cancelled.connect(control.give_up)
        control.phase_changed.connect(self._on_phase_changed)
        control.opening.connect(self._on_opening)
        self._on_phase_changed(control.phase)

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says: after its first samples the panels speak for themselves."""
        for event in events:
            match event:
                case RunFailed():
                    self._failure = f"{event.title}. {event.why}".strip()
                case RunEnded(outcome="lost"):
                    self._say(self._failure, self._open_again)
                case SamplesChosen() | StepEnded() | RunEnded():
                    self._say("")
                case Underway(done=done, total=total) if event.what == PREPARING:
                    self._say_reading(done, total)
                case NotAnswered(question="open_run"):
                    words = " ".join(filter(None, (f"{event.title}.", event.why, event.hint)))
                    self._say(words, self._open_again if event.again else None)
                case _:
                    pass

    def _on_phase_changed(self, phase: str) -> None:
        if phase == "preparing":
            self._say(self.tr("Preparing the data and the model…"))

    def _on_opening(self) -> None:
        self._say(self.tr("Opening the run…"))

    def _say_reading(self, done: int, total: int) -> None:
        """Say how far the data is read, which takes minutes where there is very much."""
        words = self.tr("Reading the data…")
        if total:
            words = self.tr("Reading the data: {0}").format(rough_percent(round(done / total, 2)))
        self._say(words)
        if self._control.phase == "preparing":
            self._training.show_starting(words)

    def _open_again(self) -> None:
        """Have what the run left held by another process, to be looked into."""
        if self._control.run is not None:
            self._control.look_into(self._control.run)

    def _say(self, words: str, again: Callable[[], None] | None = None) -> None:
        for panel in self._panels:
            panel.show_coming(words, again)
