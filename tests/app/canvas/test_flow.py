"""Drawings that run to the right, on the canvas."""

from collections.abc import Callable
from itertools import combinations, pairwise, product

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt

from app.canvas.geometry import PORT_STEP
from app.canvas.routes import Route
from app.canvas.view import CanvasView
from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph.columns import fold
from engine.graph.edits import move
from engine.graph.elements import Flow, Graph
from engine.project.templates import open_template

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _to_the_right(view: CanvasView) -> None:
    view.arranging.moves = False
    view.arranging.run("right")


def _source(graph: Graph) -> str:
    return write_source(make_plan(graph, infer_shapes(graph), "A test")).text


def test_arranging_to_the_right_is_one_step_and_changes_nothing_of_the_source(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)

    _to_the_right(view)

    assert undo_label(view) == "Arrange to the right" and steps(view) == 1
    assert _source(view.document.graph) == _source(graph)
    view.document.undo()
    assert view.document.graph == graph


def test_wires_lead_from_right_edges_to_left_edges(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    _to_the_right(view)

    boxes = {node: item.box() for node, item in view.canvas.nodes.items()}
    assert view.canvas.wires
    for link, wire in view.canvas.wires.items():
        assert wire.route.source[0] == boxes[link.source.node].right
        assert wire.route.target[0] == boxes[link.target.node].left


def test_a_skip_wire_runs_below_the_cards_that_it_passes_and_in_its_frame(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_residual_cnn())

    _to_the_right(view)

    (skip,) = [wire for wire in view.canvas.wires.values() if wire.look.label == "skip"]
    frame = view.document.graph.frames[0]
    lowest = max(view.canvas.nodes[node].box().bottom for node in frame.nodes)
    assert lowest < skip.route.points[2][1] < view.canvas.frames[frame.id].area.bottom


def test_no_shape_is_written_over_a_card(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    _to_the_right(view)

    for wire in view.canvas.wires.values():
        text = wire.text_box()
        assert not any(item.far_rect().intersects(text) for item in view.canvas.nodes.values())


def test_a_port_is_taken_hold_of_at_the_side_of_its_card(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    _to_the_right(view)
    view.fit_all()
    conv, flat = node_named(graph, "conv2d"), node_named(graph, "flatten")
    start, end = view.canvas.nodes[conv].box(), view.canvas.nodes[flat].box()

    hands.drag(
        hands.at(start.right, (start.top + start.bottom) / 2),
        hands.at(end.left, (end.top + end.bottom) / 2),
    )

    (link,) = view.document.graph.links_into(flat)
    assert link.source.node == conv


@pytest.mark.parametrize("folded", [False, True])
def test_the_arrows_lead_on_to_the_right_and_back_to_the_left(
    open_canvas: Open, folded: bool
) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    _to_the_right(view)
    if folded:
        view.arranging.fold()
    view.document.select([node_named(graph, "conv2d")])

    hands.key(Qt.Key.Key_Right)
    assert view.document.selection == {node_named(graph, "max_pool2d")}
    hands.key(Qt.Key.Key_Left)
    assert view.document.selection == {node_named(graph, "conv2d")}


def test_a_bent_wire_ends_along_the_way_of_the_drawing(open_canvas: Open) -> None:
    graph = replace(a_small_cnn(), flow="right")
    view, _ = open_canvas(graph)
    link = graph.links[0]

    view.canvas.show_bends(link, [(900.0, 300.0)])

    path = view.canvas.wires[link].path()
    assert abs(path.angleAtPercent(0) % 360) == pytest.approx(0, abs=1)


def test_arranging_down_again_gives_the_first_drawing(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.arranging.moves = False
    view.arrange()
    before = view.document.graph

    _to_the_right(view)
    view.arranging.run("down")

    assert view.document.graph == before


def _passed(view: CanvasView) -> list[tuple[str, str]]:
    """Name the wires that run through cards, and the cards, by how they are painted."""
    nodes = view.canvas.nodes
    return [
        (str(link), str(node))
        for link, wire in view.canvas.wires.items()
        for node, item in nodes.items()
        if node not in (link.source.node, link.target.node)
        and wire.stroke().intersects(item.far_rect())
    ]


@pytest.mark.parametrize("flow", ["down", "right"])
@pytest.mark.parametrize("template", ["digits", "u-net", "gru-attention", "resnet-18"])
def test_no_wire_of_a_folded_drawing_runs_through_a_card(
    open_canvas: Open, template: str, flow: Flow
) -> None:
    graph = replace(open_template(template).graph, flow=flow)
    view, _ = open_canvas(move(graph, fold(graph, ratio=1.6)))

    assert _passed(view) == []


def _overlaid(one: Route, other: Route) -> bool:
    """Whether two ways run along each other for longer than from port to port."""
    for axis in (0, 1):
        for first, second in product(pairwise(one.points), pairwise(other.points)):
            if len({point[axis] for point in (*first, *second)}) > 1:
                continue
            (start, end), (begin, stop) = (
                sorted(p[1 - axis] for p in it) for it in (first, second)
            )
            if min(end, stop) - max(start, begin) > PORT_STEP:
                return True
    return False


@pytest.mark.parametrize("flow", ["down", "right"])
def test_wires_of_different_outputs_do_not_lie_on_each_other_in_a_folded_drawing(
    open_canvas: Open, flow: Flow
) -> None:
    graph = replace(open_template("u-net").graph, flow=flow)
    view, _ = open_canvas(move(graph, fold(graph, ratio=1.6)))

    ways = [wire for wire in view.canvas.wires.values() if wire.route.around]
    for one, other in combinations(ways, 2):
        if one.link.source != other.link.source:
            assert not _overlaid(one.route, other.route)


def test_a_wire_to_the_next_column_runs_outside_of_the_frames_that_it_joins(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(open_template("resnet-18").graph)
    home = {node: frame.id for frame in view.document.graph.frames for node in frame.nodes}

    joining = [
        wire
        for link, wire in view.canvas.wires.items()
        if wire.route.around and home[link.source.node] != home[link.target.node]
    ]

    assert joining
    for wire in joining:
        corners = [QPointF(*point) for point in wire.route.points[1:-1]]
        for frame in view.canvas.frames.values():
            assert not any(frame.sceneBoundingRect().contains(corner) for corner in corners)
