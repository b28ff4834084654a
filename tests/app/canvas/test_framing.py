"""Frames drawn, named, filled and dissolved on the canvas."""

from collections.abc import Callable, Iterable

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.canvas.adding import Spot
from app.canvas.view import CanvasView
from engine.graph.edits import add_node, make_node, set_params
from engine.graph.elements import Graph, NodeId
from engine.graph.framing import fold_frames

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier


def test_ctrl_g_frames_the_selection_and_asks_for_its_name(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    chosen = [node_named(graph, "conv2d"), node_named(graph, "max_pool2d")]
    view.document.select(chosen)

    hands.key(Qt.Key.Key_G, _Held.ControlModifier)
    field = view._renaming.field
    assert field.isVisible() and field.selectedText() == "Frame"
    QTest.keyClicks(field, "Stem")
    QTest.keyClick(field, Qt.Key.Key_Return)

    (frame,) = view.document.graph.frames
    assert frame.title == "Stem" and set(frame.nodes) == set(chosen)
    assert view.canvas.frames[frame.id].look.notes == ("2 layers · 40", "40")
    assert list(view.document.history.labels())[1:] == ["Frame 2 layers", "Rename frame"]


def test_ctrl_alt_g_dissolves_the_frame_of_the_selection(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "conv2d_2")])

    hands.key(Qt.Key.Key_G, _Held.ControlModifier | _Held.AltModifier)

    assert view.document.graph.frames == () and not view.canvas.frames
    assert view.document.graph.nodes == graph.nodes
    assert undo_label(view) == "Dissolve Residual block"


def test_a_double_click_on_the_title_and_f2_rename_a_frame(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    frame = graph.frames[0].id
    area = view.canvas.frames[frame].area
    field = view._renaming.field

    hands.double_click(hands.at(area.left + 60, area.top + 12))
    assert field.isVisible() and field.text() == "Residual block"
    field.setText("Block 1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert view.document.graph.frames[0].title == "Block 1"

    hands.key(Qt.Key.Key_F2)
    assert field.isVisible() and field.text() == "Block 1"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert steps(view) == 1


def test_a_card_dropped_inside_a_frame_joins_it_and_the_frame_says_so_before(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    extra = make_node(graph, "Flatten", position=(500, 360))
    view, hands = open_canvas(add_node(graph, extra))
    (frame,) = graph.frames
    left, add = view.canvas.frames[frame.id].area.left, node_named(graph, "add")
    start = hands.card(extra.id)
    way = QPointF(left + 30 - (500 + 78), 0)

    hands.carry(start, start + way)
    assert view.canvas.frames[frame.id].look.lit
    hands.release(start + way)

    assert extra.id in view.document.graph.frames[0].nodes
    assert add in view.document.graph.frames[0].nodes
    assert not view.canvas.frames[frame.id].look.lit and steps(view) == 1


def test_from_far_away_a_frame_is_taken_hold_of_by_its_name(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    view.zoom_to(0.3)
    (frame,) = graph.frames
    area = view.canvas.frames[frame.id].area
    name = hands.at(area.left, area.top) + QPointF(20, -9)

    hands.click(name)

    assert view.document.selection == set(frame.nodes)


def fold(graph: Graph) -> Graph:
    return fold_frames(graph, [graph.frames[0].id], folded=True)


def test_a_folded_frame_is_one_bar_with_the_wires_of_what_is_in_it(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(fold(graph))
    canvas, frame = view.canvas, graph.frames[0]
    bar = canvas.frames[frame.id]

    assert bar.look.is_folded
    assert not any(canvas.nodes[node].isVisible() for node in frame.nodes)
    crossing = [
        link
        for link in graph.links
        if (link.source.node in frame.nodes) != (link.target.node in frame.nodes)
    ]
    shown = [k for k in canvas.wires if {k.source.node, k.target.node} & set(frame.nodes)]
    assert set(shown) == set(crossing)
    for link in crossing:
        route = canvas.wires[link].route
        enters = link.target.node in frame.nodes
        x, y = route.target if enters else route.source
        assert y == (bar.area.top if enters else bar.area.bottom)
        assert bar.area.left < x < bar.area.right
    assert bar.area.height < 60 and "3 layers" in bar.look.notes[0]


def test_h_and_the_chevron_fold_a_frame_and_open_it_as_undo_steps(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    frame = graph.frames[0].id
    view.document.select(graph.frames[0].nodes)

    hands.key(Qt.Key.Key_H)
    assert view.document.graph.frames[0].folded
    chevron = view.canvas.frames[frame].chevron_box().center()
    hands.click(hands.at(chevron.x(), chevron.y()))
    assert not view.document.graph.frames[0].folded
    assert all(view.canvas.nodes[node].isVisible() for node in graph.frames[0].nodes)
    assert set(view.canvas.wires) == set(graph.links)

    view.document.undo()
    assert view.document.graph.frames[0].folded
    view.document.undo()
    assert view.document.graph == graph


def test_a_bar_is_dragged_with_all_that_is_in_it(open_canvas: Open) -> None:
    graph = fold(a_residual_cnn())
    view, hands = open_canvas(graph)
    members = graph.frames[0].nodes
    area = view.canvas.frames[graph.frames[0].id].area
    start = hands.at(area.axis, area.top + 30)

    hands.drag(start, start + QPointF(200, 100))

    def ways(nodes: Iterable[NodeId]) -> set[tuple[float, float]]:
        before, after = graph.nodes, view.document.graph.nodes
        pairs = [(before[node].position, after[node].position) for node in nodes]
        return {(round(x2 - x1, 6), round(y2 - y1, 6)) for (x1, y1), (x2, y2) in pairs}

    ((dx, dy),) = ways(members)
    assert dx == pytest.approx(200 / view.zoom, abs=10)
    assert dy == pytest.approx(100 / view.zoom, abs=10)
    assert ways(set(graph.nodes) - set(members)) == {(0.0, 0.0)}
    now = view.canvas.frames[graph.frames[0].id].area
    assert (now.left - area.left, now.top - area.top) == pytest.approx((dx, dy))


def test_a_problem_in_a_folded_frame_shows_on_its_bar(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(fold(graph))
    frame = graph.frames[0]

    view.document.edit(
        "Break", lambda g: set_params(g, node_named(g, "conv2d_3"), {"out_channels": 32})
    )

    assert view.canvas.frames[frame.id].look.badge == "error"


def test_a_frame_is_coloured_from_the_menu_and_stays_so(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    view.document.select([graph.frames[0].nodes[0]])
    actions = {action.key: action for action in view.own_actions()}

    actions["frame_teal"].run()
    actions["large_title"].run()

    frame = view.document.graph.frames[0]
    look = view.canvas.frames[frame.id].look
    assert (frame.colour, frame.large_title) == (look.colour, look.large) == ("teal", True)


def test_enter_opens_a_folded_frame(open_canvas: Open) -> None:
    graph = fold(a_residual_cnn())
    view, hands = open_canvas(graph)
    view.document.select(graph.frames[0].nodes)

    hands.key(Qt.Key.Key_Return)

    assert not view.document.graph.frames[0].folded


def test_f_during_a_drag_takes_a_card_out_of_its_frame_and_back_in(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    (frame,) = graph.frames
    node = frame.nodes[-1]
    before = view.canvas.frames[frame.id].area
    start = hands.card(node)
    aside = start + QPointF(0, 600)

    hands.carry(start, aside)
    assert view.canvas.frames[frame.id].area.height > before.height
    hands.key(Qt.Key.Key_F)
    assert view.canvas.frames[frame.id].area.height < before.height
    hands.release(aside)

    assert view.document.graph.frames[0].nodes == frame.nodes[:-1]
    assert steps(view) == 1 and set(graph.links) == set(view.document.graph.links)
    view.document.undo()
    hands.carry(start, aside)
    hands.key(Qt.Key.Key_F)
    hands.key(Qt.Key.Key_F)
    hands.release(aside)
    assert view.document.graph.frames[0].nodes == frame.nodes


def test_a_new_frame_makes_room_for_its_title_below_the_card_above(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    chosen = [node_named(graph, name) for name in ("conv2d", "max_pool2d")]
    data = next(node.id for node in graph.nodes.values() if node.kind == "Data")
    view.document.select(chosen)

    hands.key(Qt.Key.Key_G, _Held.ControlModifier)

    (frame,) = view.document.graph.frames
    area, cards = view.canvas.frames[frame.id].area, view.canvas.nodes
    assert area.top >= cards[data].box().bottom + 16
    others = [node for node in graph.nodes if node not in chosen]
    assert not any(area.meets(cards[node].box()) for node in others)
    gaps = {node: cards[node].y() - graph.nodes[node].position[1] for node in graph.nodes}
    assert gaps[data] == 0 and len({gaps[node] for node in graph.nodes if node != data}) == 1


def test_a_layer_put_into_the_selected_wire_of_a_frame_belongs_to_the_frame(
    open_canvas: Open,
) -> None:
    """The wire goes, so the selection changes before the canvas knows the new card."""
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    members = graph.frames[0].nodes
    link = next(k for k in graph.links if {k.source.node, k.target.node} <= set(members))
    view.document.select((), link=link)

    view.adding.add("BatchNorm2d", {}, Spot(link=link))

    (added,) = view.document.selection
    assert added in view.document.graph.frames[0].nodes
    assert len(view.canvas.frames) == 1
