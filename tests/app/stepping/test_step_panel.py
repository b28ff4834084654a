"""The Step tab, fed with a pass that was really taken."""

from functools import cache

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from small_runs import a_small_cnn, compiled, node_id

from app.stepping import StepPanel
from app.stepping.walk import Stop, StopRule, Walk
from engine.probes.conditions import read_condition
from engine.probes.passing import pass_through
from engine.training.questions import PassTaken

PROJECT = a_small_cnn()


@cache
def a_pass(*, broken: bool = False) -> PassTaken:
    model = compiled(PROJECT)
    model.module.eval()
    if broken:
        with torch.no_grad():
            model.module.get_submodule("second").bias[0] = float("nan")
    image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    batch = {"image": image, "label": torch.tensor([3])}
    return pass_through(model, batch, step=7, epoch=0.5, sample=0)


@pytest.fixture
def panel(qtbot: QtBot) -> StepPanel:
    made = StepPanel()
    qtbot.addWidget(made)
    names = {str(node.id): node.name for node in PROJECT.graph.nodes.values()}
    made.show_node_names(names)
    made.resize(700, 500)
    made.show_events([a_pass()])
    return made


def names_of(walk: Walk) -> list[tuple[str, bool]]:
    of = {str(node.id): node.name for node in PROJECT.graph.nodes.values()}
    return [(of[stop.layer.node], stop.is_backward) for stop in walk.stops]


def test_a_walk_goes_forward_to_the_loss_and_all_the_way_back() -> None:
    order = ["first", "pool", "second", "add", "flatten", "scores", "loss"]

    walk = Walk.of(a_pass())

    assert names_of(walk) == [(name, False) for name in order] + [
        (name, True) for name in reversed(order)
    ]


def test_steps_go_on_and_back_and_say_where_they_stand(panel: StepPanel) -> None:
    stopped: list[Stop] = []
    panel.stopped_at.connect(stopped.append)

    panel.next()
    panel.next()
    panel.back()

    assert [stop.layer.node for stop in stopped] == [
        node_id(PROJECT, name) for name in ("first", "pool", "first")
    ]
    assert panel._title.accessibleName().startswith("Forward 1 of 7 · first")
    assert panel.layers.current == 0


def test_running_stops_at_a_layer_that_was_marked(panel: StepPanel) -> None:
    panel.toggle_stop(node_id(PROJECT, "add"))

    panel.run()

    assert panel.stop is not None and panel.stop.layer.node == node_id(PROJECT, "add")
    assert panel.layers.rows[3].cells[0] == "● add"


def test_running_stops_where_a_condition_first_holds(panel: StepPanel) -> None:
    outputs = [stop.layer.output.std for stop in panel.walk.stops[:7]]
    wanted = max(range(7), key=lambda place: outputs[place])
    panel._field.setText(f"std >= {outputs[wanted]}")

    panel.run()

    assert panel.place == wanted


def test_running_says_that_nothing_stopped_it(panel: StepPanel) -> None:
    panel._field.setText("std > 1000000")

    panel.run()

    assert panel.place == len(panel.walk.stops) - 1
    assert "Nothing stopped it" in panel._note.text()
    panel.back()
    assert "Nothing stopped it" not in panel._note.text()


def test_running_stops_at_the_first_value_that_is_no_number(panel: StepPanel) -> None:
    panel.show_events([a_pass(broken=True)])

    panel.run()

    assert panel.stop is not None and panel.stop.layer.node == node_id(PROJECT, "second")
    assert "not a number" in panel._note.text()
    assert panel.layers.rows[2].ink == "err"


def test_a_condition_that_cannot_be_read_says_why_and_stops_nowhere(panel: StepPanel) -> None:
    panel._field.setText("speed > 3")

    panel.run()

    assert "speed" in panel._wrong.text()
    assert panel.place == len(panel.walk.stops) - 1


def test_a_condition_can_be_asked_of_chosen_layers_alone() -> None:
    rule = StopRule(read_condition("std >= 0"), {node_id(PROJECT, "flatten")})
    walk = Walk.of(a_pass())

    place = walk.run(-1, rule.holds)

    assert walk.stops[place].layer.node == node_id(PROJECT, "flatten")


def test_a_newer_pass_stays_at_the_layer_and_the_direction(panel: StepPanel) -> None:
    panel.go_to(9)
    before = panel.stop

    panel.show_events([a_pass(broken=True)])

    assert before is not None and panel.stop is not None
    assert panel.stop.layer.node == before.layer.node


def test_choosing_a_row_goes_to_that_layer(panel: StepPanel, qtbot: QtBot) -> None:
    panel.show()
    box = panel.layers.visualRect(panel.layers.model().index(2, 0))

    QTest.mouseClick(panel.layers.viewport(), Qt.MouseButton.LeftButton, pos=box.center())

    assert panel.place == 2


def test_the_first_step_takes_the_sample_through(qtbot: QtBot) -> None:
    panel = StepPanel()
    qtbot.addWidget(panel)

    with qtbot.waitSignal(panel.pass_requested):
        panel.next()


def test_running_on_from_the_end_begins_again(panel: StepPanel) -> None:
    panel.run()
    assert panel.stop is not None and panel._place == len(panel._walk.stops) - 1
    panel.toggle_stop(str(node_id(PROJECT, "second")))

    panel._run.click()

    assert panel.stop is not None and not panel.stop.is_backward
    assert panel.stop.layer.node == node_id(PROJECT, "second")


def test_where_nothing_is_finite_a_dash_stands_for_a_figure(panel: StepPanel) -> None:
    panel.show_events([a_pass(broken=True)])

    second, scores = panel.layers.rows[2].cells, panel.layers.rows[5].cells

    assert scores[1:5] == ("–",) * 4 and scores[5] == "10"
    assert "–" not in second[1:5], "three of its four channels are numbers"
