"""A car on a computed road, seen from above; the car looks up."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import current_theme, theme_manager
from engine.data import road

_METRES = 44.0
"""Of the road from the lower edge to the upper one."""

_CAR_AT = 0.75
"""How far down the car is, as a share of the height."""

_PUSHES = {Qt.Key.Key_Left: 1.0, Qt.Key.Key_Right: -1.0}


class RoadView(QWidget):
    """Shows where the car is; the arrow keys push it aside."""

    pushed = Signal(float)
    """To the left (1) or to the right (−1)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._road: road.Road | None = None
        self._car = road.Car(0, 0, 0)
        self._angle = 0.0
        self._trail: list[tuple[float, float]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("The car on its road, from above"))
        theme_manager().changed.connect(self.update)

    def show_road(self, made: road.Road, car: road.Car) -> None:
        """Show a car at the beginning of a road."""
        self._road, self._trail = made, []
        self.show_car(car, 0.0)

    def show_car(self, car: road.Car, angle: float) -> None:
        """Show where the car is and how its wheels stand, in degrees to the left."""
        self._car, self._angle = car, angle
        self._trail.append((car.x, car.y))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 280)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return width

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        push = _PUSHES.get(Qt.Key(event.key()))
        if push is None:
            super().keyPressEvent(event)
        else:
            self.pushed.emit(push)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), colours.canvas)
        if self._road is not None:
            self._paint_road(painter, self._road)
            self._paint_trail(painter)
            self._paint_car(painter)
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_road(self, painter: QPainter, made: road.Road) -> None:
        colours = current_theme().colours
        place, _ = road.nearest(made, self._car)
        line = self._polygon(made.points[max(place - 50, 0) : place + 130].tolist())
        wide = 2 * road.HALF_ROAD * self._scale
        painter.setPen(_round_pen(colours.line2, wide + 3))
        painter.drawPolyline(line)
        painter.setPen(_round_pen(colours.hover, wide))
        painter.drawPolyline(line)
        dashes = QPen(colours.text3, 1.5, Qt.PenStyle.DashLine)
        painter.setPen(dashes)
        painter.drawPolyline(line)

    def _paint_trail(self, painter: QPainter) -> None:
        painter.setPen(QPen(current_theme().colours.train, 2))
        painter.drawPolyline(self._polygon(self._trail[-200:]))

    def _paint_car(self, painter: QPainter) -> None:
        colours, scale = current_theme().colours, self._scale
        painter.save()
        painter.translate(self.width() / 2, self.height() * _CAR_AT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.accent)
        painter.drawRoundedRect(QRectF(-scale, -2.2 * scale, 2 * scale, 4.4 * scale), 4, 4)
        painter.translate(0, -2.2 * scale)
        painter.rotate(-self._angle * 2)
        painter.setPen(QPen(colours.val, 2.5))
        painter.drawLine(QPointF(0, 0), QPointF(0, -4 * scale))
        painter.restore()

    def _polygon(self, points: list[tuple[float, float]]) -> QPolygonF:
        """Return points of the ground in pixels, with the car looking up."""
        gaps = np.array(points).reshape(-1, 2) - np.array([self._car.x, self._car.y])
        cosine, sine = np.cos(self._car.heading), np.sin(self._car.heading)
        forward = gaps[:, 0] * cosine + gaps[:, 1] * sine
        left = gaps[:, 1] * cosine - gaps[:, 0] * sine
        across = self.width() / 2 - left * self._scale
        down = self.height() * _CAR_AT - forward * self._scale
        return QPolygonF(
            [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
        )

    @property
    def _scale(self) -> float:
        """Pixels of a metre."""
        return self.height() / _METRES


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour)
    pen.setWidthF(width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
