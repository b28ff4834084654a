from typing import cast

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.run_actions import RunActions
from app.training_control import Phase, TrainingControl

KEYS = (
    *("train", "go_on", "pause", "step", "step_ten", "step_some", "finish_epoch", "finish"),
    *("stop", "reset_layer", "find_rate", "measure_gains", "profile"),
)
RUN = set(KEYS[2:10])
BETWEEN = set(KEYS[10:])
TRAIN = {"train", "go_on"}


class Control(QObject):
    """Says what the engine does."""

    phase_changed = Signal(str)
    phase: Phase = "starting"


@pytest.mark.parametrize(
    ("phase", "can"),
    [
        ("starting", TRAIN | BETWEEN),
        ("ready", TRAIN | BETWEEN),
        ("preparing", RUN),
        ("training", RUN),
        ("paused", RUN | TRAIN),
        ("stopping", set()),
    ],
)
def test_only_what_has_an_effect_can_be_chosen(
    qapp: QApplication, phase: Phase, can: set[str]
) -> None:
    control = Control()
    actions = {key: QAction(key, control) for key in KEYS}
    RunActions(actions, cast("TrainingControl", control), control)
    assert {key for key, action in actions.items() if action.isEnabled()} == TRAIN | BETWEEN

    control.phase = phase
    control.phase_changed.emit(phase)

    assert {key for key, action in actions.items() if action.isEnabled()} == can
