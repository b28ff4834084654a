"""Frames drawn, named, filled and dissolved on the canvas."""

from collections.abc import Callable

from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.canvas.view import CanvasView
from engine.graph.edits import add_node, make_node
from engine.graph.elements import Graph

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
