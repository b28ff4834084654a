"""Wires bent by hand."""

from collections.abc import Callable

import pytest
from builders import a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QPointF, Qt

from app.canvas.view import CanvasView
from engine.graph.bends import set_bends
from engine.graph.elements import Graph, Link

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier
_ON_WIRE = (150.0, 94 + 58 + 18.0)


def _wire(graph: Graph) -> Link:
    return next(graph.links_into(node_named(graph, "max_pool2d")))


def _passes(view: CanvasView, link: Link, point: tuple[float, float]) -> bool:
    return view.canvas.wires[link].is_near(QPointF(*point), 1.0)


def test_shift_and_a_click_add_a_point_and_take_it_away(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    link = _wire(graph)

    hands.click(hands.at(*_ON_WIRE), held=_Held.ShiftModifier)
    assert view.document.graph.bends == {link: (_ON_WIRE,)}
    assert view.document.selected_link == link
    hands.click(hands.at(*_ON_WIRE), held=_Held.ShiftModifier)

    assert view.document.graph.bends == {}
    assert undo_label(view) == "Remove bend" and steps(view) == 2


def test_a_point_is_pulled_out_of_a_wire_in_one_step(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    link, start = _wire(graph), hands.at(*_ON_WIRE)

    hands.drag(start, start + QPointF(160, 0), held=_Held.ShiftModifier)

    assert view.document.graph.bends == {link: ((310.0, 170.0),)}
    assert _passes(view, link, (310.0, 170.0)) and steps(view) == 1
    view.document.undo()
    assert _passes(view, link, _ON_WIRE)


def test_a_point_is_moved_by_its_handle_and_esc_puts_it_back(open_canvas: Open) -> None:
    graph = a_small_cnn()
    link = _wire(graph)
    graph = set_bends(graph, link, [(310.0, 170.0)])
    view, hands = open_canvas(graph)
    start = hands.at(310, 170)

    hands.carry(start, start + QPointF(60, 0))
    assert _passes(view, link, (370.0, 170.0))
    hands.key(Qt.Key.Key_Escape)
    hands.release(start + QPointF(60, 0))
    assert view.document.graph is graph and _passes(view, link, (310.0, 170.0))

    hands.drag(start, start + QPointF(60, 0))
    assert view.document.graph.bends[link] == ((370.0, 170.0),)
    assert undo_label(view) == "Bend wire" and steps(view) == 1


def test_points_follow_both_layers_and_arranging_forgets_them(open_canvas: Open) -> None:
    graph = a_small_cnn()
    link = _wire(graph)
    view, hands = open_canvas(set_bends(graph, link, [(310.0, 170.0)]))
    view.document.select([link.source.node, link.target.node])
    start = hands.card(link.source.node)

    hands.carry(start, start + QPointF(400, 0))
    assert _passes(view, link, (710.0, 170.0))
    hands.release(start + QPointF(400, 0))
    assert view.document.graph.bends[link] == ((710.0, 170.0),)

    view.arrange()
    assert view.document.graph.bends == {}


def test_the_keys_move_the_points_of_the_selected_wire_in_one_step(open_canvas: Open) -> None:
    graph = a_small_cnn()
    link = _wire(graph)
    view, hands = open_canvas(graph)
    view.document.select((), link=link)

    view.add_bend()
    for _ in range(3):
        hands.tap(Qt.Key.Key_Right, _Held.AltModifier)

    assert view.document.graph.bends[link] == ((180.0, 170.0),)
    assert steps(view) == 2
    view.editing.remove_bends()
    assert view.document.graph.bends == {}


@pytest.mark.parametrize("zoom", [0.2, 0.5])
def test_bent_wires_are_drawn_from_far_away_too(open_canvas: Open, zoom: float) -> None:
    graph = a_small_cnn()
    link = _wire(graph)
    view, _ = open_canvas(set_bends(graph, link, [(510.0, 170.0)]))

    view.zoom_to(zoom)

    assert max(line.x2() for line in view.canvas.wires[link].far_lines()) == 510
    assert not view.grab().isNull()
