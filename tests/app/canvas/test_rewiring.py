"""Cards taken out of chains and put into wires, wires cut, layers replaced."""

from collections.abc import Callable

import pytest
from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, document_of, steps, undo_label
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from app.canvas.growing import insert_on
from app.canvas.view import CanvasView
from app.canvas.wiring import judge_move
from engine.graph.cards import CARD, RANK_GAP, card_size
from engine.graph.edits import add_node, make_node
from engine.graph.elements import End, Graph, Node, NodeId
from engine.graph.rewiring import RANK_PITCH
from engine.project.templates import open_template

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier
_RIGHT = Qt.MouseButton.RightButton


def _sources(view: CanvasView, node: NodeId) -> list[NodeId]:
    return [link.source.node for link in view.document.graph.links_into(node)]


@pytest.mark.parametrize("held", [_Held.AltModifier, _Held.ShiftModifier])
def test_a_card_is_dragged_out_of_its_chain_and_its_neighbours_are_joined(
    open_canvas: Open, held: Qt.KeyboardModifier
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    conv, pool, flat = (node_named(graph, name) for name in ("conv2d", "max_pool2d", "flatten"))
    start = hands.card(pool)

    hands.drag(start, start + QPointF(352, 0), held=held)

    assert _sources(view, flat) == [conv] and _sources(view, pool) == []
    assert view.document.graph.nodes[pool].position == (350, 188)
    assert undo_label(view) == "Take MaxPool2d out" and steps(view) == 1


def test_a_card_taken_out_can_be_dropped_into_another_wire_in_the_same_step(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool, flat, linear, second = (
        node_named(graph, name) for name in ("max_pool2d", "flatten", "linear", "conv2d_2")
    )
    first, add = node_named(graph, "conv2d"), node_named(graph, "add")
    y = view.canvas.nodes[add].y() + 58 + 40

    hands.drag(hands.card(pool), hands.at(6, y), held=_Held.ShiftModifier)

    assert _sources(view, pool) == [add] and _sources(view, flat) == [pool]
    assert first in _sources(view, second)
    assert linear and steps(view) == 1


def test_a_card_that_is_taken_out_leaves_its_frame(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    third = node_named(graph, "conv2d_3")
    frame = graph.frames[0].id
    width = view.canvas.frames[frame].area.width
    start = hands.card(third)

    hands.carry(start, start + QPointF(400, 0), held=_Held.ShiftModifier)
    assert view.canvas.frames[frame].area.width <= width
    hands.release(start + QPointF(400, 0), held=_Held.ShiftModifier)

    assert third not in view.document.graph.frames[0].nodes
    assert len(view.document.graph.frames[0].nodes) == 2


@pytest.mark.parametrize("held", [_Held.AltModifier, _Held.ShiftModifier])
def test_esc_puts_a_card_that_was_taken_out_back(
    open_canvas: Open, held: Qt.KeyboardModifier
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    pool = node_named(graph, "max_pool2d")
    start = hands.card(pool)

    hands.carry(start, start + QPointF(300, 40), held=held)
    hands.key(Qt.Key.Key_Escape)

    assert view.document.graph is graph and steps(view) == 0
    assert all(item.isVisible() for item in view.canvas.wires.values())
    assert view.canvas.nodes[pool].pos() == QPointF(150, 188)


def test_what_follows_makes_room_for_a_card_dropped_into_a_wire(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "BatchNorm2d", position=(400, 300))
    view, hands = open_canvas(add_node(graph, extra))
    names = ("conv2d", "max_pool2d", "linear")
    conv, pool, linear = (node_named(graph, name) for name in names)

    hands.drag(hands.card(extra.id), hands.at(6, 94 + 58 + 18))

    nodes = view.document.graph.nodes
    assert nodes[extra.id].position == (0, 188)
    assert nodes[pool].position == (0, 282) and nodes[conv].position == (0, 94)
    assert nodes[linear].position[1] == graph.nodes[linear].position[1] + 94


def test_ctrl_and_the_right_button_cut_the_wires_that_the_line_crosses(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    second, add = node_named(graph, "conv2d_2"), node_named(graph, "add")
    y = graph.nodes[second].position[1] - 20
    start, end = hands.at(100, y), hands.at(350, y + 30)

    hands.carry(start, end, _RIGHT, _Held.ControlModifier)
    lit = [item for item in view.canvas.wires.values() if item.look.cut]
    hands.release(end, _RIGHT, _Held.ControlModifier)

    assert len(lit) == 2
    assert _sources(view, second) == [] and len(_sources(view, add)) == 1
    assert undo_label(view) == "Cut 2 wires" and steps(view) == 1


def test_a_cut_that_is_cancelled_leaves_the_wires(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)

    hands.carry(hands.at(60, 165), hands.at(250, 175), _RIGHT, _Held.ControlModifier)
    hands.key(Qt.Key.Key_Escape)

    assert view.document.graph is graph
    assert not any(item.look.cut for item in view.canvas.wires.values())


def test_alt_s_swaps_what_feeds_the_selected_layer(open_canvas: Open) -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    left, right = drawing.add("Conv2d", after=data), drawing.add("Conv2d", after=data)
    concat = drawing.add("Concat", after=left)
    drawing.wire(right, concat)
    view, hands = open_canvas(drawing.graph)
    view.document.select([concat.id])

    hands.key(Qt.Key.Key_S, _Held.AltModifier)

    assert _sources(view, concat.id) == [right.id, left.id]
    assert undo_label(view) == "Swap inputs of Concat"


def test_ctrl_r_offers_layers_with_what_they_would_give_and_replaces(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    pool, flat = node_named(graph, "max_pool2d"), node_named(graph, "flatten")
    view.document.select([pool])

    hands.key(Qt.Key.Key_R, _Held.ControlModifier)
    popup = view.adding.list
    assert popup._field.placeholderText() == "Replace MaxPool2d with"
    popup._field.setText("avgpool")
    assert popup.rows()[0].prediction.text == "4×14×14"
    QTest.keyClick(popup._field, Qt.Key.Key_Return)

    assert view.document.graph.nodes[pool].kind == "AvgPool2d"
    assert _sources(view, flat) == [pool]
    assert undo_label(view) == "Replace MaxPool2d with AvgPool2d" and steps(view) == 1


def test_wires_that_fit_only_together_may_be_carried_together() -> None:
    graph = a_residual_cnn()
    document = document_of(graph)
    pool, conv = (End(node_named(graph, name), "y") for name in ("max_pool2d", "conv2d"))
    onward = [link for link in graph.links if link.source == pool]
    skip = [link for link in onward if link.target.node == node_named(graph, "add")]

    assert not judge_move(graph, document.report, skip, conv).ok
    assert judge_move(graph, document.report, onward, conv).ok


def _box(node: Node) -> QRectF:
    width, height = card_size(node.kind)
    return QRectF(node.position[0] + (CARD[0] - width) / 2, node.position[1], width, height)


@pytest.mark.parametrize("template", ["digits", "resnet-18", "digits-mlp"])
def test_a_layer_inserted_on_the_spine_arrives_on_it_with_room_around(template: str) -> None:
    graph = open_template(template).graph
    placed = {key: node.position for key, node in graph.nodes.items()}
    chain = [
        link
        for link in graph.links
        if placed[link.source.node][0] == placed[link.target.node][0]
        and 0 < placed[link.target.node][1] - placed[link.source.node][1] < 2 * RANK_PITCH
    ]
    assert chain

    for link in chain:
        after, made = insert_on(graph, "Dropout", {}, link)
        assert made.position[0] == placed[link.source.node][0]
        room = _box(made).adjusted(-1, -RANK_GAP / 2, 1, RANK_GAP / 2)
        others = (node for node in after.nodes.values() if node.id != made.id)
        assert not any(room.intersects(_box(node)) for node in others)
