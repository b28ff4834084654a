"""What the pointer makes visible without pressing anything."""

from collections.abc import Callable

from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps
from hypothesis import given
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot
from strategies import valid_drawings

from app.canvas.hits import Hit
from app.canvas.hovering import way_through
from app.canvas.tips import tip_of
from app.canvas.view import CanvasView
from engine.graph.elements import Graph, Link
from engine.graph.topology import downstream, upstream

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier
_NONE = Qt.MouseButton.NoButton


def _marked(view: CanvasView, what: str) -> set[Link]:
    return {link for link, item in view.canvas.wires.items() if getattr(item.look, what)}


def test_the_wires_of_the_card_below_the_pointer_stand_out(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool = node_named(graph, "max_pool2d")

    hands.move(hands.card(pool), _NONE)
    assert _marked(view, "hovered") == {
        link for link in graph.links if pool in (link.source.node, link.target.node)
    }
    hands.move(hands.at(-150, 500), _NONE)
    assert not _marked(view, "hovered") and steps(view) == 0


def test_both_ends_of_the_wire_below_the_pointer_are_marked(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    ends = {node_named(graph, "conv2d"), node_named(graph, "max_pool2d")}

    hands.move(hands.at(150, 94 + 58 + 18), _NONE)

    assert {node for node, item in view.canvas.nodes.items() if item.state.linked} == ends


def test_alt_follows_the_way_to_input_and_output(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    second = node_named(graph, "conv2d_2")
    skip = next(
        link
        for link in graph.links
        if (link.source.node, link.target.node)
        == (node_named(graph, "max_pool2d"), node_named(graph, "add"))
    )

    hands.move(hands.card(second), _NONE, _Held.AltModifier)
    traced = _marked(view, "traced")
    assert skip not in traced and len(traced) == 8
    hands.move(hands.card(second) + QPointF(2, 0), _NONE)
    assert not _marked(view, "traced")


@given(valid_drawings())
def test_the_way_through_a_node_is_what_it_depends_on_and_what_depends_on_it(
    graph: Graph,
) -> None:
    for node in graph.nodes:
        before, after = upstream(graph, node) | {node}, downstream(graph, node) | {node}
        expected = {
            link for link in graph.links if link.target.node in before or link.source.node in after
        }
        assert way_through(graph, node) == expected


def test_the_tip_of_a_wire_tells_shape_kind_and_size_of_a_sample(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(graph)
    (link,) = graph.links_into(node_named(graph, "max_pool2d"))

    tip = tip_of(view.canvas, Hit("wire", link=link))

    assert tip == "N×4×28×28, float32, 12.5\u202fkB per sample"


def test_a_wire_that_goes_while_it_is_marked_leaves_no_mark(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    conv, pool = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    hands.move(hands.card(conv), _NONE)

    view.document.select([conv])
    view.delete_selected()
    hands.move(hands.card(pool), _NONE)
    hands.move(hands.at(-150, 500), _NONE)
    view.document.undo()

    assert not _marked(view, "hovered")
    assert not any(item.state.hovered or item.state.linked for item in view.canvas.nodes.values())


def test_where_the_pointer_rests_all_that_is_not_connected_steps_back(
    open_canvas: Open, qtbot: QtBot
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool = node_named(graph, "max_pool2d")
    near = {"conv2d", "max_pool2d", "conv2d_2", "add"}

    hands.move(hands.card(pool), _NONE)
    assert all(item.opacity() == 1 for item in view.canvas.nodes.values())
    qtbot.waitUntil(lambda: view.canvas.nodes[node_named(graph, "linear")].opacity() < 1)

    clear = {graph.nodes[n].name for n, item in view.canvas.nodes.items() if item.opacity() == 1}
    assert clear == near
    shown = {link for link, item in view.canvas.wires.items() if item.opacity() == 1}
    assert shown == _marked(view, "hovered")
    hands.move(hands.at(-150, 500), _NONE)
    every = (*view.canvas.nodes.values(), *view.canvas.wires.values())
    assert all(item.opacity() == 1 for item in every)


def test_a_press_brings_back_what_stepped_back(open_canvas: Open, qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool, linear = node_named(graph, "max_pool2d"), node_named(graph, "linear")
    hands.move(hands.card(pool), _NONE)
    qtbot.waitUntil(lambda: view.canvas.nodes[linear].opacity() < 1)

    hands.press(hands.card(pool))
    hands.move(hands.card(pool) + QPointF(60, 0))

    assert view.canvas.nodes[linear].opacity() == 1
    hands.release(hands.card(pool) + QPointF(60, 0))


def test_what_is_done_by_keys_brings_back_what_stepped_back(
    open_canvas: Open, qtbot: QtBot
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool, linear = node_named(graph, "max_pool2d"), node_named(graph, "linear")
    hands.move(hands.card(pool), _NONE)
    qtbot.waitUntil(lambda: view.canvas.nodes[linear].opacity() < 1)

    view.document.select([linear])

    assert view.canvas.nodes[linear].opacity() == 1
