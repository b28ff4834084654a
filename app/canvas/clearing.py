"""Putting cards that came to a drawing where they stand on no other card: plain functions."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence

from app.canvas.geometry import SNAP, Box, Point, card_box
from app.canvas.routing import frame_box
from engine.graph.bends import with_moved_bends
from engine.graph.edits import move
from engine.graph.elements import Graph, NodeId

_GAP = 8.0
_WAYS: tuple[Point, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))


def beside_others(graph: Graph, nodes: Collection[NodeId], step: Point) -> Graph:
    """Move cards as one, step by step, to where they stand on no other card or frame."""
    own, others = _boxes(graph, nodes)
    dx = dy = 0.0
    while any(True for _ in _meetings(own, others, (dx, dy))):
        dx, dy = dx + step[0], dy + step[1]
    return _moved(graph, nodes, (dx, dy))


def off_others(graph: Graph, nodes: Collection[NodeId]) -> Graph:
    """Move cards as one to the nearest place, straight to a side, where they stand on no other."""
    own, others = _boxes(graph, nodes)
    ways = [_way_out(own, others, way) for way in _WAYS]
    return _moved(graph, nodes, min(ways, key=lambda by: abs(by[0]) + abs(by[1])))


def _boxes(graph: Graph, nodes: Collection[NodeId]) -> tuple[list[Box], list[Box]]:
    """Return the cards that came, and what they may not stand on: other frames as well."""
    cards = {key: card_box(node) for key, node in graph.nodes.items()}
    own, there = set(nodes), {key: box for key, box in cards.items() if key not in nodes}
    strange = (frame for frame in graph.frames if own.isdisjoint(frame.nodes))
    frames = (frame_box(frame, cards) for frame in strange)
    others = [*there.values(), *(box for box in frames if box is not None)]
    return [cards[key] for key in nodes], [box.grown(_GAP) for box in others]


def _way_out(own: Sequence[Box], others: Sequence[Box], way: Point) -> Point:
    """Return how far cards have to go one way to be free of others, on the grid."""
    by = 0.0
    while met := list(_meetings(own, others, (way[0] * by, way[1] * by))):
        by = SNAP * math.ceil((by + max(_overlap(*pair, way) for pair in met)) / SNAP)
    return way[0] * by, way[1] * by


def _meetings(own: Iterable[Box], others: Sequence[Box], by: Point) -> Iterator[tuple[Box, Box]]:
    for box in own:
        moved = box.moved(*by)
        yield from ((moved, other) for other in others if moved.meets(other))


def _overlap(box: Box, other: Box, way: Point) -> float:
    """Return how far a box that meets another has to go one way to leave it."""
    match way:
        case (1, 0):
            return other.right - box.left
        case (-1, 0):
            return box.right - other.left
        case (0, 1):
            return other.bottom - box.top
        case _:
            return box.bottom - other.top


def _moved(graph: Graph, nodes: Collection[NodeId], by: Point) -> Graph:
    if by == (0.0, 0.0):
        return graph
    places = {node: graph.nodes[node].position for node in nodes}
    moved = move(graph, {node: (x + by[0], y + by[1]) for node, (x, y) in places.items()})
    return with_moved_bends(moved, nodes, *by)
