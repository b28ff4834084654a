"""Lines that a dragged card snaps to: edges and middles of the cards around it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.canvas.geometry import Box

_BEYOND = 14.0
"""How far a line reaches beyond the cards that it joins."""

_SAME = 0.5

_Measure = Callable[[Box], float]
_ACROSS: tuple[_Measure, ...] = (
    lambda box: box.axis,
    lambda box: box.left,
    lambda box: box.right,
)
_DOWN: tuple[_Measure, ...] = (
    lambda box: box.top,
    lambda box: (box.top + box.bottom) / 2,
    lambda box: box.bottom,
)


@dataclass(frozen=True, slots=True)
class Guide:
    """One line between cards that stand in line."""

    start: tuple[float, float]
    end: tuple[float, float]


class Guides:
    """The lines that the cards around give."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._boxes = tuple(boxes)
        self._in_order = {
            measure: sorted(self._boxes, key=measure) for measure in (*_ACROSS, *_DOWN)
        }
        self._across = [_sorted(self._boxes, measure) for measure in _ACROSS]
        self._down = [_sorted(self._boxes, measure) for measure in _DOWN]

    def pull(self, box: Box, reach: float) -> tuple[float | None, float | None]:
        """Return how far a card is from the nearest line each way; None where none is near.

        Args:
            reach: How near a line has to be, in canvas units.
        """
        return (
            _nearest(self._across, [measure(box) for measure in _ACROSS], reach),
            _nearest(self._down, [measure(box) for measure in _DOWN], reach),
        )

    def lines(self, box: Box) -> Iterator[Guide]:
        """Yield the lines that a card stands on, each to the nearest cards on it."""
        for measure in _ACROSS:
            at = measure(box)
            same = _nearest_two(self._in_line(measure, at), lambda other: other.top - box.top)
            if same:
                top = min(other.top for other in (*same, box)) - _BEYOND
                bottom = max(other.bottom for other in (*same, box)) + _BEYOND
                yield Guide((at, top), (at, bottom))
                break
        for measure in _DOWN:
            at = measure(box)
            same = _nearest_two(self._in_line(measure, at), lambda other: other.axis - box.axis)
            if same:
                left = min(other.left for other in (*same, box)) - _BEYOND
                right = max(other.right for other in (*same, box)) + _BEYOND
                yield Guide((left, at), (right, at))
                break

    def _in_line(self, measure: _Measure, at: float) -> list[Box]:
        """Return the cards with an edge or the middle at a place."""
        boxes = self._in_order[measure]
        first = bisect_right(boxes, at - _SAME, key=measure)
        return boxes[first : bisect_left(boxes, at + _SAME, key=measure)]


def _nearest_two(boxes: list[Box], distance: _Measure) -> list[Box]:
    """Return the nearest card on each side."""
    before = [box for box in boxes if distance(box) <= 0]
    after = [box for box in boxes if distance(box) > 0]
    return sorted(before, key=distance)[-1:] + sorted(after, key=distance)[:1]


def _sorted(boxes: Iterable[Box], measure: _Measure) -> list[float]:
    return sorted({measure(box) for box in boxes})


def _nearest(lines: list[list[float]], places: list[float], reach: float) -> float | None:
    found: list[float] = []
    for known, place in zip(lines, places, strict=True):
        at = bisect_left(known, place)
        found += [line - place for line in known[max(0, at - 1) : at + 1]]
    nearest = min(found, key=abs, default=None)
    return nearest if nearest is not None and abs(nearest) <= reach else None
