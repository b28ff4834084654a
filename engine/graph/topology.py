"""Order in a drawing: what comes before what, with networkx.

The graph of a drawing is built once per graph value and kept while that value lives: the checks,
the compiler and a wire being dragged ask about the same one.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from engine.graph.elements import Graph, NodeId

_KEPT = 8
_cache: "OrderedDict[int, _Order]" = OrderedDict()


@dataclass
class _Order:
    """What is known of the order of one graph; found when it is first asked for."""

    graph: Graph
    directed: "nx.DiGraph[NodeId]" = field(init=False)

    def __post_init__(self) -> None:
        nodes = self.graph.nodes
        self.directed = nx.DiGraph()
        self.directed.add_nodes_from(nodes)
        self.directed.add_edges_from(
            (link.source.node, link.target.node)
            for link in self.graph.links
            if link.source.node in nodes and link.target.node in nodes
        )

    @cached_property
    def sequence(self) -> list[NodeId]:
        place = {node: number for number, node in enumerate(self.graph.nodes)}
        sequence: list[NodeId] = []
        try:
            for node in nx.lexicographical_topological_sort(self.directed, key=place.__getitem__):
                sequence.append(node)  # noqa: PERF402 - what came before a circle must be kept
        except nx.NetworkXUnfeasible:
            done = set(sequence)
            sequence.extend(node for node in self.graph.nodes if node not in done)
        return sequence

    @cached_property
    def cycle(self) -> list[NodeId]:
        if nx.is_directed_acyclic_graph(self.directed):
            return []
        return [edge[0] for edge in nx.find_cycle(self.directed)]

    def holds_for(self, graph: Graph) -> bool:
        """Whether another graph has the same wires and the same nodes in the same order."""
        known = self.graph
        same_links = known.links is graph.links
        return same_links and (known.nodes is graph.nodes or [*known.nodes] == [*graph.nodes])


def _order_of(graph: Graph) -> _Order:
    found = _cache.get(id(graph.links))
    if found is not None and found.holds_for(graph):
        return found
    order = _Order(graph)
    _cache[id(graph.links)] = order
    while len(_cache) > _KEPT:
        try:
            _cache.popitem(last=False)
        except KeyError:  # another thread was faster
            break
    return order


def directed(graph: Graph) -> "nx.DiGraph[NodeId]":
    """Return the nodes and wires as a networkx graph; nobody changes it.

    Wires to nodes that do not exist are left out.
    """
    return _order_of(graph).directed


def in_order(graph: Graph) -> list[NodeId]:
    """Return the nodes so that each comes after what feeds it, in the order of the drawing.

    Nodes on a circle, and what only they feed, come last in the order they were drawn.
    """
    return list(_order_of(graph).sequence)


def find_cycle(graph: Graph) -> list[NodeId]:
    """Return the nodes of one circle in the order of its wires, or nothing."""
    return list(_order_of(graph).cycle)


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
