"""Composites made, named, dissolved and repeated on the canvas."""

from collections.abc import Callable
from itertools import combinations

from builders import a_nested_cnn, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas.view import CanvasView
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Formula, Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier
_MAKE = _Held.ControlModifier | _Held.ShiftModifier
_DISSOLVE = _Held.ControlModifier | _Held.AltModifier


def test_ctrl_shift_g_makes_a_composite_and_asks_for_its_name(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "conv2d"), node_named(graph, "max_pool2d")])

    hands.key(Qt.Key.Key_G, _MAKE)
    field = view._renaming.field
    assert field.isVisible() and field.selectedText() == "Composite"
    QTest.keyClicks(field, "Stem")
    QTest.keyClick(field, Qt.Key.Key_Return)

    (use,) = view.document.selection
    node = view.document.graph.nodes[use]
    assert view.document.graph.definitions[node.definition].name == "Stem"
    assert node.name == "stem" and view.canvas.nodes[use].facts.title == "Stem"
    assert not view.document.report.errors
    assert view.document.report.totals.parameters == infer_shapes(graph).totals.parameters
    view.document.undo()
    view.document.undo()
    assert view.document.graph == graph and steps(view) == 2


def test_a_composite_within_a_composite_hands_the_parameters_on(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    view.document.show_level((node_named(graph, "residual_2"),))
    inside = view.document.graph
    view.document.select([node_named(inside, "conv2d"), node_named(inside, "conv2d_2")])

    hands.key(Qt.Key.Key_G, _MAKE)
    QTest.keyClick(view._renaming.field, Qt.Key.Key_Return)

    assert not view.document.model_report.errors
    (use,) = view.document.selection
    assert view.document.graph.nodes[use].params == {"channels": Formula("channels")}
    hands.key(Qt.Key.Key_Return)
    assert len(view.document.path) == 2
    conv = node_named(view.document.graph, "conv2d")
    assert str(view.document.report.nodes[conv].outputs["y"]) == "8×14×14"
    assert view.overlays.trail.words[1:] == ["Residual", "Composite"]


def test_what_cannot_be_a_composite_says_why(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    told: list[str] = []
    view.document.refused.connect(lambda error: told.append(error.title))
    view.document.select([node_named(graph, "data")])
    hands.key(Qt.Key.Key_G, _MAKE)
    assert told == ["Data cannot stand in a composite"] and steps(view) == 0


def test_ctrl_alt_g_dissolves_a_composite_in_one_step(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "residual"), node_named(graph, "residual_2")])

    hands.key(Qt.Key.Key_G, _DISSOLVE)

    assert not view.document.graph.definitions and not view.document.report.errors
    kinds = [view.document.graph.nodes[node].kind for node in view.document.selection]
    assert sorted(kinds) == ["Add", "Add", "Conv2d", "Conv2d", "Conv2d", "Conv2d"]
    assert steps(view) == 1 and undo_label(view) == "Dissolve 2 layers"


def test_r_asks_how_often_and_1_takes_it_away(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    view, hands = open_canvas(graph)
    view.document.select([block])
    for typed, repeat, shown in (("4", 4, "×4"), ("1", 1, "")):
        hands.key(Qt.Key.Key_R)
        field = view._renaming.field
        assert field.isVisible()
        QTest.keyClicks(field, typed)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert view.document.graph.nodes[block].repeat == repeat
        assert view.canvas.nodes[block].facts.repeat == shown
    assert steps(view) == 2


def test_a_repeat_inside_may_be_a_formula_of_the_parameters(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    view.document.show_level((node_named(graph, "residual_2"),))
    conv = node_named(view.document.graph, "conv2d_2")
    view.document.select([conv])
    told: list[str] = []
    view.document.refused.connect(lambda error: told.append(error.title))
    for typed in ("width", "channels // 4"):
        hands.key(Qt.Key.Key_R)
        QTest.keyClicks(view._renaming.field, typed)
        QTest.keyClick(view._renaming.field, Qt.Key.Key_Return)
    assert told == ["There is no parameter “width”"]
    assert view.document.graph.nodes[conv].repeat == Formula("channels // 4")
    assert view.canvas.nodes[conv].facts.repeat == "×2"


def test_quick_add_offers_ends_inside_and_data_outside(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, _ = open_canvas(graph)
    for path, offered, missing in (
        ((), "Data", "Input"),
        ((node_named(graph, "residual"),), "Input", "Data"),
    ):
        view.document.show_level(path)
        view.document.select(())
        view.open_quick_add()
        kinds = [row.kind for row in view.adding.list.rows()]
        assert offered in kinds and missing not in kinds
        view.adding.list.close_list()

    view.add_layer("Input")
    (made,) = view.document.selection
    assert view.document.graph.nodes[made].params == {"port": "x_2"}
    view.document.show_level(())
    block = view.canvas.nodes[node_named(graph, "residual")]
    assert [place.name for place in block.facts.inputs] == ["x", "x_2"]


def test_copied_composites_bring_what_they_are_made_of_and_none_can_hold_itself(
    open_canvas: Open,
) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    view, hands = open_canvas(graph)
    view.document.select([block])
    hands.key(Qt.Key.Key_C, _Held.ControlModifier)

    other, others_hands = open_canvas(a_small_cnn())
    others_hands.key(Qt.Key.Key_V, _Held.ControlModifier)
    (pasted,) = other.document.selection
    assert other.document.graph.definitions == graph.definitions
    assert other.canvas.nodes[pasted].facts.title == "Residual"

    view.document.show_level((block,))
    hands.key(Qt.Key.Key_V, _Held.ControlModifier)
    titles = {problem.title for problem in view.document.model_report.errors}
    assert titles == {"“Residual” holds itself"}
    (pasted,) = view.document.selection
    assert pasted in view.canvas.nodes
    view.document.undo()
    assert view.document.project.graph == graph


def test_a_composite_of_all_that_a_frame_holds_is_called_like_the_frame(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    (frame,) = graph.frames
    view.document.select(frame.nodes)

    view.composing.make()

    (made,) = view.document.selection
    assert view.document.report.nodes[made].title == frame.title
    view.dissolve()
    assert [one.title for one in view.document.graph.frames] == [frame.title]


def test_what_follows_closes_up_below_a_composite_and_parts_when_it_is_dissolved(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    members = graph.frames[0].nodes
    below = node_named(graph, "flatten")
    before = graph.nodes[below].position[1]
    view.document.select(members)

    hands.key(Qt.Key.Key_G, _MAKE)
    QTest.keyClick(view._renaming.field, Qt.Key.Key_Return)
    (use,) = view.document.selection
    item = view.canvas.nodes[use].box()
    assert item.bottom < view.document.graph.nodes[below].position[1] < before
    view.setFocus()
    hands.key(Qt.Key.Key_G, _DISSOLVE)

    lowest = max(view.canvas.nodes[node].box().bottom for node in members)
    assert lowest + 36 <= view.document.graph.nodes[below].position[1] <= before
    boxes = [one.box() for one in view.canvas.nodes.values()]
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
