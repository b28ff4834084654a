"""Edits of the points that wires are led through. They change nothing of what is computed."""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from engine.graph.elements import Graph, Link, NodeId, Point

MOST_BENDS = 32
"""Points of one wire."""


def set_bends(graph: Graph, link: Link, points: Iterable[Point]) -> Graph:
    """Lead a wire through points, from its output to its input; through none for no points."""
    if link not in graph.links:
        return graph
    there = set(graph.links)
    bends = {known: path for known, path in graph.bends.items() if known in there}
    bends.pop(link, None)
    path = tuple(points)[:MOST_BENDS]
    if path:
        bends[link] = path
    return graph if bends == graph.bends else replace(graph, bends=bends)


def without_bends(graph: Graph) -> Graph:
    """Lead every wire as if nobody had bent it."""
    return replace(graph, bends={}) if graph.bends else graph


def with_moved_bends(graph: Graph, node_ids: Collection[NodeId], dx: float, dy: float) -> Graph:
    """Move the points of wires between nodes that were moved by a distance."""
    inner = {link: shifted(points, dx, dy) for link, points in bends_among(graph, node_ids).items()}
    return replace(graph, bends={**graph.bends, **inner}) if inner else graph


def bends_among(graph: Graph, node_ids: Collection[NodeId]) -> dict[Link, tuple[Point, ...]]:
    """Return the points of the wires that lead from some nodes to others of them."""
    members = set(node_ids)
    return {
        link: points
        for link, points in graph.bends.items()
        if link.source.node in members and link.target.node in members
    }


def shifted(points: Iterable[Point], dx: float, dy: float) -> tuple[Point, ...]:
    """Return points moved by a distance."""
    return tuple((x + dx, y + dy) for x, y in points)
