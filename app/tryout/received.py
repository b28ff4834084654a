"""What the model really receives, with what speaks for its answer and against it laid over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.plots.images import PixelArray
from app.plots.masks import mask_image
from app.plots.square_picture import SquarePicture
from app.theme import current_theme

Parts = NDArray[np.int8]
_STRONGEST = 0.85


class ReceivedPicture(SquarePicture):
    """A picture at the resolution of the model, with an explanation or a mask over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Parts | None = None
        self._mask: PixelArray | None = None
        self._classes = 0
        self.setAccessibleName(self.tr("What the model receives"))

    def show_pixels(self, pixels: PixelArray | None) -> None:
        """Show an input; an explanation of the one before stays until a new one comes.

        Shapes:
            pixels: (channels, height, width)
        """
        if pixels is None:
            self._parts = self._mask = None
        super().show_pixels(pixels)

    def show_parts(self, parts: Parts | None) -> None:
        """Lay an explanation over the picture, or take it away.

        Shapes:
            parts: (height, width), from −127 against to 127 for
        """
        self._parts = parts
        self.redraw()

    def show_mask(self, mask: PixelArray | None, classes: int) -> None:
        """Lay what each pixel is called over the picture, or take it away.

        Shapes:
            mask: (height, width) numbers of classes
        """
        self._mask, self._classes = mask, classes
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 280)

    def lay_over(self) -> QImage:
        size = None if self.pixels is None else self.pixels.shape[-2:]
        if self._parts is not None and self._parts.shape == size:
            return explained_image(self._parts)
        if self._mask is not None and self._mask.shape == size:
            return mask_image(self._mask, self._classes, current_theme())
        return QImage()


def explained_image(parts: Parts) -> QImage:
    """Paint what speaks for a class and against it; strength is opacity, so ink stays visible.

    Shapes:
        parts: (H, W)
    """
    colours = current_theme().colours
    strength = np.abs(parts.astype(np.float32)) / 127 * _STRONGEST
    pixels = np.empty((*parts.shape, 4), np.uint8)
    pixels[..., :3] = np.where(
        parts[..., None] > 0, _channels(colours.train), _channels(colours.val)
    )
    pixels[..., 3] = np.rint(strength * 255)
    height, width = parts.shape
    packed = np.ascontiguousarray(pixels)
    return QImage(packed.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()


def paint_over_time(painter: QPainter, box: QRectF, parts: Parts) -> None:
    """Colour a box from left to right by what each step speaks for or against.

    Shapes:
        parts: (steps,), averaged where they are more than the box is wide
    """
    columns = np.array_split(parts.astype(np.float32), min(len(parts), max(1, round(box.width()))))
    means = np.array([column.mean() for column in columns])
    largest = float(np.abs(means).max()) or 1.0
    scaled = np.rint(means / largest * 127).astype(np.int8)
    painter.drawImage(box, explained_image(scaled[None]))


def _channels(colour: QColor) -> NDArray[np.uint8]:
    return np.array((colour.red(), colour.green(), colour.blue()), np.uint8)
