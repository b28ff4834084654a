"""Frames renamed, joined, left and taken away."""

from builders import a_residual_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.edits import add_frame
from engine.graph.elements import Graph, NodeId
from engine.graph.framing import frames_of, join_frame, leave_frames, remove_frames, rename_frame

_picked = st.sets(st.integers(0, 8), max_size=5)


def _two_frames() -> Graph:
    graph = a_residual_cnn()
    return add_frame(graph, "Head", [node_named(graph, "flatten"), node_named(graph, "linear")])


def _nodes(graph: Graph, picked: set[int]) -> list[NodeId]:
    return [node for place, node in enumerate(graph.nodes) if place in picked]


@given(_picked)
def test_every_node_is_in_one_frame_at_most_and_none_is_empty(picked: set[int]) -> None:
    graph = _two_frames()
    nodes = _nodes(graph, picked)
    frame = graph.frames[0].id

    after = join_frame(graph, frame, nodes)

    members = [node for found in after.frames for node in found.nodes]
    assert len(members) == len(set(members))
    assert all(found.nodes for found in after.frames)
    assert {found.id for found in frames_of(after, nodes)} == ({frame} if nodes else set())
    assert set(members) == {n for f in graph.frames for n in f.nodes} | set(nodes)


@given(_picked)
def test_who_leaves_is_in_no_frame_that_holds_others(picked: set[int]) -> None:
    graph = _two_frames()
    nodes = set(_nodes(graph, picked))

    after = leave_frames(graph, nodes)

    assert [frame.id for frame in after.frames] == [frame.id for frame in graph.frames]
    for frame in frames_of(after, nodes):
        assert nodes.issuperset(frame.nodes)


def test_a_frame_is_renamed_but_never_nameless() -> None:
    graph = a_residual_cnn()
    frame = graph.frames[0].id

    assert rename_frame(graph, frame, "  Stage 1 ").frames[0].title == "Stage 1"
    assert rename_frame(graph, frame, "   ") is graph
    assert len(rename_frame(graph, frame, "x" * 500).frames[0].title) == 80


def test_frames_are_taken_away_and_their_nodes_stay() -> None:
    graph = _two_frames()

    after = remove_frames(graph, [graph.frames[0].id])

    assert after.frames == graph.frames[1:] and after.nodes is graph.nodes
    assert remove_frames(graph, ["another"]) is graph
