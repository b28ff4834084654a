"""Wires drawn and removed by keys, and all wires of an output carried to another."""

from collections.abc import Callable

import pytest
from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.canvas.lettering import LETTERS, labels_for
from app.canvas.view import CanvasView
from engine.graph.edits import add_node, disconnect, make_node
from engine.graph.elements import End, Graph, Link, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier


def _sources(view: CanvasView, node: NodeId) -> list[NodeId]:
    return [link.source.node for link in view.document.graph.links_into(node)]


def _type(view: CanvasView, at: QPointF) -> None:
    """Type the letters that stand at a point of the canvas."""
    choices = view.connecting.letters._choices
    label = next(label for label, choice in choices.items() if choice.at == at)
    QTest.keyClicks(view, label)


def test_c_names_what_one_layer_may_feed_and_a_letter_draws_the_wire(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "ReLU", position=(400, 282))
    view, hands = open_canvas(add_node(graph, extra))
    conv = node_named(graph, "conv2d")
    view.document.select([conv])

    hands.key(Qt.Key.Key_C)
    assert view.connecting.letters.is_shown
    _type(view, QPointF(550, 282))

    assert _sources(view, extra.id) == [conv]
    assert steps(view) == 1 and not view.connecting.letters.is_shown


def test_a_letter_inserts_what_mends_the_shape(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "Linear", params={"out_features": 3}, position=(400, 282))
    view, hands = open_canvas(add_node(graph, extra))
    view.document.select([node_named(graph, "conv2d")])

    hands.key(Qt.Key.Key_C)
    _type(view, QPointF(550, 282))

    (feeding,) = _sources(view, extra.id)
    assert view.document.graph.nodes[feeding].kind == "Flatten"
    assert steps(view) == 1


def test_a_layer_with_several_outputs_asks_for_one_first(open_canvas: Open) -> None:
    graph = a_small_cnn()
    loss = make_node(graph, "CrossEntropyLoss", position=(400, 500))
    view, hands = open_canvas(add_node(graph, loss))
    data = node_named(graph, "data")
    view.document.select([data])

    hands.key(Qt.Key.Key_C)
    assert len(view.connecting.letters.labels) == 2
    _type(view, QPointF(222, 58))
    _type(view, QPointF(550 + 72, 500))

    assert Link(End(data, "label"), End(loss.id, "target")) in view.document.graph.links


def test_c_joins_two_selected_layers_downwards(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    first, add = node_named(graph, "conv2d_2"), node_named(graph, "add")
    view.document.select([add, first])

    hands.key(Qt.Key.Key_C)

    assert first in _sources(view, add)
    assert undo_label(view) == "Connect Conv2d to Add"


def test_two_layers_that_do_not_fit_are_left_alone_with_words(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    said: list[str] = []
    view.document.refused.connect(lambda error: said.append(error.title))
    view.document.select([node_named(graph, "data"), node_named(graph, "conv2d")])
    hands.key(Qt.Key.Key_C)

    assert view.document.graph is graph
    assert said == ["These two layers do not fit each other"]


def test_x_names_the_wires_of_the_selection_and_a_letter_removes_one(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    conv, pool = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    view.document.select([conv])

    hands.key(Qt.Key.Key_X)
    assert len(view.connecting.letters.labels) == 2
    hands.key(Qt.Key.Key_S)

    assert _sources(view, pool) == []
    assert undo_label(view) == "Disconnect" and steps(view) == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_1, Qt.Key.Key_Delete])
def test_any_other_key_closes_the_letters_and_does_nothing_else(
    open_canvas: Open, key: Qt.Key
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "conv2d")])

    hands.key(Qt.Key.Key_X)
    hands.key(key)

    assert not view.connecting.letters.is_shown
    assert view.document.graph is graph and view.document.selection


def test_labels_are_unambiguous() -> None:
    for count in (1, len(LETTERS), len(LETTERS) + 1, 200):
        labels = labels_for(count)
        assert len(set(labels)) == count
        assert len({len(label) for label in labels}) == 1


@pytest.fixture
def a_fork() -> tuple[Graph, dict[str, NodeId]]:
    """Two layers beside each other; the left one feeds two more."""
    drawing = Drawing()
    data = drawing.add("Data")
    left = drawing.add("Conv2d", after=data, out_channels=4)
    first = drawing.add("ReLU", after=left)
    second = drawing.add("MaxPool2d", after=left)
    right = make_node(drawing.graph, "Conv2d", params={"out_channels": 8}, position=(400.0, 94.0))
    drawing.graph = add_node(drawing.graph, right)
    drawing.wire(data, right)
    ids = {"left": left.id, "right": right.id, "first": first.id, "second": second.id}
    return drawing.graph, ids


def test_shift_drag_carries_all_wires_of_an_output_to_another(
    open_canvas: Open, a_fork: tuple[Graph, dict[str, NodeId]]
) -> None:
    graph, ids = a_fork
    view, hands = open_canvas(graph)

    hands.drag(
        hands.port(ids["left"], "y"), hands.port(ids["right"], "y"), held=_Held.ShiftModifier
    )

    assert _sources(view, ids["first"]) == _sources(view, ids["second"]) == [ids["right"]]
    assert undo_label(view) == "Move 2 wires" and steps(view) == 1


def test_wires_carried_below_their_own_layers_spring_back(
    open_canvas: Open, a_fork: tuple[Graph, dict[str, NodeId]]
) -> None:
    graph, ids = a_fork
    view, hands = open_canvas(graph)

    hands.drag(
        hands.port(ids["left"], "y"), hands.port(ids["first"], "y"), held=_Held.ShiftModifier
    )

    assert view.document.graph is graph
    assert all(item.isVisible() for item in view.canvas.wires.values())


def test_a_wire_put_back_where_it_was_is_no_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    pool = node_named(view.document.graph, "max_pool2d")
    port = hands.port(pool, "x")

    hands.carry(port, hands.at(500, 240))
    hands.move(port)
    hands.release(port)

    assert steps(view) == 0


def test_the_card_below_a_loose_wire_is_raised_before_it_is_let_go(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    first, add = (node_named(view.document.graph, name) for name in ("conv2d_2", "add"))

    hands.carry(hands.port(first, "y"), hands.card(add) + QPointF(30, 0))
    assert view.canvas.nodes[add].state.hovered
    hands.key(Qt.Key.Key_Escape)

    assert not view.canvas.nodes[add].state.hovered


def test_a_port_beyond_the_border_is_brought_to_its_letter(open_canvas: Open) -> None:
    graph = a_small_cnn()
    linear = node_named(graph, "linear")
    (link,) = (link for link in graph.links if link.source.node == linear)
    loss = link.target.node
    view, hands = open_canvas(disconnect(graph, link))
    view.zoom_to_100()
    view.document.select([linear])
    port = hands.port(loss, link.target.port)
    view.pan_by(0, view.viewport().height() + 3 - port.y())
    assert not view.viewport().rect().contains(hands.port(loss, link.target.port).toPoint())

    hands.key(Qt.Key.Key_C)

    choices = view.connecting.letters._choices.values()
    shown = [view.viewportTransform().map(choice.at).toPoint() for choice in choices]
    assert shown and all(view.viewport().rect().contains(place) for place in shown)
    assert hands.port(loss, link.target.port).toPoint() in shown
