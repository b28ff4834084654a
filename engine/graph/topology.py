"""Order in a drawing: what comes before what, with networkx.

The graph of a drawing is built once per graph value and kept while that value lives: the checks,
the compiler and a wire being dragged ask about the same one.
"""

from collections import OrderedDict

import networkx as nx

from engine.graph.elements import Graph, NodeId

_KEPT = 8
_cache: "OrderedDict[int, tuple[Graph, nx.DiGraph[NodeId]]]" = OrderedDict()


def directed(graph: Graph) -> "nx.DiGraph[NodeId]":
    """Return the nodes and wires as a networkx graph; nobody changes it.

    Wires to nodes that do not exist are left out.
    """
    found = _cache.get(id(graph.links))
    if found is not None and found[0].links is graph.links and _same_nodes(found[0], graph):
        return found[1]
    ordered: nx.DiGraph[NodeId] = nx.DiGraph()
    ordered.add_nodes_from(graph.nodes)
    ordered.add_edges_from(
        (link.source.node, link.target.node)
        for link in graph.links
        if link.source.node in graph.nodes and link.target.node in graph.nodes
    )
    _cache[id(graph.links)] = (graph, ordered)
    while len(_cache) > _KEPT:
        try:
            _cache.popitem(last=False)
        except KeyError:  # another thread was faster
            break
    return ordered


def _same_nodes(known: Graph, graph: Graph) -> bool:
    return known.nodes is graph.nodes or known.nodes.keys() == graph.nodes.keys()


def in_order(graph: Graph) -> list[NodeId]:
    """Return the nodes so that each comes after what feeds it, in the order of the drawing.

    Nodes on a circle, and what only they feed, come last in the order they were drawn.
    """
    ordered = directed(graph)
    place = {node: number for number, node in enumerate(graph.nodes)}
    sequence: list[NodeId] = []
    try:
        for node in nx.lexicographical_topological_sort(ordered, key=place.__getitem__):
            sequence.append(node)  # noqa: PERF402 - what came before a circle must be kept
    except nx.NetworkXUnfeasible:
        done = set(sequence)
        sequence.extend(node for node in graph.nodes if node not in done)
    return sequence


def find_cycle(graph: Graph) -> list[NodeId]:
    """Return the nodes of one circle in the order of its wires, or nothing."""
    ordered = directed(graph)
    if nx.is_directed_acyclic_graph(ordered):
        return []
    return [edge[0] for edge in nx.find_cycle(ordered)]


def path_between(graph: Graph, start: NodeId, end: NodeId) -> list[NodeId] | None:
    """Return the shortest way along the wires from one node to another, or None.

    Visits each node once, so that residual blocks cost no more than a chain.
    """
    ordered = directed(graph)
    if start not in ordered or end not in ordered:
        return None
    try:
        return list(nx.shortest_path(ordered, start, end))
    except nx.NetworkXNoPath:
        return None


def upstream(graph: Graph, node_id: NodeId) -> set[NodeId]:
    """Return all nodes that a node depends on."""
    return set(nx.ancestors(directed(graph), node_id))


def downstream(graph: Graph, node_id: NodeId) -> set[NodeId]:
    """Return all nodes that depend on a node."""
    return set(nx.descendants(directed(graph), node_id))
