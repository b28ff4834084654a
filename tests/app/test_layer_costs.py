from typing import cast

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, node_named
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.layer_costs import LayerCosts
from app.training_control import TrainingControl
from engine.analysis.cost import LayerCost
from engine.analysis.summary import every_row, summary
from engine.graph.edits import move, set_params
from engine.graph.elements import Graph, told
from engine.training.costs import LayersMeasured
from engine.training.events import WorkerReady

READY = WorkerReady(pid=1, torch="", devices=("CPU",))


class Control(QObject):
    """Takes requests and answers when it is told to."""

    arrived = Signal(object)
    is_running = False

    def __init__(self) -> None:
        super().__init__()
        self.asked = self.given_up = 0

    def end_trials(self) -> None:
        self.given_up += 1

    def measure_layers(self, project: object, device: str) -> None:
        del project, device
        self.asked += 1


class Measured:
    """A document, and what was measured of it."""

    def __init__(self, graph: Graph) -> None:
        self.document = Document(a_project(graph))
        self.control = Control()
        self.costs = LayerCosts(self.document, cast("TrainingControl", self.control), self.control)
        self.control.arrived.emit([READY])

    def measure(self) -> None:
        rows = every_row(summary(self.document.model_report, self.document.project.recipe))
        layers = tuple(
            LayerCost(node=told(row.path), forward_seconds=1, backward_seconds=2, kept_bytes=3)
            for row in rows
        )
        self.costs.measure("cpu")
        self.control.arrived.emit([LayersMeasured(device="cpu", layers=layers)])


@pytest.fixture
def measured(qapp: QApplication) -> Measured:
    return Measured(a_residual_cnn())


def test_what_was_measured_holds_until_a_layer_is_edited(measured: Measured) -> None:
    measured.measure()
    document, costs = measured.document, measured.costs
    linear = node_named(document.graph, "linear")
    whole = set(costs.by_path)

    document.edit("Widen", lambda graph: set_params(graph, linear, {"out_features": 20}))

    # The loss after it gets something else as well.
    assert {linear} < whole - set(costs.by_path)
    assert len(whole - set(costs.by_path)) == 2

    document.undo()
    assert set(costs.by_path) == whole


def test_moving_a_card_changes_no_figure(measured: Measured) -> None:
    measured.measure()
    document = measured.document
    before = dict(measured.costs.by_path)
    linear = node_named(document.graph, "linear")

    document.edit("Move", lambda graph: move(graph, {linear: (500.0, 500.0)}))

    assert measured.costs.by_path == before


def test_inside_of_composites_figures_hold_as_well(qapp: QApplication) -> None:
    measured = Measured(a_nested_cnn())

    measured.measure()

    assert any("/" in path for path in measured.costs.by_path)


def test_while_an_answer_is_waited_for_nothing_more_is_asked(measured: Measured) -> None:
    measured.costs.measure("cpu")
    measured.costs.measure("cpu")

    assert measured.control.asked == 1 and measured.costs.is_measuring


def test_a_worker_that_dies_ends_the_waiting(measured: Measured) -> None:
    told: list[LayersMeasured] = []
    measured.costs.measured.connect(told.append)
    measured.costs.measure("cpu")

    measured.control.arrived.emit([READY])

    assert told[0].problem and not measured.costs.is_measuring


def test_a_measurement_that_cannot_be_made_keeps_the_one_before(measured: Measured) -> None:
    measured.measure()
    before = dict(measured.costs.by_path)

    measured.costs.measure("cpu")
    measured.control.arrived.emit([LayersMeasured(problem="There is no such file.")])

    assert measured.costs.by_path == before


def test_timing_is_given_up_and_begun_again(measured: Measured) -> None:
    measured.costs.measure("cpu")

    measured.costs.give_up()

    assert measured.control.given_up == 1 and not measured.costs.is_measuring
    measured.measure()
    assert measured.control.asked == 2 and measured.costs.by_path
