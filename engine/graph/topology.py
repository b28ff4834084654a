"""Order in a drawing: what comes before what.

What is known of a graph's order is found once per graph value and kept while that value lives: the
checks, the compiler and a wire being dragged ask about the same one. Questions about paths go to
networkx. It takes as long to import as the window needs to open, so the order itself, which every
drawing needs at once, is found without it.
"""

import heapq
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.graph.elements import Graph, NodeId

if TYPE_CHECKING:
    import networkx as nx

_KEPT = 8
_cache: "OrderedDict[int, _Order]" = OrderedDict()


def warm_up() -> None:
    """Import networkx, so that the first wire that is drawn does not wait for it."""
    import networkx  # noqa: F401


@dataclass
class _Order:
    """What is known of the order of one graph; found when it is first asked for."""

    graph: Graph

    @cached_property
    def directed(self) -> "nx.DiGraph[NodeId]":
        import networkx as nx

        directed: nx.DiGraph[NodeId] = nx.DiGraph()
        directed.add_nodes_from(self.graph.nodes)
        directed.add_edges_from(self._edges())
        return directed

    @cached_property
    def sequence(self) -> list[NodeId]:
        """Kahn's algorithm; of the nodes that could come next, the one drawn first does."""
        return [*self._acyclic, *(node for node in self.graph.nodes if node not in self._in_front)]

    @cached_property
    def cycle(self) -> list[NodeId]:
        if len(self._acyclic) == len(self.graph.nodes):
            return []
        import networkx as nx

        return [edge[0] for edge in nx.find_cycle(self.directed)]

    @cached_property
    def _in_front(self) -> frozenset[NodeId]:
        return frozenset(self._acyclic)

    @cached_property
    def _acyclic(self) -> list[NodeId]:
        """The nodes that no circle comes before, in order."""
        nodes = list(self.graph.nodes)
        place = {node: number for number, node in enumerate(nodes)}
        after: dict[int, list[int]] = defaultdict(list)
        waiting_for = [0] * len(nodes)
        for source, target in self._edges():
            after[place[source]].append(place[target])
            waiting_for[place[target]] += 1
        ready = [number for number, count in enumerate(waiting_for) if count == 0]
        sequence: list[NodeId] = []
        while ready:
            number = heapq.heappop(ready)
            sequence.append(nodes[number])
            for follower in after[number]:
                waiting_for[follower] -= 1
                if waiting_for[follower] == 0:
                    heapq.heappush(ready, follower)
        return sequence

    def _edges(self) -> list[tuple[NodeId, NodeId]]:
        nodes = self.graph.nodes
        return [
            (link.source.node, link.target.node)
            for link in self.graph.links
            if link.source.node in nodes and link.target.node in nodes
        ]

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
    if start not in graph.nodes or end not in graph.nodes:
        return None
    import networkx as nx

    ordered = directed(graph)
    try:
        return list(nx.shortest_path(ordered, start, end))
    except nx.NetworkXNoPath:
        return None


def upstream(graph: Graph, node_id: NodeId) -> set[NodeId]:
    """Return all nodes that a node depends on."""
    import networkx as nx

    return set(nx.ancestors(directed(graph), node_id))


def downstream(graph: Graph, node_id: NodeId) -> set[NodeId]:
    """Return all nodes that depend on a node."""
    import networkx as nx

    return set(nx.descendants(directed(graph), node_id))
