"""The layout of cards."""

from itertools import combinations

import pytest
from builders import Drawing, a_chain, a_residual_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.graph.cards import CARD, card_size
from engine.graph.edits import add_frame, add_node, connect, make_node
from engine.graph.elements import EMPTY, End, Flow, Graph, Link, NodeId
from engine.graph.layout import arrange
from nodes.errors import GraphError

flows = st.sampled_from(("down", "right"))
Places = dict[NodeId, tuple[float, float]]


def _box(graph: Graph, places: Places, node: NodeId) -> tuple[float, float, float, float]:
    width, height = card_size(graph.nodes[node].kind)
    left = places[node][0] + (CARD[0] - width) / 2
    return left, places[node][1], left + width, places[node][1] + height


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _is_clean(graph: Graph, places: Places) -> bool:
    boxes = [_box(graph, places, node) for node in graph.nodes]
    return not any(_overlap(a, b) for a, b in combinations(boxes, 2))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw any graph of merging layers, with some frames."""
    graph = EMPTY
    kinds = draw(st.lists(st.sampled_from(["Add", "Flatten", "Target", "Conv2d"]), max_size=14))
    for kind in kinds:
        graph = add_node(graph, make_node(graph, kind))
    nodes = list(graph.nodes)
    for _ in range(draw(st.integers(0, 24)) if nodes else 0):
        source, target = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        try:
            graph = connect(graph, End(source, "y"), End(target, "x"))
        except GraphError:
            continue
    for number in range(draw(st.integers(0, 2)) if nodes else 0):
        graph = add_frame(
            graph, f"Frame {number}", draw(st.sets(st.sampled_from(nodes), min_size=1))
        )
    return graph


@settings(max_examples=60)
@given(graph=graphs(), flow=flows)
def test_no_cards_overlap_and_what_feeds_a_card_stands_before_it(graph: Graph, flow: Flow) -> None:
    graph = replace(graph, flow=flow)
    start, end = (0, 2) if flow == "right" else (1, 3)

    places = arrange(graph)

    assert places.keys() == graph.nodes.keys()
    assert _is_clean(graph, places)
    for link in graph.links:
        before, after = (_box(graph, places, one.node) for one in (link.source, link.target))
        assert before[end] < after[start]


@settings(max_examples=40)
@given(graph=graphs(), flow=flows)
def test_frames_stay_together_and_nothing_else_stands_in_them(graph: Graph, flow: Flow) -> None:
    graph = replace(graph, flow=flow)

    places = arrange(graph)

    for frame in graph.frames if len(graph.frames) == 1 else ():
        boxes = [_box(graph, places, node) for node in frame.nodes]
        area = (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )
        others = [node for node in graph.nodes if node not in frame.nodes]
        if _can_be_whole(graph, set(frame.nodes)):
            assert not any(_overlap(area, _box(graph, places, node)) for node in others)


def _can_be_whole(graph: Graph, members: set[NodeId]) -> bool:
    """Whether no way leaves the frame and comes back."""
    after: set[NodeId] = set()
    for _ in graph.nodes:
        for link in graph.links:
            leaves = link.source.node in members or link.source.node in after
            if leaves and link.target.node not in members:
                after.add(link.target.node)
    return not any(
        link.source.node in after and link.target.node in members for link in graph.links
    )


def test_the_spine_of_a_residual_network_is_straight_with_a_pitch_of_94() -> None:
    graph = a_residual_cnn()

    places = arrange(graph)

    assert {x for x, _ in places.values()} == {0}
    first, second = (places[node_named(graph, name)][1] for name in ("data", "conv2d"))
    assert second - first == 94


def test_a_chain_to_the_right_has_one_line_whatever_cards_it_is_made_of() -> None:
    graph = replace(a_residual_cnn(), flow="right")

    boxes = [_box(graph, arrange(graph), node) for node in graph.nodes]

    assert len({(top + bottom) / 2 for _, top, _, bottom in boxes}) == 1
    lefts = sorted(left for left, *_ in boxes)
    assert lefts[1] - lefts[0] == 400


def test_a_branch_stands_beside_the_spine_half_way_down() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    left = drawing.add("Conv2d", after=data)
    last = left
    for _ in range(3):
        last = drawing.add("Conv2d", after=last)
    side = drawing.add("MaxPool2d", after=data)
    join = drawing.add("Concat", after=last)
    drawing.wire(side, join)

    places = arrange(drawing.graph)

    assert abs(places[side.id][0] - places[left.id][0]) == 340
    assert places[left.id][1] < places[side.id][1] < places[last.id][1]


def test_a_label_that_stands_alone_comes_down_to_where_it_is_used() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=data)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    target = drawing.add("Target")
    drawing.wire((target, "label"), loss, "target")

    places = arrange(drawing.graph)

    assert places[loss.id][1] - places[target.id][1] == 94


def test_arranging_twice_changes_nothing_more() -> None:
    graph = a_chain(60)
    once = arrange(graph)
    nodes = {
        node: type(found)(
            **{f: getattr(found, f) for f in found.__struct_fields__} | {"position": once[node]}
        )
        for node, found in graph.nodes.items()
    }

    again = arrange(type(graph)(nodes=nodes, links=graph.links, frames=graph.frames))

    assert again == once


def test_a_circle_in_a_file_is_laid_out_all_the_same() -> None:
    drawing = Drawing()
    first = drawing.add("Add")
    second = drawing.add("Add", after=first)
    drawing.frame("Apart", drawing.add("Add"))
    graph = drawing.graph
    links = (*graph.links, Link(End(second.id, "y"), End(first.id, "x")))

    places = arrange(Graph(nodes=graph.nodes, links=links, frames=graph.frames))

    assert len(places) == 3


@pytest.mark.parametrize("blocks", [50])
def test_many_residual_blocks_cost_no_more_than_their_number(blocks: int) -> None:
    """A way that is counted once for each path would never end here."""
    graph = a_chain(blocks * 11)

    assert _is_clean(graph, arrange(graph))


def test_a_frame_that_a_way_leaves_and_comes_back_to_is_no_block() -> None:
    drawing = Drawing()
    first = drawing.add("Add")
    outside = drawing.add("Add", after=first)
    last = drawing.add("Add", after=outside)
    drawing.frame("Torn", first, last)

    places = arrange(drawing.graph)

    assert places[first.id][1] < places[outside.id][1] < places[last.id][1]
