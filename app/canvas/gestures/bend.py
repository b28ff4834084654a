"""Leading a wire through points: pulling out a new one, and moving one that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.geometry import Point, snapped
from app.canvas.gestures.gesture import Gesture, Pointer
from engine.graph.bends import set_bends
from engine.graph.elements import Link

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView
    from app.canvas.scene import CanvasScene

REACH_PX = 8.0


@dataclass(frozen=True, slots=True)
class Bend:
    """One point of one wire, or the place where a new one would be."""

    link: Link
    number: int
    """Its place among the points of the wire."""

    is_new: bool = False


class BendGesture(Gesture):
    """Moves one point of a wire ahead of the document."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, view: PointerView, start: Pointer, bend: Bend) -> None:
        super().__init__(view, start)
        self._bend = bend
        self._before = list(view.document.graph.bends.get(bend.link, ()))
        if bend.is_new:
            self._before.insert(bend.number, (start.at.x(), start.at.y()))
        self._points = list(self._before)
        view.document.select((), link=bend.link)

    def move(self, pointer: Pointer) -> None:
        way = pointer.at - self.start.at
        x, y = self._before[self._bend.number]
        place = snapped(x, way.x(), free=pointer.alt), snapped(y, way.y(), free=pointer.alt)
        self._points[self._bend.number] = place
        self.view.canvas.show_bends(self._bend.link, self._points)

    def release(self, pointer: Pointer) -> None:
        del pointer
        link, points = self._bend.link, self._points
        self.view.document.edit("Bend wire", lambda graph: set_bends(graph, link, points))

    def cancel(self) -> None:
        self.view.canvas.settle()


def bend_at(scene: CanvasScene, point: QPointF, zoom: float) -> Bend | None:
    """Return the point of a bent wire that is meant, or None."""
    reach = REACH_PX / zoom
    for link, points in scene.document.graph.bends.items():
        if link not in scene.wires:
            continue
        for number, (x, y) in enumerate(points):
            if abs(point.x() - x) <= reach and abs(point.y() - y) <= reach:
                return Bend(link, number)
    return None


def new_bend(scene: CanvasScene, link: Link, point: QPointF) -> Bend:
    """Return where a new point of a wire belongs among those that it has."""
    ends = scene.ends_of(link)
    stations: list[Point] = [ends.source, *ends.bends, ends.target]
    extra = [
        _length(stations[place], point)
        + _length(stations[place + 1], point)
        - _length(stations[place], QPointF(*stations[place + 1]))
        for place in range(len(stations) - 1)
    ]
    return Bend(link, extra.index(min(extra)), is_new=True)


def _length(start: Point, end: QPointF) -> float:
    return float(((start[0] - end.x()) ** 2 + (start[1] - end.y()) ** 2) ** 0.5)
