"""The rounds of a layer that stands in a row are looked at one at a time."""

from collections.abc import Callable

import torch
from builders import Drawing, a_nested_cnn, node_named
from canvas_hands import Hands, canvas_of
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.compile.stepper import run_at_any_depth
from engine.graph.elements import End, Graph, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def a_row_of_convolutions() -> Graph:
    drawing = Drawing()
    digits = drawing.add("Data")
    row = drawing.repeat(drawing.add("Conv2d", after=digits, out_channels=4), 3)
    drawing.add("ReLU", after=row)
    return drawing.graph


def test_a_selected_row_shows_its_rounds_and_the_last_at_first(open_canvas: Open) -> None:
    view, hands = open_canvas(a_row_of_convolutions())
    conv = node_named(view.document.graph, "conv2d")
    assert view.overlays.rounds.words == ""

    view.document.select([conv])
    assert view.overlays.rounds.words == "Conv2d, round 3 of 3"
    assert view.document.told(conv) == conv

    hands.key(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert view.overlays.rounds.words == "Conv2d, round 2 of 3"
    view.document.select(())
    assert view.overlays.rounds.words == ""
    view.document.select([conv])
    assert view.overlays.rounds.words == "Conv2d, round 2 of 3"


def test_the_round_looked_at_is_the_one_that_the_engine_puts_out(qtbot: QtBot) -> None:
    graph = a_row_of_convolutions()
    view = canvas_of(graph)
    qtbot.addWidget(view)
    conv = node_named(graph, "conv2d")
    view.document.select([conv])
    told: list[NodeId] = []
    for number in range(3):
        view.document.show_round(number)
        told.append(view.document.told(conv))
    compiled = compile_plan(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))
    fields = {"image": torch.rand(2, 1, 28, 28)}

    found = run_at_any_depth(compiled, fields, set(told))

    first, second, third = compiled.module.conv2d  # type: ignore[union-attr]
    x = fields["image"]
    for node, layer in zip(told, (first, second, third), strict=True):
        x = layer(x)
        assert torch.allclose(found[End(node, "y")], x)
    view.document.close()


def test_a_composite_in_a_row_still_means_the_whole_row(open_canvas: Open) -> None:
    view, _ = open_canvas(a_nested_cnn())
    block = node_named(view.document.graph, "residual")
    view.document.select([block])
    assert view.document.row is None and view.document.told(block) == block
