"""Pasted layers follow the pointer until a click, and may keep what fed those copied."""

from collections.abc import Callable, Collection

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from app.canvas.geometry import card_box
from app.canvas.view import CanvasView
from engine.graph.elements import Graph, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]


@pytest.fixture(autouse=True)
def pointer_over_the_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CanvasView, "has_pointer", lambda _view: True)


def _pasted_at(view: CanvasView, hands: Hands, at: QPointF) -> None:
    QCursor.setPos(view.viewport().mapToGlobal(at.toPoint()))
    view.document.select([node_named(view.document.graph, "conv2d")])
    view.copy()
    view.paste()
    # With Alt it goes where the pointer goes, and not to the lines of others.
    hands.move(at + QPointF(150, 80), held=Qt.KeyboardModifier.AltModifier)


def test_pasted_layers_follow_the_pointer_until_a_click_in_one_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    _pasted_at(view, hands, QPointF(700, 200))
    (added,) = view.document.selection
    first = view.document.graph.nodes[added].position
    assert view.canvas.nodes[added].y() == first[1] + 80
    assert view.document.report.errors and view.overlays.card.isHidden()

    hands.click(QPointF(850, 280))

    assert view.document.graph.nodes[added].position == (first[0] + 150, first[1] + 80)
    assert steps(view) == 1 and undo_label(view) == "Paste"
    hands.move(QPointF(900, 600))
    assert view.document.graph.nodes[added].position == (first[0] + 150, first[1] + 80)


def test_esc_takes_layers_away_that_follow_the_pointer(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    _pasted_at(view, hands, QPointF(700, 200))

    hands.key(Qt.Key.Key_Escape)

    assert view.document.graph == graph and view.canvas.nodes.keys() == graph.nodes.keys()
    hands.move(QPointF(900, 600))


def test_any_other_key_puts_them_down_first(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    _pasted_at(view, hands, QPointF(700, 200))
    (added,) = view.document.selection
    place = view.canvas.nodes[added].y()

    hands.key(Qt.Key.Key_L)

    node = view.document.graph.nodes[added]
    assert node.frozen and node.position[1] == place and steps(view) == 2


def test_a_layer_that_is_put_down_on_a_wire_stands_in_it(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "conv2d")])
    view.copy()
    view.paste()
    (added,) = view.document.selection
    pool = node_named(graph, "max_pool2d")
    wire = next(view.canvas.wires[link] for link in graph.links_into(pool))
    middle = wire.path().pointAtPercent(0.5)
    card = view.canvas.nodes[added]
    start = hands.at(card.x(), card.y() + card.facts.height / 2)
    view.put_down()
    view.document.undo()
    QCursor.setPos(view.viewport().mapToGlobal(start.toPoint()))
    view.paste()
    (added,) = view.document.selection
    card = view.canvas.nodes[added]
    way = hands.at(middle.x(), middle.y()) - hands.at(card.x(), card.y() + card.facts.height / 2)

    hands.move(view.pointer_or_centre() + way)
    hands.click(view.pointer_or_centre() + way)

    assert next(view.document.graph.links_into(pool)).source.node == added
    assert steps(view) == 1


def _stands_free(view: CanvasView, added: Collection[NodeId]) -> bool:
    boxes = {key: card_box(node) for key, node in view.document.graph.nodes.items()}
    others = [box for key, box in boxes.items() if key not in added]
    return not any(boxes[node].meets(box) for node in added for box in others)


@pytest.mark.parametrize("ways", [["conv2d"], ["data", "conv2d", "max_pool2d"]])
def test_a_duplicate_stands_on_no_other_card_however_often(
    open_canvas: Open, ways: list[str]
) -> None:
    view, _ = open_canvas(a_small_cnn())
    chosen = [node_named(view.document.graph, name) for name in ways]
    rows = [view.document.graph.nodes[node].position[1] for node in chosen]

    for number in range(1, 4):
        view.document.select(chosen)
        view.duplicate()

        added = view.document.selection
        assert _stands_free(view, added) and steps(view) == number
        assert sorted(view.document.graph.nodes[node].position[1] for node in added) == rows
        seen = view.seen_rect()
        assert all(seen.contains(view.canvas.nodes[node].far_rect()) for node in added)


def test_a_pasted_card_that_is_put_down_on_another_stands_beside_it(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    there = hands.card(node_named(graph, "linear"))
    _pasted_at(view, hands, there)

    hands.click(there)

    (added,) = view.document.selection
    assert _stands_free(view, [added]) and steps(view) == 1
    item, node = view.canvas.nodes[added], view.document.graph.nodes[added]
    assert item.box() == card_box(node)


def test_layers_pasted_away_from_the_pointer_stand_on_no_other_card(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CanvasView, "has_pointer", lambda _view: False)
    view, _ = open_canvas(a_residual_cnn())
    view.select_all()
    view.copy()

    for _ in range(2):
        view.paste()
        assert _stands_free(view, view.document.selection)


def test_paste_connected_keeps_what_fed_the_layers_that_were_copied(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    add = node_named(graph, "add")
    view.document.select([add])
    view.copy()

    for asks, expected in ((view.paste, []), (view.paste_connected, list(graph.links_into(add)))):
        asks()
        view.put_down()
        (added,) = view.document.selection
        fed = [link.source for link in view.document.graph.links_into(added)]
        assert fed == [link.source for link in expected]


def test_a_click_with_alt_cuts_a_wire(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    link = next(graph.links_into(node_named(graph, "max_pool2d")))
    middle = view.canvas.wires[link].path().pointAtPercent(0.5)

    hands.click(hands.at(middle.x(), middle.y()), held=Qt.KeyboardModifier.AltModifier)

    assert link not in view.document.graph.links and undo_label(view) == "Disconnect"


def test_a_box_with_alt_takes_away_from_the_selection(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    view.select_all()
    conv = view.canvas.nodes[node_named(graph, "conv2d")].box()
    start = hands.at(conv.left - 20, conv.top - 4)

    hands.drag(
        start,
        hands.at(conv.right + 20, conv.bottom + 4),
        held=Qt.KeyboardModifier.AltModifier,
    )

    assert view.document.selection == graph.nodes.keys() - {node_named(graph, "conv2d")}
