"""Drawings folded into columns."""

import pytest
from builders import Drawing, a_chain, a_small_cnn
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import valid_drawings

from engine.graph.cards import CARD, card_size
from engine.graph.columns import fold
from engine.graph.elements import EMPTY, Flow, Graph, Node, NodeId
from engine.graph.layout import arrange

Places = dict[NodeId, tuple[float, float]]


def _boxes(graph: Graph, places: Places) -> list[tuple[float, float, float, float]]:
    boxes = []
    for node, (x, y) in places.items():
        width, height = card_size(graph.nodes[node].kind)
        left = x + (CARD[0] - width) / 2
        boxes.append((left, y, left + width, y + height))
    return boxes


def _shown(graph: Graph, places: Places, ratio: float) -> float:
    """Return the height of the view of a ratio that shows all cards."""
    boxes = _boxes(graph, places)
    across = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    down = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    return max(across / ratio, down)


def _blocks(count: int) -> Graph:
    """Return a chain of framed pairs of layers."""
    drawing = Drawing()
    last: Node = drawing.add("Data")
    for number in range(count):
        first = drawing.add("Conv2d", after=last)
        last = drawing.add("ReLU", after=first)
        drawing.frame(f"Block {number}", first, last)
    return drawing.graph


@given(valid_drawings(), st.sampled_from([0.5, 1.0, 1.6, 3.0]), st.sampled_from(["down", "right"]))
def test_every_card_has_a_place_and_none_covers_another(
    graph: Graph, ratio: float, flow: Flow
) -> None:
    graph = replace(graph, flow=flow)

    places = fold(graph, ratio=ratio)

    assert places.keys() == graph.nodes.keys()
    boxes = _boxes(graph, places)
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )
            assert apart


@pytest.mark.parametrize("ratio", [0.6, 1.0, 1.6, 2.5])
def test_a_long_chain_to_the_right_is_shown_larger_than_in_one_row(ratio: float) -> None:
    graph = replace(a_chain(40), flow="right")

    assert _shown(graph, fold(graph, ratio=ratio), ratio) < _shown(graph, arrange(graph), ratio)


@pytest.mark.parametrize("ratio", [0.6, 1.0, 1.6, 2.5])
def test_a_long_chain_is_shown_larger_than_in_one_column(ratio: float) -> None:
    graph = a_chain(120)

    assert _shown(graph, fold(graph, ratio=ratio), ratio) < 0.35 * _shown(
        graph, arrange(graph), ratio
    )


def test_what_fits_the_view_stays_in_one_column() -> None:
    graph = a_small_cnn()

    assert fold(graph, ratio=0.3) == arrange(graph)


def test_a_frame_stays_whole() -> None:
    graph = _blocks(24)

    places = fold(graph, ratio=1.6)

    columns = {places[frame.nodes[0]][0] for frame in graph.frames}
    assert len(columns) > 2
    for frame in graph.frames:
        assert len({places[node][0] for node in frame.nodes}) == 1


def test_columns_are_read_down_and_to_the_right() -> None:
    graph = _blocks(24)

    places = fold(graph, ratio=1.6)

    order = sorted(places, key=places.__getitem__)
    assert order == list(graph.nodes)


def test_nothing_is_folded_to_nothing() -> None:
    assert fold(EMPTY, ratio=1.0) == {}
