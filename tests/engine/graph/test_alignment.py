"""Cards aligned, distributed and straightened."""

from itertools import pairwise

import pytest
from builders import a_residual_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.alignment import Edge, Way, align, distribute, straighten
from engine.graph.cards import CARD, card_size
from engine.graph.edits import add_node, make_node, move
from engine.graph.elements import EMPTY, Graph, NodeId

_EDGES: tuple[Edge, ...] = ("left", "centre", "right", "top", "middle", "bottom")
_WAYS: tuple[Way, ...] = ("across", "down")
_KINDS = ("Conv2d", "Flatten", "Data", "ReLU")

_places = st.lists(
    st.tuples(st.sampled_from(_KINDS), st.integers(-900, 900), st.integers(-900, 900)),
    min_size=1,
    max_size=7,
)


def _drawn(places: list[tuple[str, int, int]]) -> Graph:
    graph = EMPTY
    for kind, x, y in places:
        graph = add_node(graph, make_node(graph, kind, position=(float(x), float(y))))
    return graph


def _box(graph: Graph, node: NodeId) -> tuple[float, float, float, float]:
    """Return left, right, top, bottom as the canvas draws it."""
    (x, y), (width, height) = graph.nodes[node].position, card_size(graph.nodes[node].kind)
    axis = x + CARD[0] / 2
    return axis - width / 2, axis + width / 2, y, y + height


def _at(graph: Graph, node: NodeId, edge: Edge) -> float:
    left, right, top, bottom = _box(graph, node)
    return {
        "left": left,
        "right": right,
        "centre": (left + right) / 2,
        "top": top,
        "bottom": bottom,
        "middle": (top + bottom) / 2,
    }[edge]


@given(_places, st.sampled_from(_EDGES))
def test_aligned_cards_share_an_edge_and_keep_the_other_way(
    places: list[tuple[str, int, int]], edge: Edge
) -> None:
    graph = _drawn(places)

    after = align(graph, graph.nodes, edge)

    lines = [_at(after, node, edge) for node in after.nodes]
    before = [_at(graph, node, edge) for node in graph.nodes]
    assert max(lines) - min(lines) < 1e-6
    assert min(before) - 1e-6 <= lines[0] <= max(before) + 1e-6
    still = 1 if edge in ("left", "centre", "right") else 0
    for node in graph.nodes:
        assert after.nodes[node].position[still] == graph.nodes[node].position[still]


@given(_places, st.sampled_from(_WAYS))
def test_distributed_cards_have_equal_gaps_and_the_outermost_stay(
    places: list[tuple[str, int, int]], way: Way
) -> None:
    graph = _drawn(places)
    low, high = (0, 1) if way == "across" else (2, 3)

    after = distribute(graph, graph.nodes, way)

    boxes = sorted(_box(after, node)[low : high + 1] for node in after.nodes)
    was = sorted(_box(graph, node)[low : high + 1] for node in graph.nodes)
    assert boxes[0][0] == pytest.approx(was[0][0], abs=1e-6)
    if len(places) >= 3:
        ordered = sorted(graph.nodes, key=lambda node: _box(graph, node)[low])
        spans = [_box(after, node)[low : high + 1] for node in ordered]
        gaps = [b[0] - a[1] for a, b in pairwise(spans)]
        if min(gaps) < -1e-6:  # there is no room: the cards begin at equal distances
            gaps = [b[0] - a[0] for a, b in pairwise(spans)]
        assert gaps == pytest.approx([gaps[0]] * len(gaps), abs=1e-6)


def test_a_bent_chain_is_straightened_onto_its_first_card() -> None:
    graph = a_residual_cnn()
    names = ("conv2d_2", "conv2d_3", "add")
    nodes = [node_named(graph, name) for name in names]
    shifts = zip(nodes, (30.0, -20.0, 70.0), strict=True)
    graph = move(graph, {node: (x, graph.nodes[node].position[1]) for node, x in shifts})

    after = straighten(graph, nodes)

    assert [after.nodes[node].position[0] for node in nodes] == [30.0] * 3
    assert [after.nodes[node].position[1] for node in nodes] == [
        graph.nodes[node].position[1] for node in nodes
    ]


def test_what_stands_right_already_is_the_same_drawing() -> None:
    graph = a_residual_cnn()

    assert align(graph, list(graph.nodes), "centre") is graph
    assert straighten(graph, list(graph.nodes)) is graph
    assert align(graph, list(graph.nodes)[:1], "top") is graph
