"""The points that wires are led through."""

from builders import a_small_cnn, node_named

from engine.graph.bends import MOST_BENDS, set_bends, with_moved_bends, without_bends
from engine.graph.difference import difference
from engine.graph.edits import disconnect, remove_nodes
from engine.graph.elements import Graph, Link


def _bent() -> tuple[Graph, Link]:
    graph = a_small_cnn()
    link = next(graph.links_into(node_named(graph, "max_pool2d")))
    return set_bends(graph, link, [(400.0, 150.0), (420.0, 170.0)]), link


def test_bending_a_wire_is_a_difference_that_changes_nothing_of_the_model() -> None:
    graph, link = _bent()

    change = difference(a := without_bends(graph), graph)

    assert change.bends and not change.is_empty and not change.concerns_model
    assert set_bends(graph, link, ()).bends == a.bends == {}
    assert set_bends(graph, link, graph.bends[link]) is graph


def test_points_of_wires_between_moved_layers_move_along() -> None:
    graph, link = _bent()

    both = with_moved_bends(graph, [link.source.node, link.target.node], 10, -5)
    one = with_moved_bends(graph, [link.source.node], 10, -5)

    assert both.bends[link] == ((410.0, 145.0), (430.0, 165.0))
    assert one is graph


def test_points_of_wires_that_went_are_forgotten_at_the_next_bend() -> None:
    graph, link = _bent()
    other = next(link for link in graph.links if link not in graph.bends)

    after = set_bends(disconnect(graph, link), other, [(1.0, 2.0)])

    assert after.bends == {other: ((1.0, 2.0),)}
    assert (
        set_bends(remove_nodes(graph, [link.source.node]), link, [(1.0, 2.0)]).bends == graph.bends
    )


def test_a_wire_has_so_many_points_at_most() -> None:
    graph, link = _bent()

    after = set_bends(graph, link, [(float(number), 0.0) for number in range(999)])

    assert len(after.bends[link]) == MOST_BENDS
