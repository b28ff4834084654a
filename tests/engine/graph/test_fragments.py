"""Parts of drawings as text."""

import json

import numpy as np
import pytest
from builders import (
    Drawing,
    a_nested_cnn,
    a_project,
    a_residual_block,
    a_residual_cnn,
    node_named,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.graph.bends import set_bends
from engine.graph.composites import at, replace_at
from engine.graph.edits import change_node
from engine.graph.elements import EMPTY, Formula, Graph
from engine.graph.fragments import paste_fragment, to_fragment
from engine.project.codec import to_text
from nodes.errors import LoomError


def test_a_pasted_part_is_the_same_drawing_with_new_names_and_ids() -> None:
    graph = a_residual_cnn()
    text = to_fragment(graph, graph.frames[0].nodes)

    pasted, added = paste_fragment(graph, text, (1000, 500))

    assert len(added) == 3 and not set(added) & set(graph.nodes)
    new = [pasted.nodes[node] for node in added]
    old = [graph.nodes[node] for node in graph.frames[0].nodes]
    assert [(node.kind, node.params) for node in new] == [(node.kind, node.params) for node in old]
    assert len({node.name for node in pasted.nodes.values()}) == len(pasted.nodes)
    assert min(node.position for node in new) == (1000, 500)
    assert [n.position[1] - new[0].position[1] for n in new] == [
        n.position[1] - old[0].position[1] for n in old
    ]
    assert len(pasted.links) - len(graph.links) == 2
    assert [frame.title for frame in pasted.frames] == ["Residual block"] * 2
    assert set(pasted.frames[1].nodes) == set(added)


def test_the_lines_are_those_of_the_project_file() -> None:
    graph = a_residual_cnn()
    node = node_named(graph, "conv2d_2")

    lines = to_fragment(graph, [node]).splitlines()

    assert next(line for line in lines if "conv2d_2" in line) in [
        line.removesuffix(",") for line in to_text(a_project(graph)).splitlines()
    ]


def test_a_whole_project_file_can_be_pasted() -> None:
    graph = a_residual_cnn()

    pasted, added = paste_fragment(EMPTY, to_text(a_project(graph)), (0, 0))

    assert len(added) == len(graph.nodes)
    assert len(pasted.links) == len(graph.links)


def test_unknown_kinds_and_fields_are_kept() -> None:
    text = json.dumps(
        {
            "format": "layerloom-part",
            "nodes": [{"id": "a", "kind": "Newer", "name": "newer", "mood": 3}],
        }
    )

    pasted, (node,) = paste_fragment(EMPTY, text, (0, 0))

    assert (pasted.nodes[node].kind, pasted.nodes[node].extra) == ("Newer", {"mood": 3})
    again, _ = paste_fragment(EMPTY, to_fragment(pasted, [node]), (0, 0))
    assert next(iter(again.nodes.values())).extra == {"mood": 3}


_NODE = {"id": "a", "kind": "ReLU", "name": "relu"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "null",
        "[]",
        "{}",
        '{"format": "layerloom-part"}',
        '{"format": "layerloom-part", "nodes": []}',
        '{"format": "other", "nodes": [{"id": "a", "kind": "ReLU"}]}',
        json.dumps({"format": "layerloom-part", "nodes": [_NODE, _NODE]}),
        json.dumps({"format": "layerloom-part", "nodes": [_NODE | {"position": [1e300, 0]}]}),
        json.dumps({"format": "layerloom-part", "nodes": [_NODE | {"position": ["a", 0]}]}),
        json.dumps({"format": "layerloom-part", "nodes": [_NODE | {"params": []}]}),
        json.dumps({"format": "layerloom-part", "nodes": [_NODE | {"kind": "x" * 500}]}),
        json.dumps({"format": "layerloom-part", "nodes": [_NODE], "links": [["a", "y"]]}),
        '{"format": "layerloom-part", "nodes": [{"id": "a", "kind": "R", "params": {"x": NaN}}]}',
        '{"format": "layerloom-part", "nodes": ' + "[" * 100_000,
        '{"format": "layerloom-part", "nodes": [{"id": "\\ud800", "kind": "ReLU"}]}',
    ],
)
def test_text_that_is_no_part_is_refused_with_words(text: str) -> None:
    with pytest.raises(LoomError) as caught:
        paste_fragment(EMPTY, text, (0, 0))

    assert caught.value.title and caught.value.hint


@given(text=st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_text_gives_a_part_or_a_reason(text: str) -> None:
    try:
        paste_fragment(EMPTY, text, (0, 0))
    except LoomError as error:
        assert error.why  # noqa: PT017 - either outcome is right


def test_wires_to_nodes_that_are_not_there_are_left_out() -> None:
    text = json.dumps(
        {"format": "layerloom-part", "nodes": [_NODE], "links": [["a", "y", "gone", "x"]]}
    )

    pasted, _ = paste_fragment(EMPTY, text, (0, 0))

    assert not pasted.links


def test_titles_states_and_formulas_come_along() -> None:
    node = {
        "id": "a",
        "kind": "Linear",
        "name": "mix",
        "title": "Mix",
        "params": {"out_features": {"formula": "width * 2"}},
        "position": [1.5, 2],
        "frozen": True,
        "bypassed": True,
    }
    text = json.dumps({"format": "layerloom-part", "nodes": [node]})

    pasted, (added,) = paste_fragment(EMPTY, text, (0, 0))

    found = pasted.nodes[added]
    assert (found.title, found.frozen, found.bypassed) == ("Mix", True, True)
    assert found.params == {"out_features": Formula("width * 2")}
    again = json.loads(to_fragment(pasted, [added]))["nodes"][0]
    assert {key: again[key] for key in ("title", "params", "frozen", "bypassed")} == {
        key: node[key] for key in ("title", "params", "frozen", "bypassed")
    }


def test_a_text_as_large_as_a_book_is_refused_unread() -> None:
    with pytest.raises(LoomError, match="clipboard") as caught:
        paste_fragment(EMPTY, "[" * (9 * 1024 * 1024), (0, 0))

    assert "9 MB" in caught.value.why


def test_composites_bring_their_definitions_along() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")

    pasted, (node,) = paste_fragment(Graph(), to_fragment(graph, [use]), (0.0, 0.0))

    assert pasted.nodes[node].definition == "residual"
    assert pasted.definitions["residual"].graph.nodes == graph.definitions["residual"].graph.nodes
    again, _ = paste_fragment(graph, to_fragment(graph, [use]), (0.0, 0.0))
    assert again.definitions == graph.definitions


def test_another_definition_of_the_same_name_gets_a_name_of_its_own() -> None:
    drawing = Drawing()
    outer = Drawing()
    outer.define("residual", a_residual_block(), channels=1)
    outer.add("Output", after=outer.use("residual", after=outer.add("Input")))
    drawing.define("residual", a_residual_block(), channels=1)
    drawing.define("outer", outer)
    use = drawing.use("outer")
    other = replace(drawing.graph.definitions["residual"], parameters={"channels": 2})
    here = replace(drawing.graph, definitions={**drawing.graph.definitions, "residual": other})

    pasted, (node,) = paste_fragment(here, to_fragment(drawing.graph, [use.id]), (0.0, 0.0))

    assert pasted.nodes[node].definition == "outer_2"
    assert list(pasted.definitions) == ["residual", "outer", "outer_2", "residual_2"]
    inner = next(iter(pasted.definitions["outer_2"].graph.nodes.values()))
    assert inner.definition in ("", "residual_2")
    assert pasted.definitions["residual_2"].parameters == {"channels": 1}


def test_copies_that_share_weights_share_with_the_copy() -> None:
    graph = a_residual_cnn()
    second, third = node_named(graph, "conv2d_2"), node_named(graph, "conv2d_3")
    graph = change_node(graph, replace(graph.nodes[third], shares=second))

    pasted, (first, other) = paste_fragment(graph, to_fragment(graph, [second, third]), (0.0, 0.0))
    alone, (copy,) = paste_fragment(graph, to_fragment(graph, [third]), (0.0, 0.0))

    assert pasted.nodes[other].shares == first
    assert alone.nodes[copy].shares == second


@given(
    st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), max_size=40),
    st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)),
)
def test_copied_wires_keep_their_points_beside_the_cards(
    points: list[tuple[int, int]], place: tuple[int, int]
) -> None:
    graph = a_residual_cnn()
    members = graph.frames[0].nodes
    link = next(link for link in graph.links if {link.source.node, link.target.node} <= {*members})
    graph = set_bends(graph, link, [(float(x), float(y)) for x, y in points])

    pasted, added = paste_fragment(graph, to_fragment(graph, members), place)

    copied = [path for key, path in pasted.bends.items() if key.source.node in added]
    x, y = graph.nodes[members[0]].position
    moved = [(px - x + place[0], py - y + place[1]) for px, py in graph.bends.get(link, ())]
    assert len(copied) == bool(moved)
    for path in copied:
        assert np.array(path) == pytest.approx(np.array(moved), abs=1e-6)
    assert pasted.bends.get(link) == graph.bends.get(link)


def test_points_that_make_no_sense_are_left_out() -> None:
    graph = a_residual_cnn()
    text = json.loads(to_fragment(graph, graph.frames[0].nodes))
    first, *_ = text["links"]
    text["bends"] = [[*first, [[1e300, 0]]], ["a", "y", "b", "x", [[0, 0]]]]

    assert paste_fragment(EMPTY, json.dumps(text), (0, 0))[0].bends == {}


def test_points_inside_of_a_copied_composite_come_along() -> None:
    graph = a_nested_cnn()
    path = (node_named(graph, "residual"),)
    inside = at(graph, path)
    link = inside.links[0]
    graph = replace_at(graph, path, set_bends(inside, link, [(3.0, 4.0)]))

    pasted, (copy,) = paste_fragment(EMPTY, to_fragment(graph, path), (0, 0))

    assert at(pasted, (copy,)).bends == {link: ((3.0, 4.0),)}
