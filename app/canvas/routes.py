"""What the course of one wire is: a curve, or a way around cards, by corners.

Words here are those of a drawing that runs down. The ways of one that runs to the right are those
of the other, turned over its diagonal and back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from app.canvas.geometry import Point
from engine.graph.cards import RIGHT_RANK_GAP
from engine.graph.elements import Flow, Link, NodeId

TURNS = 40.0
"""A curve that ends so far aside runs through what stands beside its beginning."""

_UPWARDS = 12.0
"""So much higher ends what would run through a shape on it."""

_LEAST_BEND = 40.0
_BELOW_TURN = 18.0


class Route(msgspec.Struct, frozen=True, gc=False):
    """The course of one wire."""

    points: tuple[Point, ...]
    """Two ends and two control points of a curve, or the corners of a way around."""

    around: bool
    text_at: Point
    """Left end of the line in which the shape is written."""

    text_left: bool = False
    """The shape stands left of the wire: at its right another wire turns away."""

    room: float = math.inf
    """How wide a shape may be at the right before it meets the wire of another port."""

    bends: tuple[Point, ...] = ()
    """The points that the wire is led through by hand."""

    label_at: Point | None = None
    """The middle of the upright part of a way around; words stand on its outer side."""

    flow: Flow = "down"

    @property
    def source(self) -> Point:
        return self.points[0]

    @property
    def target(self) -> Point:
        return self.points[-1]

    @property
    def is_straight(self) -> bool:
        """Whether a curve leads straight on."""
        across = 1 if self.flow == "right" else 0
        return self.source[across] == self.target[across] and self.leads_on

    @property
    def leads_on(self) -> bool:
        """Whether it ends further on than it begins: not in the next column."""
        along = 0 if self.flow == "right" else 1
        return self.source[along] < self.target[along]


class WireEnds(msgspec.Struct, frozen=True, gc=False):
    """One wire to be led from an output to an input."""

    link: Link
    source: Point
    target: Point
    bends: tuple[Point, ...] = ()
    cards: tuple[NodeId, NodeId] | None = None
    """What it begins and ends at, where that is not the cards of its nodes."""

    flow: Flow = "down"

    @property
    def length(self) -> float:
        """How far on it leads, along the way of the drawing."""
        along = 0 if self.flow == "right" else 1
        return self.target[along] - self.source[along]


def curve(wire: WireEnds) -> Route:
    """Lead a wire by a curve, its ends along the way of the drawing, whatever is in between."""
    if wire.flow == "right":
        return turned_route(curve(upright_ends(wire)))
    (x1, y1), (x2, y2) = wire.source, wire.target
    bend = (y2 - y1) / 2 if y2 > y1 else max(_LEAST_BEND, (y1 - y2) / 2)
    points = ((x1, y1), (x1, y1 + bend), (x2, y2 - bend), (x2, y2))
    gap = y2 - y1
    down = min(gap / 2, 32.0) if gap > 0 else 18.0
    return Route(points, around=False, text_at=(x1 + 12, y1 + down))


def bent(wire: WireEnds) -> Route:
    """Lead a wire through the points that a person gave it."""
    return replace(curve(wire), bends=wire.bends)


def around_way(wire: WireEnds, way: Sequence[Point]) -> Route:
    """Lead a wire by the corners of a way; words stand along its longest gutter."""
    (x, start), (_, end) = _gutter_of(way)
    at, label_at = (way[1][0] + 12, way[1][1] + _BELOW_TURN), (x, (start + end) / 2)
    return Route((*way, wire.target), around=True, text_at=at, label_at=label_at)


def _gutter_of(way: Sequence[Point]) -> tuple[Point, Point]:
    """Return the ends of the longest part of a way that leads on in a gutter."""
    return max(pairwise(way[2:]), key=lambda part: abs(part[0][1] - part[1][1]))


def way_length(way: Sequence[Point]) -> float:
    """Return how long a way by its corners is."""
    return sum(math.dist(start, end) for start, end in pairwise(way))


def upright_ends(wire: WireEnds) -> WireEnds:
    """Return a wire of a drawing that runs to the right in one that runs down."""
    (x1, y1), (x2, y2) = wire.source, wire.target
    return WireEnds(wire.link, (y1, x1), (y2, x2), cards=wire.cards)


def upright_route(route: Route) -> Route:
    """Return a way as in a drawing that runs down, for asking where it leads."""
    if route.flow == "down":
        return route
    return replace(route, points=tuple((y, x) for x, y in route.points), flow="down")


def turned_route(route: Route) -> Route:
    """Return a way of a drawing that runs down in one that runs to the right.

    The shape stands on the wire, or below it where that goes up.
    """
    points = tuple((y, x) for x, y in route.points)
    (x, y), (end_x, end_y) = points[0], points[-1]
    goes_up = (points[2][1] if route.around else end_y) < y - _UPWARDS
    at = (x + 12, y + (12 if goes_up else -10))
    label = (route.label_at[1], route.label_at[0]) if route.label_at is not None else None
    room = end_x - x - 18 if not route.around else RIGHT_RANK_GAP - 18
    return replace(route, points=points, text_at=at, label_at=label, room=room, flow="right")
