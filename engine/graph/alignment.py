"""Where cards stand in relation to each other: aligned, at equal distances, on one line."""

from collections.abc import Callable, Collection
from itertools import accumulate
from typing import Literal, TypeAlias

from engine.graph.cards import CARD, card_size
from engine.graph.edits import move
from engine.graph.elements import Graph, NodeId
from engine.graph.flow import along_flow
from engine.graph.topology import in_order

Edge: TypeAlias = Literal["left", "centre", "right", "top", "middle", "bottom"]
Way: TypeAlias = Literal["across", "down"]


def align(graph: Graph, node_ids: Collection[NodeId], edge: Edge) -> Graph:
    """Bring one edge, or the middles, of cards onto one line.

    Edges go to the outermost of them, middles to half way between the outermost.
    """
    places = {node: _measure(graph, node, edge) for node in node_ids}
    if len(places) < 2:
        return graph
    low, high = min(places.values()), max(places.values())
    line = {"left": low, "top": low, "right": high, "bottom": high}.get(edge, (low + high) / 2)
    return _shifted(graph, {node: line - place for node, place in places.items()}, _way_of(edge))


def distribute(graph: Graph, node_ids: Collection[NodeId], way: Way) -> Graph:
    """Make the gaps between cards equal; the two outermost stay where they are.

    Cards that are longer together than the room they have keep their order and overlap evenly.
    """
    if len(node_ids) < 3:
        return graph
    size = {node: _size(graph, node)[way == "down"] for node in node_ids}
    first: Edge = "left" if way == "across" else "top"
    start = {node: _measure(graph, node, first) for node in node_ids}
    ordered = sorted(node_ids, key=start.__getitem__)
    room = start[ordered[-1]] - start[ordered[0]] - sum(size[node] for node in ordered[:-1])
    if room < 0:
        pitch = (start[ordered[-1]] - start[ordered[0]]) / (len(ordered) - 1)
        places = [start[ordered[0]] + pitch * place for place in range(len(ordered))]
    else:
        gap = room / (len(ordered) - 1)
        lengths = accumulate((size[node] + gap for node in ordered[:-1]), initial=0.0)
        places = [start[ordered[0]] + length for length in lengths]
    shifts = {node: at - start[node] for node, at in zip(ordered, places, strict=True)}
    return _shifted(graph, shifts, way)


@along_flow
def straighten(graph: Graph, node_ids: Collection[NodeId]) -> Graph:
    """Put cards that feed each other in a row onto the axis of the first of them.

    A card whose feeder is not among them begins a line of its own.
    """
    chosen = set(node_ids)
    axis: dict[NodeId, float] = {}
    for node in (node for node in in_order(graph) if node in chosen):
        feeding = [link.source.node for link in graph.links_into(node) if link.source.node in axis]
        axis[node] = axis[feeding[0]] if feeding else graph.nodes[node].position[0]
    shifts = {node: x - graph.nodes[node].position[0] for node, x in axis.items()}
    return _shifted(graph, shifts, "across")


def moved_by(graph: Graph, node_ids: Collection[NodeId], dx: float, dy: float) -> Graph:
    """Move nodes by a distance."""
    places = {node: graph.nodes[node].position for node in node_ids}
    return move(graph, {node: (x + dx, y + dy) for node, (x, y) in places.items()})


def _shifted(graph: Graph, shifts: dict[NodeId, float], way: Way) -> Graph:
    moving = {node: shift for node, shift in shifts.items() if abs(shift) > 1e-6}
    if not moving:
        return graph
    places = {node: graph.nodes[node].position for node in moving}
    across = way == "across"
    return move(
        graph,
        {
            node: (x + moving[node], y) if across else (x, y + moving[node])
            for node, (x, y) in places.items()
        },
    )


def _size(graph: Graph, node: NodeId) -> tuple[float, float]:
    return card_size(graph.nodes[node].kind)


def _way_of(edge: Edge) -> Way:
    return "across" if edge in ("left", "centre", "right") else "down"


_MEASURES: dict[Edge, Callable[[float, float, float, float], float]] = {
    "left": lambda axis, _top, width, _height: axis - width / 2,
    "centre": lambda axis, _top, _width, _height: axis,
    "right": lambda axis, _top, width, _height: axis + width / 2,
    "top": lambda _axis, top, _width, _height: top,
    "middle": lambda _axis, top, _width, height: top + height / 2,
    "bottom": lambda _axis, top, _width, height: top + height,
}


def _measure(graph: Graph, node: NodeId, edge: Edge) -> float:
    x, top = graph.nodes[node].position
    return _MEASURES[edge](x + CARD[0] / 2, top, *_size(graph, node))
