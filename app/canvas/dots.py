"""The dots of the grid, in rows that are copied.

A brush with a tile that is not a whole number of pixels wide costs 12 ms for a full view; rows of
dots, each made once for a zoom and copied, cost half of one.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform

_LEAST_PITCH_PX = 11.0
_RADIUS_PX = 1.1
_STEPS = 4
"""Dots stand on quarters of a pixel: finer is not seen, and few rows serve all."""

_SIDE = 8
"""Pixels of the square that a dot is painted in."""

_AS_IT_IS = QTransform()


def paint_dots(painter: QPainter, exposed: QRectF | QRect, grid: float, colour: QColor) -> None:
    """Paint dots ``grid`` units apart, or a multiple of it where that would be dense.

    Args:
        exposed: The part of the canvas that is painted, in its own units.
    """
    to_view, device = painter.worldTransform(), painter.device()
    ratio = device.devicePixelRatio()
    scale = to_view.m11()
    pitch = grid
    while pitch * scale < _LEAST_PITCH_PX:
        pitch *= 2
    area = to_view.mapRect(QRectF(exposed))
    along, across, step = to_view.dx() * ratio, to_view.dy() * ratio, pitch * scale * ratio
    # One dot more on each side: its rim may reach in. Rows are as wide as the view, whatever part
    # of it is painted: those of the last time serve.
    first = math.floor(-along / step) - 1
    x, x_phase = _on_pixels(along + first * step)
    count = math.ceil(device.width() * ratio / step) + 3
    row = math.floor((area.top() * ratio - across) / step) - 1
    last = math.ceil((area.bottom() * ratio - across) / step) + 1
    rows: dict[int, QPixmap] = {}
    painter.setWorldTransform(_AS_IT_IS)
    for number in range(row, last):
        y, y_phase = _on_pixels(across + number * step)
        if y_phase not in rows:
            rows[y_phase] = _row(step, count, x_phase, y_phase, ratio, colour.rgba())
        painter.drawPixmap(QPointF(x / ratio, y / ratio), rows[y_phase])
    painter.setWorldTransform(to_view)


def _on_pixels(place: float) -> tuple[int, int]:
    """Return the whole pixel before a dot's square, and how many steps further it stands."""
    return divmod(round((place - _SIDE / 2) * _STEPS), _STEPS)


@lru_cache(maxsize=96)
def _row(step: float, count: int, x_phase: int, y_phase: int, ratio: float, rgba: int) -> QPixmap:
    width = math.ceil(step * count) + _SIDE
    picture = QPixmap(width, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    for number in range(count):
        steps = round((number * step) * _STEPS) + x_phase
        dot = _dot(steps % _STEPS, y_phase, ratio, rgba)
        painter.drawPixmap(steps // _STEPS, 0, dot)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=64)
def _dot(x_phase: int, y_phase: int, ratio: float, rgba: int) -> QPixmap:
    picture = QPixmap(_SIDE, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    centre = QPointF(_SIDE / 2 + x_phase / _STEPS, _SIDE / 2 + y_phase / _STEPS)
    painter.drawEllipse(centre, _RADIUS_PX * ratio, _RADIUS_PX * ratio)
    painter.end()
    return picture
