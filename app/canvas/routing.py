"""The way of each wire: a curve, or around cards that stand in between.

A wire that would cross a card leaves its port, turns into a gutter beside the cards, and comes
back above its target. Gutters of wires that end in a frame lie inside it; others pass it by.

Words here are those of a drawing that runs down. One that runs to the right is led as if it were
turned over its diagonal, and its ways are turned back.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from app.canvas.geometry import Box, BoxIndex, Columns, Point, Sides, around, columns_of
from engine.graph.cards import FRAME_BOTTOM, FRAME_SIDE, FRAME_TOP, RIGHT_RANK_GAP
from engine.graph.elements import Flow, Frame, Link, NodeId

TURNS = 40.0
"""A curve that ends so far aside runs through what stands beside its beginning."""

_SHORT: Mapping[Flow, float] = {"down": 70.0, "right": 180.0}
"""No card fits between ends that are nearer than this."""

_UPWARDS = 12.0
"""So much higher ends what would run through a shape on it."""

_STUB_OUT = 14.0
_STUB_IN = 16.0
_GUTTER = 28.0
_CLEARANCE = 9.0
_LANE = 20.0
_FRAME_EDGE = 18.0
_CROSSING_COSTS = 360.0
_SAMPLES = 14
_LEAST_BEND = 40.0


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


class Courses(msgspec.Struct, frozen=True):
    """The courses of all wires, and the frames that leave room for theirs."""

    routes: Mapping[Link, Route]
    frames: Mapping[str, Box]


class Router:
    """Leads the wires of one drawing."""

    def __init__(
        self,
        cards: Mapping[NodeId, Box],
        frames: Sequence[Frame],
        flow: Flow = "down",
        index: BoxIndex | None = None,
    ) -> None:
        self._flow = flow
        self._given = cards
        turns = flow == "right"
        self._cards = {node: box.turned() for node, box in cards.items()} if turns else cards
        self._index = BoxIndex(self._cards.items()) if index is None else index
        boxes = {frame.id: box for frame in frames if (box := frame_box(frame, cards))}
        self._frames = {key: box.turned() for key, box in boxes.items()} if turns else boxes
        self._home = {node: frame.id for frame in frames for node in frame.nodes}
        self._lanes: defaultdict[int, list[tuple[float, float, float]]] = defaultdict(list)

    def without(self, nodes: Collection[NodeId], frames: Sequence[Frame]) -> Router:
        """Return one that leads by the other cards, and by these frames."""
        gone = {node: self._cards[node] for node in nodes if node in self._cards}
        others = {node: box for node, box in self._given.items() if node not in gone}
        return Router(others, frames, self._flow, self._index.without(gone))

    def cards_in(self, area: Box) -> Iterator[NodeId]:
        """Yield the cards that share an area with ``area``; one may come more than once."""
        for node, _ in self._index.meeting(area.turned() if self._flow == "right" else area):
            yield node

    def lead(self, wires: Iterable[WireEnds], known: Mapping[Link, Route]) -> Courses:
        """Lead all wires; short ones whose ends are the same keep their course.

        Args:
            known: The courses so far.
        """
        routes: dict[Link, Route] = {}
        long: list[WireEnds] = []
        for wire in wires:
            if wire.bends:
                routes[wire.link] = bent(wire)
            elif 0 < wire.length <= _SHORT[self._flow]:
                old = known.get(wire.link)
                routes[wire.link] = curve(wire) if old is None or not _leads(old, wire) else old
            else:
                long.append(wire)
        long.sort(key=lambda wire: abs(wire.length))
        inner = [wire for wire in long if self._frames_of(wire)]
        for wire in inner:
            routes[wire.link] = self.course(wire)
        self._widen_frames(_upright_route(routes[wire.link]) for wire in inner)
        for wire in long:
            if wire.link not in routes:
                routes[wire.link] = self.course(wire)
        turns = self._flow == "right"
        frames = {key: box.turned() if turns else box for key, box in self._frames.items()}
        return Courses(routes, frames)

    def course(self, wire: WireEnds) -> Route:
        """Lead one wire by the cards, the frames and the wires that were led before."""
        if wire.bends:
            return bent(wire)
        if wire.flow == "right":
            return _turned_route(self._course(_upright_ends(wire)))
        return self._course(wire)

    def _course(self, wire: WireEnds) -> Route:
        straight = curve(wire)
        if wire.target[1] > wire.source[1] and not self._is_blocked(wire, straight):
            return straight
        own = self._frames_of(wire)
        walls = [box for key, box in self._frames.items() if key not in own]
        x = self._gutter(wire, walls)
        top = min(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        bottom = max(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        self._lanes[int(x // _LANE)].append((x, top, bottom))
        return _around(wire, x)

    def forget_lanes(self) -> None:
        """Lead further wires as if none had been led before."""
        self._lanes.clear()

    def _frames_of(self, wire: WireEnds) -> set[str]:
        return {self._home[node] for node in _nodes(wire) if node in self._home}

    def _is_blocked(self, wire: WireEnds, straight: Route) -> bool:
        (x1, y1), _, _, (x2, y2) = straight.points
        middle = (y1 + y2) / 2
        own = _nodes(wire)
        whole = Box(min(x1, x2), y1, max(x1, x2), y2)
        if not self._is_in_the_way(own, whole):
            return False
        for number in range(1, _SAMPLES):
            t = number / _SAMPLES
            x = x1 + (x2 - x1) * t * t * (3 - 2 * t)
            y = (1 - t) ** 3 * y1 + 3 * t * (1 - t) * middle + t**3 * y2
            if self._is_in_the_way(own, Box(x, y, x, y)):
                return True
        return False

    def _is_in_the_way(self, own: Collection[NodeId], part: Box) -> bool:
        """Whether another card stands too near to a part of a wire."""
        near = Box(part.left - 6, part.top - 14, part.right + 6, part.bottom + 14)
        return any(node not in own for node, _ in self._index.meeting(near))

    def _gutter(self, wire: WireEnds, walls: Sequence[Box]) -> float:
        ends = (wire.source[0], wire.target[0])
        top = min(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        bottom = max(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        if wire.target[1] < wire.source[1] and abs(ends[0] - ends[1]) > 2 * TURNS:
            # Up to the next column: between the two, if that is free.
            toward = 1 if ends[1] > ends[0] else -1
            between = self._free(ends[0], top, bottom, walls, toward)
            if min(ends) < between < max(ends):
                return between
        right = self._free(max(ends), top, bottom, walls, 1)
        left = self._free(min(ends), top, bottom, walls, -1)
        way_right = sum(right - x for x in ends)
        way_left = sum(x - left for x in ends)
        # From a port right of the axis, a way to the left would cross the axis' own wire.
        leaning = sum(self._lean(x, node) for x, node in zip(ends, _nodes(wire), strict=True))
        way_right += _CROSSING_COSTS if leaning < 0 else 0.0
        way_left += _CROSSING_COSTS if leaning >= 0 else 0.0
        return right if way_right <= way_left else left

    def _lean(self, x: float, node: NodeId) -> float:
        return x - self._cards[node].axis if node in self._cards else 0.0

    def _free(self, x: float, top: float, bottom: float, walls: Sequence[Box], side: int) -> float:
        """Return the first gutter to one side in which nothing stands."""
        columns: Columns | None = None
        stands: set[Sides] = set()
        beyond = {
            (wall.left, wall.right) for wall in walls if wall.top < bottom and top < wall.bottom
        }
        for _ in range(200):
            start, end = x - _CLEARANCE, x + _CLEARANCE
            if columns != columns_of(start, end):
                columns = columns_of(start, end)
                stands = self._index.sides(columns, top, bottom) | beyond
            hit = [(left, right) for left, right in stands if left < end and start < right]
            if hit:
                edge = max(right for _, right in hit) if side > 0 else min(left for left, _ in hit)
                x = edge + side * _GUTTER
                continue
            beside = self._beside(x, top, bottom)
            if not beside:
                return x
            x = (max(beside) if side > 0 else min(beside)) + side * _LANE
        return x

    def _beside(self, x: float, top: float, bottom: float) -> list[float]:
        """Return the wires in gutters that one in a gutter at ``x`` would touch."""
        column = int(x // _LANE)
        return [
            lane
            for number in (column - 1, column, column + 1)
            for lane, start, end in self._lanes.get(number, ())
            if abs(lane - x) < _LANE - 1 and start < bottom and end > top
        ]

    def _widen_frames(self, routes: Iterable[Route]) -> None:
        """Let frames reach over the gutters inside them."""
        for route in routes:
            if not route.around:
                continue
            x, (_, top), (_, bottom) = route.points[2][0], route.points[2], route.points[3]
            middle = (top + bottom) / 2
            for key, box in self._frames.items():
                if not box.top < middle < box.bottom:
                    continue
                reach = FRAME_SIDE + _GUTTER + _LANE
                if box.right - FRAME_SIDE < x < box.right + reach:
                    right = max(box.right, x + _FRAME_EDGE)
                    self._frames[key] = Box(box.left, box.top, right, box.bottom)
                elif box.left - reach < x < box.left + FRAME_SIDE:
                    left = min(box.left, x - _FRAME_EDGE)
                    self._frames[key] = Box(left, box.top, box.right, box.bottom)


def _leads(old: Route, wire: WireEnds) -> bool:
    """Whether a course still leads a wire from end to end, by itself."""
    return not old.bends and (old.source, old.target) == (wire.source, wire.target)


def _nodes(wire: WireEnds) -> tuple[NodeId, NodeId]:
    return wire.cards or (wire.link.source.node, wire.link.target.node)


def curve(wire: WireEnds) -> Route:
    """Lead a wire by a curve, its ends along the way of the drawing, whatever is in between."""
    if wire.flow == "right":
        return _turned_route(curve(_upright_ends(wire)))
    (x1, y1), (x2, y2) = wire.source, wire.target
    bend = (y2 - y1) / 2 if y2 > y1 else max(_LEAST_BEND, (y1 - y2) / 2)
    points = ((x1, y1), (x1, y1 + bend), (x2, y2 - bend), (x2, y2))
    gap = y2 - y1
    down = min(gap / 2, 32.0) if gap > 0 else 18.0
    return Route(points, around=False, text_at=(x1 + 12, y1 + down))


def bent(wire: WireEnds) -> Route:
    """Lead a wire through the points that a person gave it."""
    return replace(curve(wire), bends=wire.bends)


def _around(wire: WireEnds, x: float) -> Route:
    (x1, y1), (x2, y2) = wire.source, wire.target
    out, back = y1 + _STUB_OUT, y2 - _STUB_IN
    points = ((x1, y1), (x1, out), (x, out), (x, back), (x2, back), (x2, y2))
    return Route(points, around=True, text_at=(x1 + 12, y1 + 32.0), label_at=(x, (out + back) / 2))


def _upright_ends(wire: WireEnds) -> WireEnds:
    """Return a wire of a drawing that runs to the right in one that runs down."""
    (x1, y1), (x2, y2) = wire.source, wire.target
    return WireEnds(wire.link, (y1, x1), (y2, x2), cards=wire.cards)


def _upright_route(route: Route) -> Route:
    """Return a way as in a drawing that runs down, for asking where it leads."""
    if route.flow == "down":
        return route
    return replace(route, points=tuple((y, x) for x, y in route.points), flow="down")


def _turned_route(route: Route) -> Route:
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


def frame_box(frame: Frame, cards: Mapping[NodeId, Box]) -> Box | None:
    """Return the area of a frame around its cards, without room for wires."""
    inner = around(cards[node] for node in frame.nodes if node in cards)
    if inner is None:
        return None
    return Box(
        inner.left - FRAME_SIDE,
        inner.top - FRAME_TOP,
        inner.right + FRAME_SIDE,
        inner.bottom + FRAME_BOTTOM,
    )
