"""Composites on the canvas: how they look, going in and out, and edits inside."""

from collections.abc import Callable

from builders import Drawing, a_nested_cnn, a_project, a_small_cnn, node_named
from canvas_hands import Hands, steps
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.canvas.picture import picture_png
from app.canvas.view import CanvasView
from app.widgets import IconButton
from engine.graph.composites import at
from engine.graph.edits import disconnect, set_params
from engine.graph.elements import Formula, Graph, NodeId
from engine.graph.sharing import set_repeat
from engine.project.project import Project
from engine.project.recipe import Recipe

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Control = Qt.KeyboardModifier.ControlModifier


def _entered(open_canvas: Open) -> tuple[CanvasView, Hands, Graph, NodeId]:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    block = node_named(graph, "residual")
    view.document.select([block])
    hands.key(Qt.Key.Key_Return)
    return view, hands, graph, block


def _inner(view: CanvasView, name: str) -> NodeId:
    return node_named(view.document.graph, name)


def test_the_card_of_a_composite_is_stacked_and_tells_its_layers_and_parameters(
    open_canvas: Open,
) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    view, _ = open_canvas(graph)

    facts = view.canvas.nodes[block].facts

    # Two convolutions of 16 maps each, with biases, and what adds them up.
    assert facts.stacked and facts.title == "Residual"
    assert facts.detail == "3 layers · 4.64\u202fk"
    assert [place.name for place in facts.inputs] == ["x"]
    assert view.document.report.nodes[block].parameters == 2 * (16 * 16 * 9 + 16)


def test_a_repeat_is_stacked_and_says_how_often_it_stands_in_a_row(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    block, conv = node_named(graph, "residual"), node_named(graph, "conv2d")
    repeated = set_repeat(graph, [block], 4)
    view, _ = open_canvas(set_repeat(repeated, [block], 4, share_weights=True))
    assert view.canvas.nodes[block].facts.repeat == "×4 shared"

    view, _ = open_canvas(repeated)
    facts = view.canvas.nodes[block].facts
    assert (facts.repeat, facts.detail) == ("×4", "12 layers · 18.6\u202fk in all")
    assert not view.canvas.nodes[conv].facts.stacked


def test_enter_ctrl_down_and_a_double_click_open_a_composite(open_canvas: Open) -> None:
    view, hands, graph, block = _entered(open_canvas)
    inside = at(graph, (block,))
    assert view.document.path == (block,)
    assert set(view.canvas.nodes) == set(inside.nodes)
    assert set(view.canvas.wires) == set(inside.links)

    hands.key(Qt.Key.Key_Up, _Control)
    assert view.document.path == () and view.document.selection == {block}
    assert set(view.canvas.nodes) == set(graph.nodes)

    hands.key(Qt.Key.Key_Down, _Control)
    assert view.document.path == (block,)
    hands.key(Qt.Key.Key_Escape)
    assert view.document.path == ()

    view.centre_on(block)
    hands.double_click(hands.card(block))
    assert view.document.path == (block,)


def test_escape_first_takes_the_selection_back_and_then_leaves(open_canvas: Open) -> None:
    view, hands, _, block = _entered(open_canvas)
    view.document.select([_inner(view, "conv2d")])
    hands.key(Qt.Key.Key_Escape)
    assert view.document.path == (block,) and not view.document.selection
    hands.key(Qt.Key.Key_Escape)
    assert view.document.path == ()


def test_enter_on_a_layer_says_what_can_be_opened(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "conv2d")])
    hands.key(Qt.Key.Key_Return)
    assert view.document.path == () and "composite" in view.overlays.notice.text()


def test_the_trail_grows_and_its_chips_lead_back(open_canvas: Open) -> None:
    view, _, _, block = _entered(open_canvas)
    trail = view.overlays.trail
    assert trail.words == ["Drawing", "Residual"]

    QTest.mouseClick(trail.chip(0), Qt.MouseButton.LeftButton)

    assert view.document.path == () and view.document.selection == {block}
    assert trail.words == ["Drawing"]


def test_shapes_inside_are_those_of_the_use_that_was_opened(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, _ = open_canvas(graph)
    for name, shape in (("residual", "16×28×28"), ("residual_2", "8×14×14")):
        view.document.show_level((node_named(graph, name),))
        conv = view.document.report.nodes[_inner(view, "conv2d")]
        assert str(conv.outputs["y"]) == shape
        assert view.canvas.nodes[_inner(view, "conv2d")].facts.detail == shape[:2].rstrip("×") + (
            " · 3×3"
        )


def test_an_edit_inside_changes_all_uses_and_undo_comes_back_to_where_it_was_made(
    open_canvas: Open,
) -> None:
    view, hands, graph, block = _entered(open_canvas)
    inner = _inner(view, "add")
    view.document.select([inner])
    hands.key(Qt.Key.Key_M)
    assert view.document.graph.nodes[inner].bypassed and steps(view) == 1
    for use in ("residual", "residual_2"):
        seen = at(view.document.project.graph, (node_named(graph, use),))
        assert seen.nodes[inner].bypassed

    hands.key(Qt.Key.Key_Up, _Control)
    view.document.undo()

    assert view.document.path == (block,) and view.document.selection == {inner}
    assert view.document.project.graph == graph
    view.document.show_level(())
    view.document.redo()
    assert view.document.path == (block,) and view.document.graph.nodes[inner].bypassed


def test_a_drag_inside_moves_the_card_and_its_wires(open_canvas: Open) -> None:
    view, hands, _, _ = _entered(open_canvas)
    view.zoom_to_100()
    conv = _inner(view, "conv2d")
    x, y = view.document.graph.nodes[conv].position
    view.centre_on(conv)
    start = hands.card(conv)
    hands.drag(start, start + QPointF(200, 0))
    assert view.document.graph.nodes[conv].position == (x + 200, y)
    assert view.canvas.nodes[conv].box().left == x + 200


def test_each_level_keeps_where_one_was_looking(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    block = node_named(graph, "residual")
    view.zoom_to(0.8)
    view.centre_on(block)
    before = (view.zoom, view.seen_rect().center())
    view.document.select([block])
    hands.key(Qt.Key.Key_Return)
    view.zoom_to(1.5)
    hands.key(Qt.Key.Key_Up, _Control)
    assert view.zoom == before[0]
    assert (view.seen_rect().center() - before[1]).manhattanLength() < 4
    hands.key(Qt.Key.Key_Return)
    assert view.zoom == 1.5


def test_a_problem_inside_is_shown_where_it_is(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    inside = at(graph, (block,))
    conv = node_named(inside, "conv2d_2")
    view, _ = open_canvas(graph)
    view.document.show_level((block,))
    view.document.edit("Stride", lambda now: set_params(now, conv, {"stride": 2}))
    view.document.show_level(())
    (problem, *_) = view.document.model_report.errors
    assert problem.node == block and view.canvas.nodes[block].facts.badge == "error"

    view.go_to_problem(problem)

    assert view.document.path == (block,)
    shown = view.overlays.card.problem
    assert shown is not None and shown.node in view.document.graph.nodes
    assert view.document.selection == {shown.node}
    fixed = view.editing.apply(shown.fixes[0])
    assert fixed and view.document.path == (block,)


def test_what_is_open_is_left_when_it_is_gone(open_canvas: Open) -> None:
    view, _, graph, block = _entered(open_canvas)
    view.document.edit_model(
        "Delete", lambda now: replace(now, nodes={}, links=(), frames=(), definitions={})
    )
    assert view.document.path == () and not view.canvas.nodes
    view.document.undo()
    assert view.document.path == (block,)
    assert view.document.project.graph == graph


def test_an_inside_whose_composite_gets_nothing_is_shown_all_the_same(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    (feeding,) = graph.links_into(block)
    view, _ = open_canvas(disconnect(graph, feeding))
    view.document.show_level((block,))
    assert set(view.canvas.nodes) == set(view.document.graph.nodes)
    wrong = set_params(graph, block, {"channels": "many"})
    view, _ = open_canvas(wrong)
    view.document.show_level((block,))
    assert view.document.report.nodes and set(view.canvas.nodes) == set(view.document.graph.nodes)


def test_a_definition_that_nothing_uses_any_more_goes_and_comes_back_with_undo(
    open_canvas: Open,
) -> None:
    graph = a_nested_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "residual"), node_named(graph, "residual_2")])
    hands.key(Qt.Key.Key_Delete)
    assert not view.document.graph.definitions
    view.document.undo()
    assert view.document.graph == graph


def test_a_picture_shows_the_level_that_is_asked_for(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    project = Project(name="Drawing", graph=graph, recipe=Recipe())
    inside = at(graph, (block,))
    chosen = [node_named(inside, "conv2d")]

    sizes = [
        QImage.fromData(png).height()
        for png in (
            picture_png(project),
            picture_png(project, level=(block,)),
            picture_png(project, level=(block,), nodes=chosen),
        )
    ]

    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_what_the_outline_opens_is_entered_or_shown(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, _ = open_canvas(graph)
    block, conv = node_named(graph, "residual"), node_named(graph, "conv2d")
    view.open_or_centre(conv)
    assert view.document.path == ()
    view.open_or_centre(block)
    assert view.document.path == (block,)


def a_widening_row(rounds: int = 3) -> Graph:
    """Return a composite in a row whose channels double from round to round."""
    inside = Drawing()
    start = inside.add("Input")
    conv = inside.add("Conv2d", after=start, out_channels=Formula("4 * 2 ** i"))
    inside.add("Output", after=conv)
    drawing = Drawing()
    drawing.define("widen", inside)
    data = drawing.add("Data")
    drawing.use("widen", after=data, repeat=rounds)
    return drawing.graph


def _shape_inside(view: CanvasView) -> str:
    return str(view.document.report.nodes[_inner(view, "conv2d")].outputs["y"])


def test_each_round_of_a_row_is_looked_at_with_its_own_shapes(open_canvas: Open) -> None:
    graph = a_widening_row()
    view, hands = open_canvas(graph)
    row = node_named(graph, "widen")
    assert view.overlays.rounds.words == ""
    view.document.show_level((row,))

    assert (view.overlays.rounds.words, _shape_inside(view)) == ("Round 1 of 3", "4×28×28")
    hands.key(Qt.Key.Key_PageDown, _Control)
    hands.key(Qt.Key.Key_PageDown, _Control)
    assert (view.overlays.rounds.words, _shape_inside(view)) == ("Round 3 of 3", "16×28×28")
    hands.key(Qt.Key.Key_PageDown, _Control)
    hands.key(Qt.Key.Key_PageUp, _Control)
    assert (view.overlays.rounds.words, _shape_inside(view)) == ("Round 2 of 3", "8×28×28")
    assert view.document.told(_inner(view, "conv2d")) == f"{row}#1/{_inner(view, 'conv2d')}"


def test_a_level_keeps_its_round_and_a_row_that_became_shorter_its_last(open_canvas: Open) -> None:
    graph = a_widening_row()
    view, _ = open_canvas(graph)
    row = node_named(graph, "widen")
    view.document.show_level((row,))
    view.document.show_round(2)

    view.levels.leave()
    view.document.show_level((row,))
    assert (view.document.round_number, _shape_inside(view)) == (2, "16×28×28")
    view.document.edit_model("Repeat", lambda graph: set_repeat(graph, [row], 2))
    assert (view.overlays.rounds.words, _shape_inside(view)) == ("Round 2 of 2", "8×28×28")
    view.document.edit_model("Repeat", lambda graph: set_repeat(graph, [row], 1))
    assert (view.overlays.rounds.words, _shape_inside(view)) == ("", "4×28×28")


def test_the_arrows_beside_the_trail_lead_from_round_to_round(open_canvas: Open) -> None:
    graph = a_widening_row(2)
    view, _ = open_canvas(graph)
    view.document.show_level((node_named(graph, "widen"),))
    back, on = view.overlays.rounds.findChildren(IconButton)

    QTest.mouseClick(on, Qt.MouseButton.LeftButton)

    assert view.document.round_number == 1
    assert (back.isEnabled(), on.isEnabled()) == (True, False)


def test_another_project_opens_while_one_is_inside_of_a_composite(open_canvas: Open) -> None:
    view, _, _, _ = _entered(open_canvas)
    view.document.select([_inner(view, "add")])
    heard: list[object] = []
    view.document.selection_changed.connect(lambda _: heard.append(view.document.definition))

    view.document.open(a_project(a_small_cnn()))

    assert view.document.path == () and view.document.definition is None
    assert len(heard) == 1
