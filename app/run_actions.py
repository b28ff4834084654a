"""Greys the actions that a run, or that there is none, leaves without effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.training_control import Phase, TrainingControl

_OF_A_RUN: Final = (
    *("pause", "step", "step_ten", "step_some", "finish_epoch", "finish", "stop"),
    "reset_layer",
)
_BETWEEN_RUNS: Final = ("find_rate", "measure_gains", "profile")
_IDLE: Final[tuple[Phase, ...]] = ("starting", "ready")


class RunActions(QObject):
    """Keeps the actions of the Train menu in step with the engine."""

    def __init__(
        self, actions: Mapping[str, QAction], control: TrainingControl, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._control = control
        control.phase_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        phase = self._control.phase
        is_idle = phase in _IDLE
        for key in _OF_A_RUN:
            self._actions[key].setEnabled(not is_idle and phase != "stopping")
        for key in _BETWEEN_RUNS:
            self._actions[key].setEnabled(is_idle)
        # Train resumes a run that is paused.
        for key in ("train", "go_on"):
            self._actions[key].setEnabled(is_idle or phase == "paused")
