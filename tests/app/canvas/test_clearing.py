"""Cards that came are moved to where they stand on no other, by laws."""

from builders import Drawing
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.clearing import beside_others, off_others
from app.canvas.geometry import card_box
from engine.graph.edits import move
from engine.graph.elements import Graph

_PLACES = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(-40, 40)).map(lambda at: (at[0] * 10, at[1] * 10)),
    min_size=2,
    max_size=7,
)


def _drawn(places: list[tuple[int, int]]) -> Graph:
    drawing = Drawing()
    for _ in places:
        drawing.add("ReLU")
    graph = drawing.graph
    return move(graph, dict(zip(graph.nodes, places, strict=True)))


@given(_PLACES, st.integers(1, 3))
def test_cards_that_came_keep_their_form_and_stand_on_no_other(
    places: list[tuple[int, int]], count: int
) -> None:
    graph = _drawn(places)
    came = tuple(graph.nodes)[:count]

    for settled in (off_others(graph, came), beside_others(graph, came, (340.0, 0.0))):
        now, before = settled.nodes, graph.nodes
        ways = {
            (
                now[node].position[0] - before[node].position[0],
                now[node].position[1] - before[node].position[1],
            )
            for node in came
        }
        others = [node for node in graph.nodes if node not in came]
        assert len(ways) == 1 and all(now[node] is before[node] for node in others)
        boxes = {node: card_box(now[node]) for node in now}
        assert not any(boxes[one].meets(boxes[other]) for one in came for other in others)


def test_a_card_that_stands_free_stays() -> None:
    graph = _drawn([(0, 0), (400, 0)])

    assert off_others(graph, tuple(graph.nodes)[:1]) is graph
