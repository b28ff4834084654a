"""What screen readers are told when it happens: errors, the course of a run, where one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from app.canvas.view import CanvasView
from app.document import Document
from app.figures import figure, percent
from app.training_control import TrainingControl
from engine.analysis.report import Problem
from engine.data.metric_names import is_share
from engine.training.events import EpochEnded, RunEnded, RunStarted, TrainingEvent
from nodes.errors import LoomError

_EPOCH_SECONDS = 10.0
_PHASES = {
    "preparing": "Training begins",
    "paused": "Training is paused",
    "stopping": "Training is being stopped",
}
_OUTCOMES = {
    "finished": "Training is finished",
    "stopped": "Training was stopped",
    "stopped_early": "Training stopped early",
    "failed": "Training ended by a problem",
    "lost": "Training ended without a word",
}


class Announcer(QObject):
    """Speaks for the window; what it says is also seen or in the log."""

    said = Signal(str)
    """What was announced."""

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        control: TrainingControl,
        window: QWidget,
        *,
        clock: Callable[[], float],
    ) -> None:
        """Listen from now on.

        Args:
            clock: Seconds, for how often an epoch is worth a word.
        """
        super().__init__(window)
        self._window = window
        self._canvas = canvas
        self._clock = clock
        self._last_epoch = -_EPOCH_SECONDS
        self._metric = ""
        document.problem_raised.connect(self._on_problem)
        document.refused.connect(self._on_refused)
        document.selection_changed.connect(self._on_selection)
        document.round_changed.connect(lambda: self.say(canvas.overlays.rounds.words))
        control.phase_changed.connect(self._on_phase)
        control.arrived.connect(self._on_events)

    def say(self, text: str) -> None:
        """Let a screen reader say something, without moving the focus."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._window, text))
        self.said.emit(text)

    def _on_problem(self, problem: Problem) -> None:
        fixes = [fix.label for fix in problem.fixes[:1]]
        self.say(". ".join([f"Error: {problem.title}", *fixes]))

    def _on_refused(self, error: LoomError) -> None:
        self.say(error.title)

    def _on_selection(self) -> None:
        # A single layer has the focus itself, which screen readers read.
        if self._canvas.hasFocus() and len(self._canvas.document.selection) != 1:
            self.say(self._canvas.accessibleDescription())

    def _on_phase(self, phase: str) -> None:
        if phase in _PHASES:
            self.say(self.tr(_PHASES[phase]))

    def _on_events(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._metric = event.metric
            elif isinstance(event, EpochEnded):
                self._tell_epoch(event)
            elif isinstance(event, RunEnded):
                self.say(self.tr(_OUTCOMES[event.outcome]))

    def _tell_epoch(self, event: EpochEnded) -> None:
        now = self._clock()
        if now - self._last_epoch < _EPOCH_SECONDS:
            return
        self._last_epoch = now
        self.say(epoch_words(event, self._metric))


def epoch_words(event: EpochEnded, metric: str) -> str:
    """Say how far it is: "Epoch 3, validation accuracy 96.8 %"."""
    words = f"Epoch {event.epoch}"
    if is_share(metric) and event.validation_metric is not None:
        return f"{words}, validation accuracy {percent(event.validation_metric)}"
    if event.validation_loss is not None:
        return f"{words}, validation loss {figure(event.validation_loss)}"
    return f"{words}, training loss {figure(event.training_loss)}"
