import itertools
import math
from typing import cast

import pytest
import torch
from builders import a_nested_cnn, a_project, a_residual_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.canvas.folding import bar_id
from app.canvas.heat import SHADES, heat_colour, shade_of
from app.canvas.view import CanvasView
from app.document import Document
from app.figures import figure
from app.heat import MEASURES, Heat
from app.heat.scale import scale_of
from app.layer_costs import LayerCosts
from app.theme import theme_manager
from app.training_control import TrainingControl
from engine.analysis.cost import LayerCost
from engine.graph.edits import set_params
from engine.graph.elements import Graph, NodeId, told
from engine.graph.framing import fold_frames
from engine.training.costs import LayersMeasured
from engine.training.events import RunStarted
from engine.training.heat import HeatTaken, LayerHeat

STARTED = RunStarted(
    run="r",
    project="p",
    device="cpu",
    threads=1,
    parameters=1,
    epochs=1,
    steps=1,
    batch_size=1,
    training_samples=1,
    validation_samples=1,
)


class Control(QObject):
    """Says what a run says."""

    arrived = Signal(object)
    is_running = False

    def measure_layers(self, project: object, device: str) -> None:
        del project, device


class Shown:
    """A canvas with colours."""

    def __init__(self, qtbot: QtBot, graph: Graph) -> None:
        self.document = Document(a_project(graph))
        self.canvas = CanvasView(self.document, theme_manager())
        qtbot.addWidget(self.canvas)
        self.control = Control()
        control = cast("TrainingControl", self.control)
        self.costs = LayerCosts(self.document, control, self.control)
        self.heat = Heat(self.document, self.canvas, control, self.costs, self.control)

    def shades(self) -> dict[NodeId, int]:
        nodes = self.canvas.canvas.nodes
        return {node: item.state.heat.shade for node, item in nodes.items() if item.state.heat}

    @property
    def legend(self) -> str:
        legend = self.canvas.overlays.legend
        return "" if legend.isHidden() else legend.accessibleName()


positive = st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=30)


@given(positive)
def test_every_figure_stands_on_the_scale_in_its_order(values: list[float]) -> None:
    scale = scale_of(values)
    assert scale is not None

    places = [scale.place(value) for value in sorted(values)]

    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)
    assert places == sorted(places)
    assert scale.is_log == (max(values) / min(values) > 100)


@given(positive)
def test_the_ends_of_a_scale_are_round(values: list[float]) -> None:
    scale = scale_of(values)
    assert scale is not None

    for end in (scale.low, scale.high):
        if end:
            digit = end / 10 ** math.floor(math.log10(end) + 1e-9)
            assert min(abs(digit - each) for each in (1, 2, 5, 10)) < 1e-6


def test_there_is_no_scale_for_nothing_and_one_for_zeros() -> None:
    assert scale_of([]) is None
    assert scale_of([math.nan, math.inf]) is None
    zeros = scale_of([0.0, 0.0])
    assert zeros is not None and zeros.place(0.0) == 0.0


def _lightness(colour: QColor) -> float:
    """Return CIE L*, which is even to the eye."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(c) for c in (colour.redF(), colour.greenF(), colour.blueF()))
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("name", ["dark", "light", "contrast-dark", "contrast-light"])
def test_colours_grow_in_lightness_alone_so_that_no_eye_mistakes_them(name: str) -> None:
    tones = [_lightness(heat_colour(name, shade)) for shade in range(SHADES)]  # type: ignore[arg-type]
    steps = [after - before for before, after in itertools.pairwise(tones)]

    assert all(step > 0 for step in steps) or all(step < 0 for step in steps)
    assert max(map(abs, steps)) < 4 * min(map(abs, steps))


def test_a_drawing_is_coloured_by_its_parameters_and_follows_edits(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    nodes, linear = shown.document.report.nodes, node_named(shown.document.graph, "linear")

    shown.heat.show("parameters")
    before = shown.shades()

    assert before[linear] == max(before.values())
    assert set(before) == {
        n for n, found in nodes.items() if found.layer and found.layer.info.role == "layer"
    }
    assert "Parameters" in shown.legend

    shown.document.edit("Shrink", lambda g: set_params(g, linear, {"out_features": 1}))
    assert shown.shades() != before

    shown.heat.show("")
    assert not shown.shades() and not shown.legend


def test_a_drawing_is_coloured_by_what_its_layers_see(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    shown.heat.show("receptive_field")
    shades, graph = shown.shades(), shown.document.graph

    # A window of 3 sees less than everything after it; the linear layer sees all.
    assert shades[node_named(graph, "linear")] == SHADES - 1
    assert shades[node_named(graph, "conv2d")] < SHADES - 1
    written = shown.canvas.canvas.nodes[node_named(graph, "linear")].state.heat
    assert written is not None and "all" in written.text
    assert "Receptive field" in shown.legend


def test_a_run_colours_its_layers_and_a_new_run_begins_anew(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    linear = node_named(shown.document.graph, "linear")
    shown.heat.show("gradient")
    assert "Shown while training" in shown.legend and not shown.shades()
    shown.control.arrived.emit([STARTED])
    assert "Comes after this step" in shown.legend

    layers = (LayerHeat(node=linear, gradient=0.5, weight=2.0),)
    shown.control.arrived.emit([STARTED, HeatTaken(step=3, layers=layers)])
    assert set(shown.shades()) == {linear}
    assert "0.500" in shown.legend

    shown.heat.show("weight")
    assert "2.00" in shown.legend
    shown.control.arrived.emit([STARTED])
    assert not shown.shades()


def test_inside_of_a_composite_its_own_layers_are_coloured(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_nested_cnn())
    composite = next(n for n in shown.document.graph.nodes.values() if n.kind == "Composite")
    inner = next(
        node
        for node in shown.document.graph.definitions[composite.definition].graph.nodes.values()
        if node.kind == "Conv2d"
    )
    shown.heat.show("activation")
    layers = (LayerHeat(node=told((composite.id, inner.id)), activation=1.0),)
    shown.control.arrived.emit([HeatTaken(step=1, layers=layers)])
    assert not shown.shades()

    shown.document.show_level((composite.id,))

    assert set(shown.shades()) == {inner.id}


def test_a_measurement_colours_by_time(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    linear = node_named(shown.document.graph, "linear")
    shown.heat.show("seconds")
    assert "Profile" in shown.legend

    cost = LayerCost(node=linear, forward_seconds=1e-3, backward_seconds=2e-3, kept_bytes=1)
    shown.costs.measure("cpu")
    shown.control.arrived.emit([LayersMeasured(layers=(cost,))])

    assert set(shown.shades()) == {linear} and "5.00" in shown.legend


def test_what_is_asked_of_a_run_is_what_the_measure_needs(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    asked: list[str] = []
    shown.heat.asked.connect(asked.append)

    for key in (*MEASURES, ""):
        shown.heat.show(key)

    assert asked == ["outputs", "outputs", "weights", "weights", "weights", *[""] * 6]


def test_the_strongest_card_is_painted_in_the_last_colour_at_every_level(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    linear = node_named(shown.document.graph, "linear")
    shown.canvas.resize(900, 700)
    shown.canvas.show()
    shown.heat.show("parameters")
    shade = shown.shades()[linear]
    colour = heat_colour(theme_manager().theme.name, shade)

    for zoom in (1.0, 0.5, 0.2):
        shown.canvas.zoom_to(zoom)
        item = shown.canvas.canvas.nodes[linear]
        shown.canvas.centre_rect(item.far_rect())
        picture = shown.canvas.viewport().grab().toImage()
        box = shown.canvas.view_rect(item.far_rect())
        seen = picture.pixelColor(box.left() + max(2, round(3 * zoom)), box.center().y())
        assert (
            max(
                abs(one - other)
                for one, other in zip(seen.getRgb()[:3], colour.getRgb()[:3], strict=True)  # type: ignore[index]
            )
            <= 12
        ), zoom


def test_shades_stay_in_their_range() -> None:
    assert shade_of(-1.0) == 0 and shade_of(2.0) == SHADES - 1


def _folded(qtbot: QtBot) -> tuple[Shown, NodeId, tuple[NodeId, ...]]:
    """Return a drawing with one folded frame, the id of its bar and what is in it."""
    graph = a_residual_cnn()
    frame = graph.frames[0]
    shown = Shown(qtbot, fold_frames(graph, [frame.id], folded=True))
    return shown, bar_id(frame), tuple(frame.nodes)


def test_a_folded_frame_is_coloured_by_all_that_is_in_it(qtbot: QtBot) -> None:
    shown, bar, inside = _folded(qtbot)
    reports = shown.document.report.nodes
    total = sum(reports[node].parameters for node in inside)

    shown.heat.show("parameters")

    heat = shown.canvas.canvas.heat_of(bar)
    assert heat is not None and heat.text == MEASURES["parameters"].write(total)
    assert not set(shown.shades()) & set(inside)
    look = next(iter(shown.canvas.canvas.frames.values())).look
    assert look.heat == heat


def test_weights_in_a_folded_frame_are_as_long_as_together(qtbot: QtBot) -> None:
    shown, bar, inside = _folded(qtbot)
    one, two = inside[:2]
    layers = (
        LayerHeat(node=one, weight=3.0, update_ratio=0.1, activation=5.0),
        LayerHeat(node=two, weight=4.0, update_ratio=0.2, activation=7.0),
    )
    shown.control.arrived.emit([HeatTaken(step=1, layers=layers)])

    def written(key: str) -> str:
        shown.heat.show(key)
        heat = shown.canvas.canvas.heat_of(bar)
        return heat.text if heat is not None else ""

    weights, updates = torch.tensor([3.0, 4.0]), torch.tensor([0.3, 0.8])
    assert written("weight") == figure(float(weights.norm()))
    assert written("update_ratio") == figure(float(updates.norm() / weights.norm()))
    # What leaves it is what its last layer puts out.
    assert written("activation") == figure(7.0)


def test_what_is_in_a_folded_frame_on_screen_is_asked_about(qtbot: QtBot) -> None:
    shown, _, inside = _folded(qtbot)
    shown.canvas.resize(900, 700)
    shown.canvas.show()

    assert set(inside) <= set(shown.canvas.measured_nodes())
    assert not set(inside) & set(shown.canvas.seen_nodes())
