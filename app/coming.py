"""What is under way before there is anything to see: a run is prepared, or opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.training_control import TrainingControl
from engine.training.events import RunEnded, SamplesChosen, StepEnded, TrainingEvent
from engine.training.questions import NotAnswered

if TYPE_CHECKING:
    from app.late_panels import RunPanels


class Coming(QObject):
    """Has every panel say what is under way, or why nothing came of it."""

    def __init__(self, control: TrainingControl, panels: RunPanels, parent: QObject) -> None:
        super().__init__(parent)
        self._panels = (
            panels.activations,
            panels.weights,
            panels.gradients,
            panels.map,
            panels.stepping,
            panels.tryout,
            panels.evaluation,
        )
        control.phase_changed.connect(self._on_phase_changed)
        control.opening.connect(self._on_opening)
        self._on_phase_changed(control.phase)

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says: after its first samples the panels speak for themselves."""
        for event in events:
            match event:
                case SamplesChosen() | StepEnded() | RunEnded():
                    self._say("")
                case NotAnswered(question="open_run"):
                    self._say(" ".join(filter(None, (f"{event.title}.", event.why, event.hint))))
                case _:
                    pass

    def _on_phase_changed(self, phase: str) -> None:
        if phase == "preparing":
            self._say(self.tr("Preparing the data and the model…"))

    def _on_opening(self) -> None:
        self._say(self.tr("Opening the run…"))

    def _say(self, words: str) -> None:
        for panel in self._panels:
            panel.show_coming(words)
