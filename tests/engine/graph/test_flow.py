"""Drawings that run to the right, edited as if they ran down."""

from typing import get_args

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import valid_drawings

from engine.analysis.fixes import insert_with_room
from engine.graph.alignment import straighten
from engine.graph.cards import card_size
from engine.graph.edits import move
from engine.graph.elements import EMPTY, Flow, Graph, NodeId
from engine.graph.flow import along_flow, next_rank, turned, turned_back
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.framing import fold_frames
from engine.graph.layout import arrange
from engine.project.codec import from_text, to_text
from engine.project.project import Project


def _to_the_right(graph: Graph) -> Graph:
    graph = replace(graph, flow="right")
    return move(graph, arrange(graph))


def _middle(graph: Graph, name: str) -> tuple[float, float]:
    """Return the left edge of the slot and the middle line of a card."""
    node = graph.nodes[node_named(graph, name)]
    return node.position[0], node.position[1] + card_size(node.kind)[1] / 2


@given(valid_drawings(), st.data())
def test_what_does_not_move_stays_to_the_last_digit(graph: Graph, data: st.DataObject) -> None:
    places = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
    graph = move(replace(graph, flow="right"), {node: data.draw(places) for node in graph.nodes})
    moved = data.draw(st.sampled_from(list(graph.nodes)))

    after = along_flow(lambda now: move(now, {moved: (7.0, 11.0)}))(graph)

    assert after.flow == "right"
    others = [node for node in graph.nodes if node != moved]
    assert [after.nodes[node] for node in others] == [graph.nodes[node] for node in others]
    assert turned_back(turned(graph), turned(graph), graph) == graph


def test_a_layer_put_into_a_wire_moves_what_follows_to_the_right() -> None:
    graph = _to_the_right(a_small_cnn())
    first, second = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    link = next(one for one in graph.links_into(second) if one.source.node == first)

    after = insert_with_room(graph, "Dropout", link)

    x, line = _middle(graph, "conv2d")
    assert _middle(after, "conv2d") == (x, line)
    assert _middle(after, "dropout") == pytest.approx((x + 400, line))
    assert _middle(after, "max_pool2d") == pytest.approx((x + 800, line))


def test_a_chain_to_the_right_is_straightened_onto_its_middle_line() -> None:
    graph = _to_the_right(a_small_cnn())
    pool = node_named(graph, "max_pool2d")
    x, y = graph.nodes[pool].position

    after = straighten(move(graph, {pool: (x, y + 33)}), list(graph.nodes))

    names = ("data", "conv2d", "max_pool2d", "flatten")
    assert {round(_middle(after, name)[1], 2) for name in names} == {_middle(graph, "data")[1]}


def test_a_frame_that_folds_draws_near_what_follows_at_the_right() -> None:
    graph = _to_the_right(a_residual_cnn())
    frame = graph.frames[0].id

    after = fold_frames(graph, [frame], folded=True)

    assert _middle(after, "flatten")[0] < _middle(graph, "flatten")[0]
    assert _middle(after, "flatten")[1] == _middle(graph, "flatten")[1]
    opened = fold_frames(after, [frame], folded=False)
    assert _middle(opened, "flatten")[0] == pytest.approx(_middle(graph, "flatten")[0], abs=0.1)


def test_the_next_rank_is_at_the_right_of_what_runs_to_the_right() -> None:
    down = a_small_cnn()
    node = node_named(down, "conv2d")
    x, y = down.nodes[node].position

    assert next_rank(down, node) == (x, y + 94)
    assert next_rank(replace(down, flow="right"), node) == pytest.approx((x + 400, y))


@pytest.mark.parametrize("flow", get_args(Flow))
def test_the_way_of_a_drawing_is_saved_and_a_wrong_one_is_read_as_down(flow: Flow) -> None:
    project = Project(graph=replace(a_small_cnn(), flow=flow))

    text = to_text(project)

    assert from_text(text).project == project
    assert from_text(text.replace('"right"', '"left"')).project.graph.flow == "down"


def test_what_is_pasted_stands_as_the_drawing_runs() -> None:
    right = _to_the_right(a_small_cnn())
    nodes: list[NodeId] = [node_named(right, name) for name in ("conv2d", "max_pool2d")]

    text = to_fragment(right, nodes)
    alone, _ = paste_fragment(EMPTY, text, (0, 0))
    below, added = paste_fragment(a_small_cnn(), text, (1000, 0))

    assert alone.flow == "right"
    first, second = (below.nodes[node].position for node in added)
    assert below.flow == "down"
    assert first[0] == pytest.approx(second[0]) and second[1] == pytest.approx(first[1] + 94)
