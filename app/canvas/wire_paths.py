"""The course of a wire as Qt paints it: a path, or a few straight lines from far away."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainterPath

from app.canvas.geometry import Point
from app.canvas.routes import Route
from engine.graph.elements import Flow

_CORNER = 14.0
_FAR_PIECES = 7
_LEAST_HANDLE = 8.0


def wire_path(route: Route) -> QPainterPath:
    """Return the course of a wire as a path, its corners rounded."""
    if route.bends:
        return _path_through((route.source, *route.bends, route.target), route.flow)
    points = [QPointF(*point) for point in route.points]
    path = QPainterPath(points[0])
    if not route.around:
        if route.is_straight:
            path.lineTo(points[3])
        else:
            path.cubicTo(points[1], points[2], points[3])
        return path
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _toward(corner, before), _toward(corner, after)
        path.lineTo(start)
        path.quadTo(corner, end)
    path.lineTo(points[-1])
    return path


def _path_through(points: tuple[Point, ...], flow: Flow) -> QPainterPath:
    """Return a smooth curve through points, its ends along the way of the drawing."""
    path = QPainterPath(QPointF(*points[0]))
    slopes = [_slope(points, place, flow) for place in range(len(points))]
    for place, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        dx1, dy1 = _handle(slopes[place], x2 - x1, y2 - y1)
        dx2, dy2 = _handle(slopes[place + 1], x2 - x1, y2 - y1)
        path.cubicTo(x1 + dx1, y1 + dy1, x2 - dx2, y2 - dy2, x2, y2)
    return path


def _handle(slope: Point, dx: float, dy: float) -> Point:
    """Return a control point's offset: within half of its piece, so that the curve never loops."""
    length = math.hypot(dx, dy) / 3
    for along, way in zip(slope, (dx, dy), strict=True):
        if along:
            length = min(length, max(_LEAST_HANDLE, abs(way / along) / 2))
    return slope[0] * length, slope[1] * length


def _slope(points: tuple[Point, ...], place: int, flow: Flow) -> Point:
    """Return the direction of a curve at one of its points: that of the drawing at its ends."""
    if place in (0, len(points) - 1):
        return (1.0, 0.0) if flow == "right" else (0.0, 1.0)
    (x1, y1), (x2, y2) = points[place - 1], points[place + 1]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    return (x2 - x1) / length, (y2 - y1) / length


def straight_lines(route: Route) -> list[QLineF]:
    """Return the course of a wire as few straight lines."""
    points = route.points
    if route.bends:
        points = (route.source, *route.bends, route.target)
    elif not route.around:
        across, down = zip(*points, strict=True)
        count = 1 if route.is_straight else _FAR_PIECES
        shares = (number / count for number in range(count + 1))
        points = tuple((_on_curve(across, t), _on_curve(down, t)) for t in shares)
    return [QLineF(*start, *end) for start, end in pairwise(points)]


def _on_curve(ends: tuple[float, ...], t: float) -> float:
    """Return one coordinate of a cubic curve at a share of its way."""
    start, first, last, end = ends
    back = 1 - t
    return back**3 * start + 3 * t * back * (back * first + t * last) + t**3 * end


def _toward(corner: QPointF, other: QPointF) -> QPointF:
    """Return the point where the rounding of a corner begins or ends."""
    offset = other - corner
    length = abs(offset.x()) + abs(offset.y())
    if length == 0:
        return corner
    return corner + offset * (min(_CORNER, length / 2) / length)
