"""Strokes of a pen as the picture that a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from app.plots.images import PixelArray

PAD = 280
"""Side of the pad that strokes are drawn on, whatever its size on screen."""

_INKED = 20 / 28
"""Share of the picture that the ink fills: how the digits of MNIST were made (LeCun et al.)."""

_FINER = 4
"""Drawn so many times finer, then averaged down."""

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """Where the pen went without being lifted, in units of the pad."""

    points: tuple[Point, ...]
    width: float

    def path(self) -> QPainterPath:
        """Return the middle of the line; a touch without a move is a dot."""
        path = QPainterPath(QPointF(*self.points[0]))
        # A line of no length is not painted.
        path.lineTo(self.points[0][0] + 0.01, self.points[0][1])
        path.addPolygon(QPolygonF([QPointF(*point) for point in self.points]))
        return path

    def box(self) -> QRectF:
        """Return what the ink covers."""
        half = self.width / 2
        return self.path().boundingRect().adjusted(-half, -half, half, half)


def paint_strokes(painter: QPainter, strokes: Sequence[Stroke], ink: QColor) -> None:
    """Paint strokes in units of the pad."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in strokes:
        pen = QPen(ink, stroke.width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(stroke.path())


def drawn_pixels(strokes: Sequence[Stroke], sizes: tuple[int, ...]) -> PixelArray:
    """Return a drawing as the model takes it: ink 255 on 0, as large as the digits of MNIST.

    The ink is scaled to five sevenths of the picture and its centre of mass put into the middle.

    Shapes:
        out: sizes, that is (channels, height, width)
    """
    channels, height, width = sizes
    if not strokes:
        return np.zeros(sizes, np.uint8)
    box = strokes[0].box()
    for stroke in strokes[1:]:
        box = box.united(stroke.box())
    scale = _INKED * min(height / box.height(), width / box.width())
    fitted = _painted(strokes, box.center(), scale, height, width)
    ink = fitted.astype(np.float64)
    total = ink.sum() or 1.0
    down = float((ink.sum(1) * (np.arange(height) + 0.5)).sum() / total) - height / 2
    right = float((ink.sum(0) * (np.arange(width) + 0.5)).sum() / total) - width / 2
    # No ink may leave the picture.
    down = _within(down, (height - box.height() * scale) / 2)
    right = _within(right, (width - box.width() * scale) / 2)
    centre = box.center() + QPointF(right / scale, down / scale)
    pixels = _painted(strokes, centre, scale, height, width)
    return np.repeat(pixels[None], channels, axis=0)


def _within(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _painted(
    strokes: Sequence[Stroke], centre: QPointF, scale: float, height: int, width: int
) -> PixelArray:
    image = QImage(width * _FINER, height * _FINER, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    move = QTransform.fromTranslate(image.width() / 2, image.height() / 2)
    move.scale(scale * _FINER, scale * _FINER)
    move.translate(-centre.x(), -centre.y())
    painter.setTransform(move)
    paint_strokes(painter, strokes, QColor(Qt.GlobalColor.white))
    painter.end()
    return _averaged(gray_array(image), height, width)


def gray_array(image: QImage) -> PixelArray:
    """Return a grey picture as an array.

    Shapes:
        out: (H, W)
    """
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(gray.constBits(), np.uint8).reshape(gray.height(), gray.bytesPerLine())
    return rows[:, : gray.width()].copy()


def _averaged(pixels: PixelArray, height: int, width: int) -> PixelArray:
    blocks = pixels.reshape(height, _FINER, width, _FINER).astype(np.float32)
    averaged: PixelArray = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return averaged
