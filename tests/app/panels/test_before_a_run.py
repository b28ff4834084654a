"""Panels that have nothing to show until there is a run."""

from typing import TypeAlias

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.evaluation.panel import EvaluationPanel
from app.probes.gradients_panel import GradientsPanel
from app.probes.map_panel import MapPanel
from app.probes.panel import ActivationsPanel
from app.probes.weights_panel import WeightsPanel
from app.stepping import StepPanel
from app.widgets import Button, EmptyState
from engine.training.events import RunStarted

STARTED = RunStarted(
    run="r",
    project="digits",
    device="cpu",
    threads=1,
    parameters=1,
    epochs=12,
    steps=40,
    batch_size=64,
    training_samples=1,
    validation_samples=1,
)
Panel: TypeAlias = (
    EvaluationPanel | ActivationsPanel | WeightsPanel | GradientsPanel | MapPanel | StepPanel
)
PANELS = (EvaluationPanel, ActivationsPanel, WeightsPanel, GradientsPanel, MapPanel, StepPanel)


def shown(panel: QWidget) -> EmptyState:
    """Return the empty state that a person sees."""
    (found,) = (each for each in panel.findChildren(EmptyState) if each.isVisible())
    return found


def buttons(panel: QWidget) -> dict[str, Button]:
    found = (each for each in shown(panel).findChildren(Button) if each.isVisible())
    return {button.text(): button for button in found}


@pytest.fixture(params=PANELS)
def panel(request: pytest.FixtureRequest, qtbot: QtBot) -> Panel:
    made: Panel = request.param()
    qtbot.addWidget(made)
    if isinstance(made, ActivationsPanel):
        qtbot.addWidget(made.pin)
    made.resize(700, 460)
    made.show()
    return made


def test_it_says_so_and_its_button_trains(panel: Panel, qtbot: QtBot) -> None:
    empty = shown(panel)
    (button,) = buttons(panel).values()

    with qtbot.waitSignal(panel.train_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert button.text() == "Train"
    assert "Train once" in empty.accessibleName()


def test_once_there_is_a_run_nothing_in_it_asks_to_train(panel: Panel, qtbot: QtBot) -> None:
    panel.show_events([STARTED])

    qtbot.waitUntil(lambda: "Train" not in buttons(panel))
