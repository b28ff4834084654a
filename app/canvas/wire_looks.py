"""How each wire looks: its state, its width, the shape beside it and the words along it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from app.canvas.geometry import PORT_STEP
from app.canvas.items import WireLook, WireState
from app.canvas.routes import TURNS, Route
from app.figures import figure
from app.theme.tokens import Wires
from engine.analysis.report import Problem, ShapeReport
from engine.graph.elements import End, Graph, Link, NodeId
from nodes.tensors import TensorType

_ABOVE_TARGET = 18.0
_NARROWEST = 34.0
_TURN_ROOM = 10.0
_CELL = 240.0
_HALF_LINE = 8.0
_MOST_SHAPES = 58.0
"""As wide are most shapes."""

_CLOSE = 8.5
"""From a wire to the middle of a shape that it passes."""

_LONGEST_NAME = 12
"""Letters of an output's name beside its wire."""


def broken_links(problems: Collection[Problem]) -> set[Link]:
    """Return the wires that carry what does not fit: of several, the one that a fix changes."""
    broken: set[Link] = set()
    for problem in problems:
        if problem.severity != "error" or not problem.links:
            continue
        mended = next((fix.link for fix in problem.fixes if fix.link is not None), None)
        is_one = mended is not None and mended in problem.links
        broken.add(mended if is_one and mended is not None else problem.links[-1])
    return broken


Shown = Literal["all", "change", "off"]
SHOWN: tuple[Shown, ...] = ("all", "change", "off")


class ShapeWords(msgspec.Struct, frozen=True):
    """Which shapes are written beside wires, and how.

    What is selected or in error is always told.
    """

    shown: Shown = "all"
    """``change`` leaves out a shape that a layer passes on as it came."""

    with_batch: bool = False
    """Begin with ``N``, the number of samples."""

    def of(self, tensor: TensorType | None) -> str:
        """Write a shape; ``?`` while it is not known."""
        if tensor is None:
            return "?"
        return f"N×{tensor}" if self.with_batch and tensor.sample else str(tensor)


ALL_SHAPES = ShapeWords()

Range: TypeAlias = tuple[float, float]
"""The least and the greatest value."""


def range_text(values: Range) -> str:
    """Write a range as it stands beside a wire: ``−0.31 … 2.40``."""
    return f"{figure(values[0])} … {figure(values[1])}"


class WireLooks:
    """Works out the looks of all wires of one drawing."""

    def __init__(
        self,
        graph: Graph,
        report: ShapeReport,
        sizes: Wires,
        *,
        selection: Collection[NodeId],
        selected_link: Link | None,
        notes: Mapping[End, str] | None = None,
        ranges: Mapping[End, str] | None = None,
        words: ShapeWords = ALL_SHAPES,
    ) -> None:
        self._graph = graph
        self._report = report
        self._sizes = sizes
        self._selection = selection
        self._selected_link = selected_link
        self._broken = broken_links(report.problems)
        self._notes = notes or {}
        self._ranges = ranges or {}
        self._words = words

    def rests_on(self, link: Link) -> tuple[object, ...]:
        """Return what the look depends on besides the course: equal parts are the same object."""
        report, nodes = self._report, self._graph.nodes
        before, after = link.source.node, link.target.node
        return (
            report.in_letters(link.source),
            link in self._broken,
            link == self._selected_link or before in self._selection or after in self._selection,
            # A wire whose node has just gone is on its way out itself.
            any(nodes[node].bypassed for node in (before, after) if node in nodes),
            self._notes.get(link.source),
            self._called(link),
            self._ranges.get(link.source),
            self._words.shown == "change" and self._is_passed_on(link),
        )

    def of(self, link: Link, route: Route, *, writes_shape: bool) -> WireLook:
        """Return the look of one wire; the first wire of an output writes the shape."""
        tensor = self._report.in_letters(link.source)
        state = self._state(link, tensor)
        shape = self._words.of(tensor)
        label = self._label(link, route)
        if state == "error" and route.around:
            label = shape
        own_line = bool(label) and label in (shape, link.source.port)
        told = self._told(link, shape if self._is_told(link, state) else "")
        return WireLook(
            state=state,
            width=self._width(tensor),
            text=told if writes_shape and not own_line else "",
            label=label,
        )

    def _told(self, link: Link, shape: str) -> str:
        """Return what stands beside a wire: its shape and its values, or what was noted there."""
        parts = (_short(self._called(link)), shape, self._ranges.get(link.source, ""))
        return self._notes.get(link.source, "  ".join(filter(None, parts)))

    def _called(self, link: Link) -> str:
        node = self._graph.nodes.get(link.source.node)
        return node.called.get(link.source.port, "") if node is not None else ""

    def _is_told(self, link: Link, state: WireState) -> bool:
        if self._words.shown == "all" or state in ("error", "selected"):
            return True
        return self._words.shown == "change" and not self._is_passed_on(link)

    def _is_passed_on(self, link: Link) -> bool:
        """Whether a layer puts out the shape that arrived at it."""
        before = self._report.nodes.get(link.source.node)
        arriving = before.inputs.key() if before is not None and before.inputs else ()
        shape = str(self._report.on_link(link))
        return any(str(tensor) == shape for _, tensors in arriving for tensor in tensors[:1])

    def _state(self, link: Link, tensor: TensorType | None) -> WireState:
        if link in self._broken:
            return "error"
        ends = {link.source.node, link.target.node}
        if link == self._selected_link or not ends.isdisjoint(self._selection):
            return "selected"
        if tensor is None:
            return "unknown"
        nodes = self._graph.nodes
        if any(nodes[node].bypassed for node in ends if node in nodes):
            return "bypass"
        return "normal"

    def _width(self, tensor: TensorType | None) -> float:
        axes = len(tensor.sample) if tensor is not None else 1
        if axes >= 3:
            return self._sizes.width3d
        return self._sizes.width2d if axes == 2 else self._sizes.width1d

    def _label(self, link: Link, route: Route) -> str:
        if not route.around or _stretch(route) < _NARROWEST:
            return ""
        before = self._report.nodes.get(link.source.node)
        if before is None or before.layer is None:
            return ""
        if before.layer.info.role in ("data", "target"):
            return link.source.port
        after = self._report.nodes.get(link.target.node)
        ports = after.input_ports if after else ()
        if len(ports) > 1 and ports[0].name != link.target.port:
            return link.target.port
        return "skip" if route.leads_on else ""


def _stretch(route: Route) -> float:
    """Return how long the part of a way around is that words stand along."""
    return max(math.dist(start, end) for start, end in pairwise(route.points[2:-2]))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def writers(routes: Mapping[Link, Route]) -> set[Link]:
    """Return the wire of each output that writes its shape: the first that goes straight."""
    chosen: dict[End, Link] = {}
    for link, route in routes.items():
        known = chosen.get(link.source)
        if known is None or (routes[known].around and not route.around):
            chosen[link.source] = link
    return set(chosen.values())


def beside_turns(routes: Mapping[Link, Route]) -> dict[Link, Route]:
    """Move shapes out of the way of other wires that turn aside: of the same output, of others."""
    turns: dict[float, list[float]] = defaultdict(list)
    for route in routes.values():
        for x, y in (route.source, route.target) if route.around else ():
            turns[y].append(x)
    turning = {link.source for link, route in routes.items() if route.around}
    curves = {link for link, route in routes.items() if _curves_right(route)}
    curving = {link.source for link in curves}
    moved: dict[Link, Route] = {}
    turning_cards = {source.node for source in turning}
    legs, gutters = _legs(routes.values()), _gutters(routes.values())
    for link, route in routes.items():
        if route.flow == "right":
            if link.source.node in turning_cards and not route.around:
                moved[link] = _behind_turn(route)
            continue
        if route.around or link in curves:
            continue
        room = min(_room(route, turns), _room_to_gutter(route, gutters))
        if room < math.inf:
            route = moved[link] = replace(route, room=room)
        gap = route.target[1] - route.source[1]
        has_room = gap >= 2 * _ABOVE_TARGET + 4
        if link.source in curving or (link.source in turning and not has_room):
            moved[link] = replace(route, text_left=True)
        elif link.source in turning:
            lowest = route.target[1] - _ABOVE_TARGET
            y = min(lowest, route.source[1] + 44) if gap > 90 else lowest
            moved[link] = replace(route, text_at=(route.text_at[0], y))
        else:
            near = legs.get(_row_of(route.text_at[1]), ())
            if (leg := next((leg for leg in near if _strikes(leg, route)), None)) is not None:
                moved[link] = _beside_leg(route, leg)
    return moved


_Leg: TypeAlias = tuple[float, float, float]
"""Where a wire runs from side to side: its height, its left end, its right end."""


def _legs(routes: Iterable[Route]) -> Mapping[int, Sequence[_Leg]]:
    """Return the long parts across of ways around, by the rows that they may strike."""
    found: defaultdict[int, list[_Leg]] = defaultdict(list)
    for route in routes:
        for (x1, y1), (x2, y2) in pairwise(route.points) if route.around else ():
            if y1 == y2 and abs(x1 - x2) > PORT_STEP:
                for row in {_row_of(y1 - _HALF_LINE), _row_of(y1 + _HALF_LINE)}:
                    found[row].append((y1, min(x1, x2), max(x1, x2)))
    return found


def _row_of(y: float) -> int:
    return int(y // (2 * _HALF_LINE))


def _beside_leg(route: Route, leg: _Leg) -> Route:
    """Write a shape above what runs across, or below it where it runs close to the card."""
    x, y = route.text_at
    return replace(route, text_at=(x, leg[0] + (_CLOSE if leg[0] < y else -_CLOSE)))


def _strikes(leg: _Leg, route: Route) -> bool:
    """Whether a part of another wire runs through the line of a shape."""
    y, left, right = leg
    x, line = route.text_at
    if route.room < PORT_STEP:
        x = 2 * route.source[0] - x - _MOST_SHAPES
    return abs(y - line) < _HALF_LINE and left < x + _MOST_SHAPES and x < right


def _behind_turn(route: Route) -> Route:
    """Begin a shape behind the corner at which another wire of the card turns up or down."""
    x, y = route.text_at
    return replace(route, text_at=(x + _TURN_ROOM, y), room=route.room - _TURN_ROOM)


def _room(route: Route, turns: Mapping[float, Sequence[float]]) -> float:
    """Return how far right of a wire that of another port is, at either end; turns are by row."""
    least = math.inf
    for x, y in (route.points[0], route.points[-1]):
        for other in turns.get(y, ()):
            if 0 < other - x <= PORT_STEP and other - x < least:
                least = other - x
    return least


_Gutters: TypeAlias = Mapping[tuple[int, int], Sequence[tuple[float, float, float]]]
"""Where wires run along in gutters: the place, the top and the bottom, by the cells left of it."""


def _gutters(routes: Iterable[Route]) -> _Gutters:
    found: defaultdict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for route in routes:
        for (x1, y1), (x2, y2) in pairwise(route.points) if route.around else ():
            if x1 == x2 and abs(y1 - y2) > PORT_STEP:
                top, bottom = min(y1, y2), max(y1, y2)
                column = int(x1 // _CELL)
                for row in range(int(top // _CELL), int(bottom // _CELL) + 1):
                    found[column, row].append((x1, top, bottom))
                    found[column - 1, row].append((x1, top, bottom))
    return found


def _room_to_gutter(route: Route, gutters: _Gutters) -> float:
    """Return how far right of a wire, beside its shape, another runs in a gutter."""
    x, y = route.points[0][0], route.text_at[1]
    least = math.inf
    for place, top, bottom in gutters.get((int(x // _CELL), int(y // _CELL)), ()):
        if 0 < place - x <= _CELL and place - x < least and top < y < bottom:
            least = place - x
    return least


def _curves_right(route: Route) -> bool:
    return not route.around and route.target[0] > route.source[0] + TURNS
