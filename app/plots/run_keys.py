"""How a compared run is known: a colour with a dash, the same in lists and in curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.theme import current_theme

MOST = 6
"""Runs that can be told apart."""

KEY_PX = 22
_WIDTH_PX = 2.0


def key_colour(place: int) -> QColor:
    """Return the colour of a run by its place among those that are compared."""
    return current_theme().runs[place]


def dashes(place: int, width: float) -> Sequence[float]:
    """Return the dashes of a run for a pen, which counts in its own width; none for a solid."""
    return [length / width for length in current_theme().run_dashes[place]]


def paint_key(painter: QPainter, box: QRectF, place: int) -> None:
    """Paint a stretch of a run's line in the middle of a box."""
    pen = QPen(key_colour(place), _WIDTH_PX)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if pattern := dashes(place, _WIDTH_PX):
        pen.setDashPattern(pattern)
    painter.setPen(pen)
    middle = round(box.center().y())
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))


def key_pixmap(place: int, ratio: float) -> QPixmap:
    """Return a stretch of a run's line as a picture, for headers."""
    made = QPixmap(QSize(KEY_PX, 12) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_key(painter, QRectF(0, 0, KEY_PX, 12), place)
    painter.end()
    return made


class RunKey(QWidget):
    """A stretch of a run's line, to stand before its name."""

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self.setFixedSize(KEY_PX, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        paint_key(QPainter(self), QRectF(self.rect()), self._place)
