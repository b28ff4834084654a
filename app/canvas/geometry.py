"""Where a card and its ports lie: plain arithmetic in canvas units.

A node's position is the top left corner of a slot as wide as a full card. The card stands in the
middle of its slot, so narrow and wide cards of one chain share an axis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec.structs import astuple

from engine.graph.cards import CARD, card_size
from engine.graph.elements import Link, Node, NodeId

Point: TypeAlias = tuple[float, float]

Sides: TypeAlias = tuple[float, float]
"""The left and the right edge."""

Columns: TypeAlias = tuple[int, int]

PORT_STEP = 72.0
PORT_REACH = 10.0
"""Half of the side of a port's hit area."""

SNAP = 10.0
_CELL = 320.0
_EDGE_INSET = 14.0


class Box(msgspec.Struct, frozen=True, gc=False):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def axis(self) -> float:
        """Half way between left and right."""
        return (self.left + self.right) / 2

    def meets(self, other: Box) -> bool:
        """Whether the two share an area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other one lies wholly inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )

    def turned(self) -> Box:
        """Return it turned over the diagonal: across is down."""
        return Box(self.top, self.left, self.bottom, self.right)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


def axis_of(position: Point) -> float:
    """Return the axis of the slot at a position."""
    return position[0] + CARD[0] / 2


def card_box(node: Node) -> Box:
    """Return the card of a node."""
    width, height = card_size(node.kind)
    x, y = axis_of(node.position), node.position[1]
    return Box(x - width / 2, y, x + width / 2, y + height)


def around(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest box around all; None around nothing."""
    edges = tuple(zip(*map(astuple, boxes), strict=True))
    if not edges:
        return None
    left, top, right, bottom = edges
    return Box(min(left), min(top), max(right), max(bottom))


@cache
def port_offsets(count: int, width: float) -> tuple[float, ...]:
    """Return the places of ports from the axis: on it, then right and left of it in turn."""
    most = width / 2 - _EDGE_INSET + 8
    pairs = count // 2
    step = min(PORT_STEP, most / pairs) if pairs else PORT_STEP
    return tuple(
        ((place + 1) // 2) * step * (1 if place % 2 else -1) if place else 0.0
        for place in range(count)
    )


class PortPlace(msgspec.Struct, frozen=True, gc=False):
    """One port as it is drawn; an input that takes a list has one for each of its wires."""

    name: str
    offset: float
    """From the card's axis, or from its middle line where the drawing runs to the right."""

    x: float
    """From the card's axis."""

    y: float
    """From the card's top."""

    is_input: bool
    link: Link | None = None
    """The wire that ends here; None at outputs and free inputs."""

    optional: bool = False
    many: bool = False
    used: bool = False

    @property
    def is_spare(self) -> bool:
        """Whether nothing is missed without it: an optional input, or a further output."""
        return not self.used and (self.optional if self.is_input else self.offset != 0)


def snapped(start: float, delta: float, *, free: bool) -> float:
    """Return a coordinate after a move; on the grid unless ``free``, or where it hardly moved."""
    if free:
        return start + delta
    if abs(delta) < SNAP / 2:
        return start
    return round((start + delta) / SNAP) * SNAP


class BoxIndex:
    """Cards by where they lie, for asking which meet a small area."""

    def __init__(self, boxes: Iterable[tuple[NodeId, Box]] = ()) -> None:
        self._cells: defaultdict[tuple[int, int], list[tuple[NodeId, Box]]] = defaultdict(list)
        self._sides: dict[tuple[int, int], frozenset[Sides]] = {}
        for node, box in boxes:
            for cell in _cells(box):
                self._cells[cell].append((node, box))

    def without(self, boxes: Mapping[NodeId, Box]) -> BoxIndex:
        """Return an index of the other cards; what lies elsewhere is shared."""
        others = BoxIndex()
        others._cells, others._sides = self._cells.copy(), self._sides.copy()
        for cell in {cell for box in boxes.values() for cell in _cells(box)}:
            others._sides.pop(cell, None)
            others._cells[cell] = [one for one in self._cells[cell] if one[0] not in boxes]
        return others

    def meeting(self, area: Box) -> Iterator[tuple[NodeId, Box]]:
        """Yield the cards that share an area with ``area``; one may come more than once."""
        left, top, right, bottom = area.left, area.top, area.right, area.bottom
        for cell in _cells(area):
            for node, box in self._cells.get(cell, ()):
                # Of what is asked of most boxes, a call would be most of the time.
                if box.left < right and left < box.right and box.top < bottom and top < box.bottom:
                    yield node, box

    def sides(self, columns: Columns, top: float, bottom: float) -> set[Sides]:
        """Return where cards begin and end that stand between two heights in some columns."""
        found: set[Sides] = set()
        for row in range(int(top // _CELL), int(bottom // _CELL) + 1):
            is_whole = top < row * _CELL and (row + 1) * _CELL <= bottom
            for column in range(columns[0], columns[1] + 1):
                cell = column, row
                if is_whole:
                    found |= self._sides_in(cell)
                    continue
                for _, box in self._cells.get(cell, ()):
                    if box.top < bottom and top < box.bottom:
                        found.add((box.left, box.right))
        return found

    def _sides_in(self, cell: tuple[int, int]) -> frozenset[Sides]:
        """Return the sides of the cards in a cell: of the cards of one column they are few."""
        if cell not in self._sides:
            boxes = self._cells.get(cell, ())
            self._sides[cell] = frozenset((box.left, box.right) for _, box in boxes)
        return self._sides[cell]


def columns_of(left: float, right: float) -> Columns:
    """Return the first and the last column of cells in which something stands."""
    return int(left // _CELL), int(right // _CELL)


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for column in range(int(box.left // _CELL), int(box.right // _CELL) + 1):
        for row in range(int(box.top // _CELL), int(box.bottom // _CELL) + 1):
            yield column, row
