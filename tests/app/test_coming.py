"""What panels say before there is anything to see."""

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.coming import Coming
from app.evaluation.panel import EvaluationPanel
from app.figures import rough_percent
from app.probes.gradients_panel import GradientsPanel
from app.probes.map_panel import MapPanel
from app.probes.panel import ActivationsPanel
from app.probes.weights_panel import WeightsPanel
from app.stepping import StepPanel
from app.training_control import TrainingControl
from app.tryout.panel import TryPanel
from app.widgets import EmptyState
from engine.training.events import RunEnded, SamplesChosen
from engine.training.questions import NotAnswered
from engine.training.waiting import PREPARING, Underway

KINDS = {
    "activations": ActivationsPanel,
    "weights": WeightsPanel,
    "gradients": GradientsPanel,
    "map": MapPanel,
    "stepping": StepPanel,
    "tryout": TryPanel,
    "evaluation": EvaluationPanel,
}
ENDED = RunEnded(run="r", outcome="failed", step=0, epoch=0.0, seconds=0.0)


@pytest.fixture
def said(qtbot: QtBot) -> Any:
    """Panels that know of no run, and what each of them says now with its button, if any."""
    panels: dict[str, Any] = {key: kind() for key, kind in KINDS.items()}
    waiting: list[str] = []
    training = SimpleNamespace(show_starting=waiting.append)
    corners = (panels["activations"].pin, panels["tryout"].weights)
    for widget in (*panels.values(), *corners):
        qtbot.addWidget(widget)
    control = TrainingControl()
    coming = Coming(control, SimpleNamespace(**panels, training=training), control)  # type: ignore[arg-type]

    def words() -> set[tuple[str, str]]:
        shown = [
            empty
            for panel in panels.values()
            for empty in panel.findChildren(EmptyState)
            if not empty.isHidden()
        ]
        return {(empty.accessibleName(), _action(empty)) for empty in shown}

    return SimpleNamespace(control=control, coming=coming, words=words, waiting=waiting)


def _action(empty: EmptyState) -> str:
    button = empty.findChild(QPushButton)
    return button.text() if button is not None and not button.isHidden() else ""


def test_while_a_run_is_opened_or_prepared_no_panel_offers_to_train(said: Any) -> None:
    before = said.words()
    assert len(before) >= len(KINDS) and {action for _, action in before} == {"Train"}

    said.control.opening.emit()
    assert said.words() == {("Opening the run…", "")}
    said.control.phase_changed.emit("preparing")
    assert said.words() == {("Preparing the data and the model…", "")}
    said.coming.take([ENDED])

    assert said.words() == before


def test_how_far_the_data_is_read_is_said_while_a_run_is_prepared(
    said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(said.control, "_phase", "preparing")

    said.coming.take([Underway(what=PREPARING, done=36, total=100)])
    assert said.words() == {(f"Reading the data: {rough_percent(0.36)}", "")}
    said.coming.take([Underway(what=PREPARING, done=9, total=0)])
    assert said.words() == {("Reading the data…", "")}
    assert said.waiting == [f"Reading the data: {rough_percent(0.36)}", "Reading the data…"]
    said.coming.take([Underway(what="map", done=9, total=10)])
    assert len(said.waiting) == 2


def test_a_run_that_cannot_be_looked_into_says_why_until_another_comes(said: Any) -> None:
    said.control.opening.emit()
    refused = NotAnswered(question="open_run", title="It has no weights", why="None were saved.")
    said.coming.take([refused])

    assert said.words() == {("It has no weights. None were saved.", "")}
    said.coming.take([SamplesChosen(inputs=(), shape=(1,), pixels=b"", labels=())])
    assert ("It has no weights. None were saved.", "") not in said.words()
