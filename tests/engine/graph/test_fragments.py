"""Parts of drawings as text."""

import json

import pytest
from builders import a_project, a_residual_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.elements import EMPTY, Formula
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
