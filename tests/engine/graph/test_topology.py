from builders import a_chain, a_residual_cnn, node_named
from hypothesis import given
from msgspec.structs import replace
from strategies import apply_all, edit_lists

from engine.graph.elements import EMPTY, End, Graph, Link
from engine.graph.topology import downstream, find_cycle, in_order, path_between, upstream


@given(edit_lists)
def test_every_node_comes_after_what_feeds_it(changes: list) -> None:
    graph = apply_all(EMPTY, changes)

    place = {node: number for number, node in enumerate(in_order(graph))}

    assert place.keys() == graph.nodes.keys()
    assert all(place[link.source.node] < place[link.target.node] for link in graph.links)


def test_a_circle_is_found_in_the_order_of_its_wires_and_loses_no_node() -> None:
    graph = a_residual_cnn()
    conv, add = node_named(graph, "conv2d_2"), node_named(graph, "add")
    looped = _with_link(graph, End(add, "y"), End(conv, "x"))

    cycle = find_cycle(looped)

    wired = {(link.source.node, link.target.node) for link in looped.links}
    assert all(pair in wired for pair in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    assert set(in_order(looped)) == set(looped.nodes)


def test_a_drawing_without_a_circle_has_none() -> None:
    assert find_cycle(a_residual_cnn()) == []


def test_up_and_down_are_opposite() -> None:
    graph = a_residual_cnn()

    assert all(
        (other in upstream(graph, node)) == (node in downstream(graph, other))
        for node in graph.nodes
        for other in graph.nodes
    )


def test_a_path_follows_the_wires() -> None:
    graph = a_chain(20)
    nodes = in_order(graph)

    path = path_between(graph, nodes[1], nodes[-1])

    assert path is not None and path[0] == nodes[1] and path[-1] == nodes[-1]
    assert path_between(graph, nodes[-1], nodes[1]) is None


def test_a_node_that_does_not_exist_is_on_no_path() -> None:
    graph = a_residual_cnn()

    assert path_between(graph, node_named(graph, "add"), "gone") is None  # type: ignore[arg-type]


def _with_link(graph: Graph, source: End, target: End) -> Graph:
    links = tuple(link for link in graph.links if link.target != target)
    return replace(graph, links=(*links, Link(source, target)))
