"""Each gesture by real mouse events: what it does, that it is one step, that Esc undoes it all."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel

from app.canvas.dropping import LAYER_MIME
from app.canvas.gestures.wire import WireGesture
from app.canvas.view import CanvasView
from engine.graph.edits import add_node, make_node
from engine.graph.elements import End, Graph, Link, NodeId
from engine.project.beginning import empty_project

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier


def _ids(graph: Graph, *names: str) -> list[NodeId]:
    return [node_named(graph, name) for name in names]


def _feeds(view: CanvasView, before: NodeId, after: NodeId) -> bool:
    links = view.document.graph.links
    return any(link.source.node == before and link.target.node == after for link in links)


def test_a_click_selects_a_card_and_ctrl_adds_or_takes_another(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    hands.click(hands.card(conv))
    assert view.document.selection == {conv}
    hands.click(hands.card(pool), held=_Held.ControlModifier)
    assert view.document.selection == {conv, pool}
    hands.click(hands.card(conv), held=_Held.ShiftModifier)
    assert view.document.selection == {pool}
    hands.click(hands.at(-150, 300))
    assert not view.document.selection
    assert steps(view) == 0


def test_a_box_to_the_right_takes_what_lies_inside_and_to_the_left_what_it_touches(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    hands.drag(hands.at(-20, 80), hands.at(320, 200))
    assert view.document.selection == {conv}
    hands.drag(hands.at(320, 200), hands.at(280, 80))
    assert view.document.selection == {conv, pool}


def test_dragging_a_card_moves_it_on_the_grid_in_one_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    (conv,) = _ids(view.document.graph, "conv2d")
    start = hands.card(conv)

    hands.drag(start, start + QPointF(43, 2))

    assert view.document.graph.nodes[conv].position == (40, 94)
    assert steps(view) == 1
    view.document.undo()
    assert view.canvas.nodes[conv].x() == 150


def test_alt_during_a_drag_moves_a_card_off_the_grid(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    (conv,) = _ids(view.document.graph, "conv2d")
    start = hands.card(conv)

    hands.carry(start, start + QPointF(30, 0))
    hands.move(start + QPointF(43, 2), held=_Held.AltModifier)
    hands.release(start + QPointF(43, 2), held=_Held.AltModifier)

    assert view.document.graph.nodes[conv].position == (43, 96)


def test_dragging_a_frame_by_its_title_moves_its_members_alone(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    before = view.document.graph
    frame = before.frames[0]
    area = view.canvas.frames[frame.id].area
    title = hands.at(area.left + 60, area.top + 12)

    hands.drag(title, title + QPointF(100, 0))

    moved = {
        node
        for node, found in view.document.graph.nodes.items()
        if found.position != before.nodes[node].position
    }
    assert moved == set(frame.nodes)
    assert view.canvas.frames[frame.id].area.left == pytest.approx(area.left + 100)


def test_a_wire_from_an_output_to_an_input_takes_the_place_of_the_one_there(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_residual_cnn())
    first, third = _ids(view.document.graph, "conv2d", "conv2d_3")

    hands.drag(hands.port(first, "y"), hands.port(third, "x") + QPointF(15, -9))

    assert [link.source.node for link in view.document.graph.links_into(third)] == [first]
    assert steps(view) == 1


def test_a_wire_can_be_drawn_from_a_free_input_back_to_an_output(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "ReLU", position=(400, 282))
    view, hands = open_canvas(add_node(graph, extra))
    (conv,) = _ids(view.document.graph, "conv2d")

    hands.drag(hands.port(extra.id, "x"), hands.port(conv, "y"))

    assert _feeds(view, conv, extra.id)


def test_a_wire_dropped_on_a_card_goes_to_its_first_fitting_free_input(open_canvas: Open) -> None:
    graph = a_small_cnn()
    loss = make_node(graph, "CrossEntropyLoss", position=(400, 500))
    view, hands = open_canvas(add_node(graph, loss))
    (data,) = _ids(view.document.graph, "data")

    hands.drag(hands.port(data, "label"), hands.card(loss.id))

    assert (
        Link(End(data, "label"), End(loss.id, "target")) in view.document.graph.links
        or Link(End(data, "label"), End(loss.id, "x")) in view.document.graph.links
    )


def test_a_shape_that_flatten_mends_inserts_it_in_the_same_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, linear = _ids(view.document.graph, "conv2d", "linear")

    hands.carry(hands.port(conv, "y"), hands.port(linear, "x"))
    gesture = view.gesture
    assert gesture is not None
    landing = gesture.landing  # type: ignore[attr-defined]
    assert "into Linear needs a vector: Flatten is inserted" in landing.verdict.text
    hands.release(hands.port(linear, "x"))

    feeding = next(view.document.graph.links_into(linear)).source.node
    assert view.document.graph.nodes[feeding].kind == "Flatten"
    assert _feeds(view, conv, feeding)
    assert steps(view) == 1


def test_the_words_at_a_wire_are_whole_and_never_below_what_floats(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    (conv,) = _ids(view.document.graph, "conv2d")
    whole, cover = QRectF(view.viewport().rect()), QLabel("Minimap", view.viewport())
    corner = whole.bottomRight() - QPointF(40, 12)
    text = "64×32×32 into Linear needs a vector: Flatten is inserted"

    hands.carry(hands.port(conv, "y"), corner)
    gesture = view.gesture
    assert isinstance(gesture, WireGesture)
    words = gesture._tip_box(text).translated(corner)
    cover.setGeometry(words.toRect().adjusted(200, -4, 0, 4))
    cover.show()
    beside = gesture._tip_box(text).translated(corner)
    hands.release(corner)

    assert whole.contains(words)
    assert whole.contains(beside)
    assert not beside.intersects(QRectF(cover.geometry()))


def test_a_wire_that_would_close_a_circle_is_refused_with_words(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    second, third = _ids(view.document.graph, "conv2d_2", "conv2d_3")
    before, said = view.document.graph, []
    view.document.refused.connect(lambda error: said.append(error.title))

    hands.drag(hands.port(third, "y"), hands.port(second, "x"))

    assert view.document.graph is before
    assert said == ["This would feed Conv2d its own output"]


def test_pulling_a_wire_off_its_input_disconnects_it(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    hands.drag(hands.port(pool, "x"), hands.at(-150, 240))

    assert not _feeds(view, conv, pool)
    assert undo_label(view) == "Disconnect"
    assert view.adding.list.isHidden()


def test_pulling_a_wire_to_another_input_moves_it_in_one_step(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "ReLU", position=(400, 188))
    view, hands = open_canvas(add_node(graph, extra))
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    hands.drag(hands.port(pool, "x"), hands.port(extra.id, "x"))

    assert _feeds(view, conv, extra.id)
    assert not _feeds(view, conv, pool)
    assert steps(view) == 1


def test_a_list_input_takes_one_more_wire_at_its_ghost(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    first, add = _ids(view.document.graph, "conv2d", "add")

    hands.carry(hands.port(first, "y"), hands.card(add) + QPointF(30, 0))
    assert view.canvas.nodes[add].state.ghost is not None
    hands.release(hands.card(add) + QPointF(30, 0))

    assert len(list(view.document.graph.links_into(add))) == 3
    assert view.canvas.nodes[add].state.ghost is None


def test_a_wire_dropped_on_empty_canvas_offers_what_fits_and_adds_it_there(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_small_cnn())
    (pool,) = _ids(view.document.graph, "max_pool2d")
    place = hands.at(500, 300)

    hands.drag(hands.port(pool, "y"), place)
    rows = view.adding.list.rows()
    assert rows and all(row.prediction.fits for row in rows)
    assert "Linear" not in {row.kind for row in rows}
    view.adding.list._field.setText("conv2d 8")
    hands_key(view, Qt.Key.Key_Return)

    (added,) = view.document.selection
    node = view.document.graph.nodes[added]
    assert (node.kind, node.params["out_channels"]) == ("Conv2d", 8)
    assert node.position == (350, 300)
    assert _feeds(view, pool, added)
    assert steps(view) == 1


def hands_key(view: CanvasView, key: Qt.Key) -> None:
    from PySide6.QtTest import QTest

    QTest.keyClick(view.adding.list._field, key)


def test_a_card_without_wires_dropped_on_a_wire_is_inserted(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "BatchNorm2d", position=(400, 300))
    view, hands = open_canvas(add_node(graph, extra))
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")
    gap = hands.at(6, 94 + 58 + 18)  # the middle of the card on the wire below conv2d

    hands.drag(hands.card(extra.id), gap)

    assert _feeds(view, conv, extra.id) and _feeds(view, extra.id, pool)
    assert steps(view) == 1


def _drop(view: CanvasView, kind: str, at: QPointF) -> None:
    data = QMimeData()
    data.setData(LAYER_MIME, kind.encode())
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    place = at.toPoint()
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(place, action, data, left, none))
    QApplication.sendEvent(view.viewport(), QDropEvent(at, action, data, left, none))


def test_a_library_item_on_empty_canvas_is_added_there(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    _drop(view, "Dropout", hands.at(600, 203))

    (added,) = view.document.selection
    assert view.document.graph.nodes[added].position == (450, 200)


def test_a_library_item_on_a_wire_is_inserted_and_what_follows_moves_down(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    _drop(view, "BatchNorm2d", hands.at(150, 170))

    (added,) = view.document.selection
    assert _feeds(view, conv, added) and _feeds(view, added, pool)
    assert view.document.graph.nodes[pool].position == (0, 282)
    assert steps(view) == 1


def test_a_library_item_on_a_card_is_added_after_it(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv, pool = _ids(view.document.graph, "conv2d", "max_pool2d")

    _drop(view, "ReLU", hands.card(conv))

    (added,) = view.document.selection
    assert _feeds(view, conv, added) and _feeds(view, added, pool)


def test_other_things_cannot_be_dropped(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    data = QMimeData()
    data.setData(LAYER_MIME, b"NoSuchLayer")
    event = QDragEnterEvent(
        hands.at(0, 0).toPoint(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )

    QApplication.sendEvent(view.viewport(), event)

    assert not event.isAccepted()


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton])
def test_the_canvas_is_panned_by_the_middle_and_the_right_button(
    open_canvas: Open, button: Qt.MouseButton
) -> None:
    view, hands = open_canvas(a_small_cnn())
    (conv,) = _ids(view.document.graph, "conv2d")
    before = hands.card(conv)

    hands.drag(before, before + QPointF(60, -35), button)

    assert hands.card(conv) == before + QPointF(60, -35)
    assert steps(view) == 0


def test_space_and_the_left_button_pan(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    (conv,) = _ids(view.document.graph, "conv2d")
    before = hands.card(conv)

    view.hold_space(held=True)
    hands.drag(before, before + QPointF(40, 40))
    view.hold_space(held=False)

    assert hands.card(conv) == before + QPointF(40, 40)
    assert steps(view) == 0


_STARTS: dict[str, Callable[[Hands, Graph], tuple[QPointF, QPointF]]] = {
    "move": lambda hands, graph: (hands.card(node_named(graph, "conv2d_2")), QPointF(200, 50)),
    "connect": lambda hands, graph: (
        hands.port(node_named(graph, "max_pool2d"), "y"),
        QPointF(20, 480),
    ),
    "pull": lambda hands, graph: (hands.port(node_named(graph, "add"), "x"), QPointF(300, 20)),
    "box": lambda hands, _graph: (hands.at(-150, 60), QPointF(400, 400)),
}


@pytest.mark.parametrize("gesture", list(_STARTS))
@pytest.mark.parametrize("moves", [1, 2, 4])
def test_esc_in_the_middle_of_a_gesture_leaves_everything_as_it_was(
    open_canvas: Open, gesture: str, moves: int
) -> None:
    view, hands = open_canvas(a_residual_cnn())
    view.document.select([node_named(view.document.graph, "linear")])
    graph, items = view.document.graph, len(view.canvas.items())
    places = {node: item.pos() for node, item in view.canvas.nodes.items()}
    start, way = _STARTS[gesture](hands, graph)

    hands.press(start)
    for number in range(1, moves + 1):
        hands.move(start + way * number / moves)
    hands.key(Qt.Key.Key_Escape)
    hands.release(start + way)

    assert view.document.graph is graph
    assert steps(view) == 0
    assert view.gesture is None
    assert len(view.canvas.items()) == items
    assert {node: item.pos() for node, item in view.canvas.nodes.items()} == places
    assert all(item.isVisible() for item in view.canvas.wires.values())
    assert not any(item.state.dimmed or item.state.lit for item in view.canvas.nodes.values())
    if gesture == "box":
        assert view.document.selection == {node_named(graph, "linear")}


def test_while_a_wire_is_drawn_what_fits_nowhere_is_dimmed(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    pool, first, second = _ids(view.document.graph, "max_pool2d", "conv2d", "conv2d_2")

    hands.carry(hands.port(pool, "y"), hands.at(500, 300))

    assert view.canvas.nodes[first].state.dimmed
    assert view.canvas.nodes[second].state.lit == {(True, "x")}
    hands.key(Qt.Key.Key_Escape)


def test_a_double_click_edits_what_is_below_it_the_name_or_the_parameters(
    open_canvas: Open,
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    conv = node_named(graph, "conv2d")
    asked: list[None] = []
    view.parameters_requested.connect(lambda: asked.append(None))
    box = view.canvas.nodes[conv].box()

    hands.double_click(hands.at(box.left + 60, box.top + 40))
    assert len(asked) == 1 and view.document.selection == {conv}
    assert view._renaming.field.isHidden()

    hands.double_click(hands.at(box.left + 60, box.top + 15))
    assert len(asked) == 1 and view._renaming.field.isVisible()


def test_a_loss_that_waits_makes_way_for_the_chain_above_it(open_canvas: Open) -> None:
    view, _ = open_canvas(empty_project().graph)
    graph = view.document.graph
    (data,) = (node for node in graph.nodes.values() if node.kind == "Data")
    (loss,) = (node for node in graph.nodes.values() if node.kind == "CrossEntropyLoss")
    view.document.select([data.id])

    for _ in range(7):
        view.add_layer("ReLU")

    nodes = view.document.graph.nodes.values()
    assert {node.position[0] for node in nodes} == {data.position[0]}
    heights = sorted(node.position[1] for node in nodes)
    assert all(low - high >= 94 for high, low in pairwise(heights))
    assert view.document.graph.nodes[loss.id].position[1] == heights[-1]
