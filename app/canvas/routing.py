"""The way of each wire: a curve, or around cards that stand in between.

A wire that would cross a card leaves its port, turns into a gutter beside the cards, and comes
back above its target. Gutters of wires that end in a frame lie inside it; others pass it by.

Words here are those of a drawing that runs down. One that runs to the right is led as if it were
turned over its diagonal, and its ways are turned back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from app.canvas.geometry import Box, BoxIndex, Columns, Point, Sides, around, columns_of
from app.canvas.lanes import Lanes
from app.canvas.routes import (
    TURNS,
    Route,
    WireEnds,
    around_way,
    bent,
    curve,
    turned_route,
    upright_ends,
    upright_route,
    way_length,
)
from engine.graph.cards import FRAME_BOTTOM, FRAME_SIDE, FRAME_TOP
from engine.graph.elements import End, Flow, Frame, Link, NodeId

_SHORT: Mapping[Flow, float] = {"down": 70.0, "right": 180.0}
"""No card fits between ends that are nearer than this."""

_STUB_OUT = 14.0
_STUB_IN = 16.0
_GUTTER = 28.0
_CLEARANCE = 9.0
_LANE = 20.0
_FRAME_EDGE = 18.0
_CROSSING_COSTS = 360.0
_SAMPLES = 14
_CURVE = tuple(
    (t * t * (3 - 2 * t), 1.5 * t * (1 - t) + t**3)
    for t in (n / _SAMPLES for n in range(1, _SAMPLES))
)
"""Points of a curve: what part of its way aside, and of its way down, lies behind it at each."""

_BESIDE_CURVE = 6.0
_ABOVE_CURVE = 14.0
_LONG_LEG: Mapping[Flow, float] = {"down": 120.0, "right": 60.0}
"""A way that leads so far across comes by other columns than its own."""

_LEVEL = 10.0
"""Between ways across above each other."""

_MOST_LEVELS = 4
_MOST_CROSSINGS = 60
_BESIDE_CARD = 5.0
_BESIDE_FRAME = 12.0


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
        self._lanes = Lanes()
        self._levels = Lanes()
        self._long_leg = _LONG_LEG[flow]

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
        inside = (wire for wire in inner if self._left_open(self._upright(wire)))
        self._widen_frames(upright_route(routes[wire.link]) for wire in inside)
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
        led = self._course(self._upright(wire))
        return turned_route(led) if wire.flow == "right" else led

    def _upright(self, wire: WireEnds) -> WireEnds:
        return upright_ends(wire) if wire.flow == "right" else wire

    def _course(self, wire: WireEnds) -> Route:
        straight = curve(wire)
        if wire.target[1] > wire.source[1] and not self._is_blocked(wire, straight):
            return straight
        own = self._left_open(wire)
        walls = [box for key, box in self._frames.items() if key not in own]
        x = self._gutter(wire, walls)
        out, back = self._stubs(wire, x)
        way: tuple[Point, ...]
        way = (wire.source, (wire.source[0], out), (x, out), (x, back), (wire.target[0], back))
        if self._meets_card(way):
            way = self._by_two_gutters(wire, walls) or way
        self._note(wire, way)
        return around_way(wire, way)

    def forget_lanes(self) -> None:
        """Lead further wires as if none had been led before."""
        self._lanes.clear()
        self._levels.clear()

    def _note(self, wire: WireEnds, way: Sequence[Point]) -> None:
        for (x1, y1), (x2, y2) in pairwise(way[1:]):
            if x1 == x2:
                self._lanes.add(x1, y1, y2, wire.link.source)
            elif abs(x1 - x2) > self._long_leg:
                self._levels.add(y1, x1, x2, wire.link.source)

    def _stubs(self, wire: WireEnds, x: float) -> tuple[float, float]:
        """Return at which heights a wire turns to its gutter and back: long ways not on others."""
        (x1, y1), (x2, y2) = wire.source, wire.target
        out, back = y1 + _STUB_OUT, y2 - _STUB_IN
        if _to_next_column(wire):
            before, after = (self._frames.get(self._home.get(node, "")) for node in _nodes(wire))
            if before is not None and before is not after:
                out = self._beyond(x1, out, before.bottom + _BESIDE_FRAME)
            if after is not None and before is not after:
                back = self._beyond(x2, back, after.top - _BESIDE_FRAME)
        return self._level(wire, out, x1, x, 1), self._level(wire, back, x2, x, -1)

    def _beyond(self, x: float, y: float, border: float) -> float:
        """Return a height beyond the border of a frame, where no card stands on the way there."""
        way = Box(x - _BESIDE_CARD, min(y, border), x + _BESIDE_CARD, max(y, border))
        return y if any(True for _ in self._index.meeting(way)) else border

    def _level(self, wire: WireEnds, y: float, start: float, end: float, side: int) -> float:
        if abs(start - end) <= self._long_leg:
            return y
        for number in range(_MOST_LEVELS):
            level = y + side * number * _LEVEL
            if number and self._stands_on(level, start, end):
                break
            if not self._levels.beside(level, start, end, _LEVEL - 1, wire.link.source):
                return level
        return y

    def _stands_on(self, level: float, start: float, end: float) -> list[Box]:
        """Return the cards that a way across at a height would run through."""
        way = Box(min(start, end), level - _BESIDE_CARD, max(start, end), level + _BESIDE_CARD)
        return [box for _, box in self._index.meeting(way)]

    def _meets_card(self, way: Sequence[Point]) -> bool:
        return any(
            y1 == y2 and abs(x1 - x2) > self._long_leg and self._stands_on(y1, x1, x2)
            for (x1, y1), (x2, y2) in pairwise(way)
        )

    def _by_two_gutters(self, wire: WireEnds, walls: Sequence[Box]) -> tuple[Point, ...] | None:
        """Lead a wire along its own column, across where no card stands, and along the other's."""
        ways = [way for side in (-1, 1) if (way := self._crossing(wire, walls, side))]
        return min(ways, key=way_length, default=None)

    def _crossing(
        self, wire: WireEnds, walls: Sequence[Box], side: int
    ) -> tuple[Point, ...] | None:
        """Return a way that crosses above, or below, what stands between the two columns."""
        out, back = wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN
        level = back if side < 0 else out
        for _ in range(_MOST_CROSSINGS):
            way = self._way_across(wire, walls, level)
            ends = level, way[2][0], way[4][0]
            edges = [box.top if side < 0 else box.bottom for box in self._stands_on(*ends)]
            if edges:
                level = (min(edges) if side < 0 else max(edges)) + side * _STUB_IN
            elif self._levels.beside(*ends, _LEVEL - 1):
                level += side * _LEVEL
            else:
                return way
        return None

    def _way_across(self, wire: WireEnds, walls: Sequence[Box], level: float) -> tuple[Point, ...]:
        """Return the corners of a way from gutter to gutter at a height."""
        (x1, y1), (x2, y2) = wire.source, wire.target
        out, back = y1 + _STUB_OUT, y2 - _STUB_IN
        toward = 1 if x2 > x1 else -1
        leans = self._lean(x2, _nodes(wire)[1]) > 0
        first = self._free(x1, min(out, level), max(out, level), walls, toward)
        last = self._free(x2, min(back, level), max(back, level), walls, 1 if leans else -toward)
        to_level = ((x1, y1), (x1, out), (first, out), (first, level))
        return (*to_level, (last, level), (last, back), (x2, back))

    def _frames_of(self, wire: WireEnds) -> set[str]:
        return {self._home[node] for node in _nodes(wire) if node in self._home}

    def _left_open(self, wire: WireEnds) -> set[str]:
        """Return the frames in which a wire may have its gutter: not those that it only leaves."""
        own = self._frames_of(wire)
        if _to_next_column(wire) and len({self._home.get(node) for node in _nodes(wire)}) > 1:
            return set()
        return own

    def _is_blocked(self, wire: WireEnds, straight: Route) -> bool:
        """Whether another card stands too near to a curve."""
        (x1, y1), _, _, (x2, y2) = straight.points
        own = _nodes(wire)
        area = Box(
            min(x1, x2) - _BESIDE_CURVE,
            y1 - _ABOVE_CURVE,
            max(x1, x2) + _BESIDE_CURVE,
            y2 + _ABOVE_CURVE,
        )
        near = dict(self._index.meeting(area))
        return any(_crosses(box, straight) for node, box in near.items() if node not in own)

    def _gutter(self, wire: WireEnds, walls: Sequence[Box]) -> float:
        ends = (wire.source[0], wire.target[0])
        top = min(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        bottom = max(wire.source[1] + _STUB_OUT, wire.target[1] - _STUB_IN)
        if _to_next_column(wire):
            # Up to the next column: between the two, if that is free.
            toward = 1 if ends[1] > ends[0] else -1
            # What leads on along the axis has no words of its own, and may share its way.
            is_main = self._lean(ends[1], _nodes(wire)[1]) == 0
            own = wire.link.source if is_main else None
            between = self._free(ends[0], top, bottom, walls, toward, own)
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

    def _free(
        self,
        x: float,
        top: float,
        bottom: float,
        walls: Sequence[Box],
        side: int,
        own: End | None = None,
    ) -> float:
        """Return the first gutter to one side in which nothing stands, or what ``own`` carries."""
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
            beside = self._lanes.beside(x, top, bottom, _LANE - 1, own)
            if not beside:
                return x
            x = (max(beside) if side > 0 else min(beside)) + side * _LANE
        return x

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


def _crosses(box: Box, straight: Route) -> bool:
    """Whether a curve runs through a card, or close by."""
    (x1, y1), _, _, (x2, y2) = straight.points
    left, right = box.left - _BESIDE_CURVE, box.right + _BESIDE_CURVE
    top, bottom = box.top - _ABOVE_CURVE, box.bottom + _ABOVE_CURVE
    for along, on in _CURVE:
        if left < x1 + (x2 - x1) * along < right and top < y1 + (y2 - y1) * on < bottom:
            return True
    return False


def _leads(old: Route, wire: WireEnds) -> bool:
    """Whether a course still leads a wire from end to end, by itself."""
    return not old.bends and (old.source, old.target) == (wire.source, wire.target)


def _to_next_column(wire: WireEnds) -> bool:
    """Whether a wire leads back up, to what stands aside."""
    (x1, y1), (x2, y2) = wire.source, wire.target
    return y2 < y1 and abs(x1 - x2) > 2 * TURNS


def _nodes(wire: WireEnds) -> tuple[NodeId, NodeId]:
    return wire.cards or (wire.link.source.node, wire.link.target.node)


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
