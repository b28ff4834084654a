"""The ways of wires, and the places of ports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.geometry import Box, BoxIndex, columns_of, port_offsets, snapped
from app.canvas.routes import WireEnds
from app.canvas.routing import Router
from app.theme import load_theme
from engine.graph.cards import card_size
from engine.graph.elements import End, Frame, Link, NodeId

A, B, C = NodeId("a"), NodeId("b"), NodeId("c")


def _card(top: float, left: float = 0.0) -> Box:
    return Box(left, top, left + 300, top + 58)


def _wire(start: NodeId, end: NodeId, x: float, y: float) -> WireEnds:
    return WireEnds(Link(End(start, "y"), End(end, "x")), (150, 58), (x, y))


def test_a_wire_between_neighbours_is_straight() -> None:
    wire = _wire(A, B, 150, 94)

    route = Router({A: _card(0), B: _card(94)}, ()).lead([wire], {}).routes[wire.link]

    assert not route.around
    assert {x for x, _ in route.points} == {150}


def test_a_wire_past_a_card_goes_around_it_and_crosses_none() -> None:
    cards = {A: _card(0), B: _card(94), C: _card(188)}
    wire = _wire(A, C, 222, 188)

    route = Router(cards, ()).lead([wire], {}).routes[wire.link]

    assert route.around
    (gutter, top), (_, bottom) = route.points[2], route.points[3]
    assert gutter > cards[B].right
    assert top < cards[B].top and bottom > cards[B].bottom
    assert route.label_at == (gutter, (top + bottom) / 2)


def test_two_wires_past_the_same_cards_do_not_lie_on_each_other() -> None:
    cards = {A: _card(0), B: _card(94), C: _card(188)}
    wires = [
        WireEnds(Link(End(A, "y"), End(C, "x")), (150, 58), (222, 188)),
        WireEnds(Link(End(A, "z"), End(C, "x")), (222, 58), (78, 188)),
    ]

    routes = Router(cards, ()).lead(wires, {}).routes

    first, second = (routes[wire.link].points[2][0] for wire in wires)
    assert abs(first - second) >= 18


def test_a_wire_that_ends_in_a_frame_runs_inside_it_and_another_passes_it() -> None:
    cards = {A: _card(0), B: _card(150), C: _card(244), NodeId("d"): _card(400)}
    frame = Frame(id="f", title="Block", nodes=(B, C))
    skip = _wire(A, C, 222, 244)
    label = WireEnds(Link(End(A, "label"), End(NodeId("d"), "x")), (222, 58), (222, 400))

    courses = Router(cards, (frame,)).lead([skip, label], {})

    inside, outside = courses.routes[skip.link], courses.routes[label.link]
    assert inside.points[2][0] < courses.frames["f"].right < outside.points[2][0]


@pytest.mark.parametrize("count", range(1, 12))
def test_ports_stand_on_the_axis_first_then_beside_it_and_on_the_card(count: int) -> None:
    offsets = port_offsets(count, 300)

    assert offsets[0] == 0
    assert len(set(offsets)) == count
    assert all(abs(offset) <= 150 for offset in offsets)


def test_two_more_ports_stand_72_beside_the_axis() -> None:
    assert port_offsets(3, 300) == (0, 72, -72)


def test_a_move_snaps_to_the_grid_but_a_way_along_one_axis_keeps_the_other() -> None:
    assert snapped(319.6, 2, free=False) == 319.6
    assert snapped(319.6, 18, free=False) == 340
    assert snapped(319.6, 18, free=True) == pytest.approx(337.6)


def test_the_layout_and_the_look_agree_on_the_sizes_of_cards() -> None:
    size = load_theme("dark").size

    assert card_size("Conv2d") == size.node
    assert card_size("Target") == size.node_plain
    assert card_size("Flatten") == size.node_compact


_PLACES = st.integers(-900, 900).map(lambda number: number * 1.5)
_BOXES = st.builds(
    lambda x, y, width, height: Box(x, y, x + width, y + height),
    _PLACES,
    _PLACES,
    st.sampled_from([156.0, 300.0, 640.0]),
    st.sampled_from([44.0, 58.0, 320.0]),
)


@given(st.lists(_BOXES, max_size=20), _PLACES, _PLACES, st.sampled_from([20.0, 700.0, 1900.0]))
def test_in_a_gutter_stands_what_meets_it(
    boxes: list[Box], x: float, top: float, height: float
) -> None:
    strip = Box(x - 9, top, x + 9, top + height)
    index = BoxIndex((NodeId(str(number)), box) for number, box in enumerate(boxes))
    gone = {NodeId(str(number)): box for number, box in enumerate(boxes[:4])}
    columns = columns_of(strip.left, strip.right)
    index.sides(columns, strip.top, strip.bottom)

    for known, there in ((index, boxes), (index.without(gone), boxes[4:])):
        sides = known.sides(columns, strip.top, strip.bottom)

        found = {
            (left, right) for left, right in sides if left < strip.right and strip.left < right
        }
        assert found == {(box.left, box.right) for box in there if box.meets(strip)}
