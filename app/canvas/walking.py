"""Where the arrow keys lead: up and down along the wires, left and right between siblings.

In a drawing that runs to the right it is the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.graph.elements import Graph, Link, NodeId
from engine.graph.flow import turned
from engine.graph.topology import in_order

Direction = Literal["up", "down", "left", "right"]

_TURNED: Mapping[Direction, Direction] = {
    "left": "up",
    "right": "down",
    "up": "left",
    "down": "right",
}


def neighbour(graph: Graph, node: NodeId, direction: Direction) -> NodeId | None:
    """Return the next node in a direction, or None at the end.

    Of several nodes along the wires it is the one whose axis is nearest, of these the next one: the
    arrows follow the spine, not what skips a part of it.
    """
    direction = upright_direction(graph, direction)
    graph = turned(graph)
    if direction == "up":
        return _nearest(graph, node, [link.source.node for link in graph.links_into(node)])
    if direction == "down":
        return _nearest(graph, node, [link.target.node for link in graph.links_from(node)])
    return _beside(graph, node, -1 if direction == "left" else 1)


def upright_direction(graph: Graph, direction: Direction) -> Direction:
    """Return what a direction is in a drawing that runs down: back, on, or to a side."""
    return _TURNED[direction] if graph.flow == "right" else direction


def wires_of(graph: Graph, node: NodeId) -> list[Link]:
    """Return the wires of a node: those that leave it, then those that arrive."""
    return [*graph.links_from(node), *graph.links_into(node)]


def wire_beside(graph: Graph, link: Link, side: int) -> Link:
    """Return the next wire among those that share an end with one, or the one before; around."""
    ends = {link.source.node, link.target.node}
    near = [
        other
        for other in graph.links
        if not ends.isdisjoint((other.source.node, other.target.node))
    ]
    return near[(near.index(link) + side) % len(near)]


def first_node(graph: Graph) -> NodeId | None:
    """Return the node where walking begins."""
    return next(iter(in_order(graph)), None)


def _nearest(graph: Graph, node: NodeId, others: list[NodeId]) -> NodeId | None:
    x, y = graph.nodes[node].position

    def distance(other: NodeId) -> tuple[float, float]:
        across, down = graph.nodes[other].position
        return abs(across - x), abs(down - y)

    return min(others, key=distance, default=None)


def _beside(graph: Graph, node: NodeId, side: int) -> NodeId | None:
    """Return the nearest node at one side that stands about as high, siblings first."""
    x, y = graph.nodes[node].position
    feeding = {link.source for link in graph.links_into(node)}
    fed = {link.target for link in graph.links_from(node)}
    siblings = {link.target.node for link in graph.links if link.source in feeding}
    siblings |= {link.source.node for link in graph.links if link.target in fed}
    at_side = [
        other
        for other, found in graph.nodes.items()
        if (found.position[0] - x) * side > 1
        and (other in siblings or abs(found.position[1] - y) < 60)
    ]

    def distance(other: NodeId) -> tuple[bool, float]:
        across, down = graph.nodes[other].position
        return other not in siblings, abs(across - x) + 2 * abs(down - y)

    return min(at_side, key=distance, default=None)
