"""Cards put in order and selected by menu and key."""

from collections.abc import Callable

import pytest
from builders import a_chain, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from engine.graph.elements import Graph, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier
_CTRL_SHIFT = _Held.ControlModifier | _Held.ShiftModifier


def _ids(graph: Graph, *names: str) -> list[NodeId]:
    return [node_named(graph, name) for name in names]


@pytest.mark.parametrize(
    ("key", "held", "named"),
    [
        (Qt.Key.Key_Left, _CTRL_SHIFT, "Align 2 layers"),
        (Qt.Key.Key_Down, _CTRL_SHIFT, "Align 2 layers"),
        (Qt.Key.Key_C, _Held.ShiftModifier, "Align 2 layers"),
        (Qt.Key.Key_Q, _Held.NoModifier, "Straighten 2 layers"),
    ],
)
def test_keys_align_the_selection_in_one_step(
    open_canvas: Open, key: Qt.Key, held: Qt.KeyboardModifier, named: str
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    conv, pool = _ids(graph, "conv2d", "max_pool2d")
    view.document.select([pool])
    view.editing.nudge(130, 40)
    view.document.select([conv, pool])

    hands.key(key, held)

    assert undo_label(view) == named and steps(view) == 2


def test_distribute_makes_equal_gaps_in_one_step(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    chosen = _ids(graph, "data", "conv2d", "max_pool2d")
    view.document.select([chosen[1]])
    view.editing.nudge(0, 21)
    view.document.select(chosen)

    hands.key(Qt.Key.Key_V, _Held.ShiftModifier)

    assert [view.document.graph.nodes[node].position[1] for node in chosen] == [0, 94, 188]
    assert steps(view) == 2


def test_folding_shows_a_long_drawing_larger_in_one_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_chain(60))
    view.fit_all()
    before = view.zoom

    hands.key(Qt.Key.Key_A, _Held.ControlModifier | _Held.AltModifier)

    assert undo_label(view) == "Fold into columns" and steps(view) == 1
    assert view.zoom > 2 * before
    assert view.seen_rect().contains(view.canvas.content_rect())


def test_wires_between_columns_run_in_the_gutter(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(60))

    view.arranging.fold()

    graph = view.document.graph
    boxes = {node: item.box() for node, item in view.canvas.nodes.items()}
    upward = [
        item
        for link, item in view.canvas.wires.items()
        if boxes[link.target.node].top < boxes[link.source.node].top
        and boxes[link.target.node].left - boxes[link.source.node].right < 400
    ]
    assert upward
    for item in upward:
        assert boxes[item.link.source.node].right < item.route.points[2][0]
        assert item.route.points[2][0] < boxes[item.link.target.node].left
    assert graph.links


@pytest.mark.parametrize(
    ("key", "held", "names"),
    [
        (Qt.Key.Key_U, _Held.NoModifier, {"data", "conv2d", "max_pool2d", "conv2d_2"}),
        (
            Qt.Key.Key_D,
            _Held.NoModifier,
            {"conv2d_2", "conv2d_3", "add", "flatten", "linear", "cross_entropy_loss"},
        ),
        (Qt.Key.Key_K, _Held.NoModifier, {"conv2d", "conv2d_2", "conv2d_3"}),
        (
            Qt.Key.Key_I,
            _CTRL_SHIFT,
            {"data", "conv2d", "max_pool2d", "conv2d_3", "add", "flatten", "linear"}
            | {"cross_entropy_loss"},
        ),
    ],
)
def test_keys_select_by_what_feeds_what_and_by_kind(
    open_canvas: Open, key: Qt.Key, held: Qt.KeyboardModifier, names: set[str]
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    view.document.select(_ids(graph, "conv2d_2"))

    hands.key(key, held)

    assert {graph.nodes[node].name for node in view.document.selection} == names
    assert steps(view) == 0


def test_deleting_while_cards_glide_takes_them_away(open_canvas: Open, qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    conv, pool = _ids(graph, "conv2d", "max_pool2d")
    view.document.select([conv])
    view.editing.nudge(70, 5)

    view.arrange()
    view.document.select([conv, pool])
    view.delete_selected()
    qtbot.waitUntil(lambda: not view.arranging._gliding.is_running)

    assert view.canvas.nodes.keys() == view.document.graph.nodes.keys()
    assert {node: (item.x() - 150, item.y()) for node, item in view.canvas.nodes.items()} == {
        node: found.position for node, found in view.document.graph.nodes.items()
    }
