"""Frames renamed, joined, left and taken away."""

from builders import a_residual_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.graph.edits import add_frame
from engine.graph.elements import EMPTY, Graph, NodeId
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.framing import (
    colour_frames,
    enlarge_titles,
    fold_frames,
    folded_frames,
    frames_of,
    join_frame,
    leave_frames,
    remove_frames,
    rename_frame,
)
from engine.project.codec import from_text, to_text
from engine.project.project import Project

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


def test_frames_are_folded_coloured_and_titled_alone_and_saved_so() -> None:
    graph = a_residual_cnn()
    frame = graph.frames[0]

    folded = fold_frames(graph, [frame.id], folded=True)
    dressed = enlarge_titles(colour_frames(folded, [frame.id], "teal"), [frame.id], large=True)

    assert dressed.frames == (replace(frame, folded=True, colour="teal", large_title=True),)
    assert set(folded_frames(dressed)) == set(frame.nodes)
    saved = Project(graph=dressed)
    assert from_text(to_text(saved)).project == saved
    pasted, _ = paste_fragment(EMPTY, to_fragment(dressed, frame.nodes), (0, 0))
    copy = pasted.frames[0]
    assert (copy.folded, copy.colour, copy.large_title) == (True, "teal", True)
    assert fold_frames(folded, [frame.id], folded=True) is folded
    assert colour_frames(colour_frames(graph, [frame.id], "teal"), [frame.id], "") == graph


def test_what_follows_a_folded_frame_closes_up_and_makes_room_again() -> None:
    graph = a_residual_cnn()
    frame, flat = graph.frames[0], node_named(graph, "flatten")
    tops = [graph.nodes[node].position[1] for node in frame.nodes]

    folded = fold_frames(graph, [frame.id], folded=True)

    before, after = graph.nodes[flat].position, folded.nodes[flat].position
    assert before[1] - after[1] == max(tops) - min(tops)
    for name in ("data", "conv2d", "max_pool2d"):
        assert folded.nodes[node_named(graph, name)] is graph.nodes[node_named(graph, name)]
    assert fold_frames(folded, [frame.id], folded=False) == graph


def test_a_colour_that_this_version_does_not_know_is_kept() -> None:
    text = to_text(Project(graph=a_residual_cnn()))

    read = from_text(text.replace('"title": "Residual block"', '"colour": "gold", "title": "A"'))

    assert read.project.graph.frames[0].colour == "gold"
