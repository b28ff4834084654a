"""What a dragged card snaps to."""

from collections.abc import Callable

import pytest
from builders import a_small_cnn, node_named
from canvas_hands import Hands
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt

from app.canvas.geometry import Box
from app.canvas.guides import Guides
from app.canvas.view import CanvasView
from engine.graph.edits import add_node, make_node
from engine.graph.elements import Graph, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier


def _box(x: float, y: float, width: float = 300, height: float = 58) -> Box:
    return Box(x - width / 2, y, x + width / 2, y + height)


@pytest.mark.parametrize(
    ("dragged", "across"),
    [
        (_box(4, 500), -4.0),  # the axes
        (_box(-46, 500, width=200), -4.0),  # the left edges
        (_box(53, 500, width=200), -3.0),  # the right edges
        (_box(30, 500), None),
    ],
)
def test_the_nearest_of_axis_and_edges_pulls(dragged: Box, across: float | None) -> None:
    guides = Guides([_box(0, 0)])

    assert guides.pull(dragged, 6.0) == (across, None)


_boxes = st.builds(
    _box, st.integers(-500, 500), st.integers(-500, 500), st.sampled_from([300, 200, 156])
)


@given(st.lists(_boxes, min_size=1, max_size=12), _boxes)
def test_a_card_that_was_pulled_stands_on_a_line(others: list[Box], dragged: Box) -> None:
    guides = Guides(others)
    dx, dy = guides.pull(dragged, 10.0)

    there = dragged.moved(dx or 0.0, dy or 0.0)

    assert guides.pull(there, 10.0)[0] in ((None,) if dx is None else (0.0,))
    expected = (dx is not None) + (dy is not None)
    assert len(list(guides.lines(there))) >= expected


def test_a_card_snaps_to_the_axis_of_others_before_the_grid(open_canvas: Open) -> None:
    graph = a_small_cnn()
    extra = make_node(graph, "ReLU", position=(403, 700))
    view, hands = open_canvas(add_node(graph, extra))
    start = hands.card(extra.id)

    hands.carry(start, start + QPointF(-399, 3))
    lines = view.gesture._lines  # type: ignore[union-attr]
    hands.release(start + QPointF(-399, 3))

    assert view.document.graph.nodes[extra.id].position[0] == 0
    assert [(line.start[0], line.end[0]) for line in lines] == [(150, 150)]


def test_a_group_snaps_by_the_area_around_it(open_canvas: Open) -> None:
    graph = a_small_cnn()
    left, right = (make_node(graph, "ReLU", position=(x, 700)) for x in (403, 653))
    view, hands = open_canvas(add_node(add_node(graph, left), replace(right, id=NodeId("right"))))
    view.document.select([left.id, NodeId("right")])
    start = hands.card(left.id)

    hands.carry(start, start + QPointF(-524, 0))
    hands.release(start + QPointF(-524, 0))

    nodes = view.document.graph.nodes
    assert [nodes[node].position[0] for node in (left.id, NodeId("right"))] == [-125, 125]


def test_alt_leaves_the_lines_alone(open_canvas: Open) -> None:
    graph = a_small_cnn()
    pool = node_named(graph, "max_pool2d")
    view, hands = open_canvas(graph)
    start = hands.card(pool)

    hands.carry(start, start + QPointF(40, 0))
    hands.move(start + QPointF(3, 1), held=_Held.AltModifier)
    hands.release(start + QPointF(3, 1), held=_Held.AltModifier)

    assert view.document.graph.nodes[pool].position == (3, 189)
