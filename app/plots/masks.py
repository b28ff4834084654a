"""Masks over pictures: what each pixel is called, in the colours of the classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from app.plots.class_colours import class_colour
from app.theme import Theme

Mask = NDArray[np.uint8]
_STRENGTH = 0.55


def mask_image(mask: Mask, classes: int, theme: Theme) -> QImage:
    """Return a veil in the colours of the classes; class 0 is the ground and stays clear.

    Shapes:
        mask: (H, W) numbers of classes
    """
    colours = np.zeros((256, 4), np.uint8)
    for number in range(1, min(classes, 256)):
        colour = class_colour(number, classes, theme)
        colours[number] = (colour.red(), colour.green(), colour.blue(), round(255 * _STRENGTH))
    pixels = np.ascontiguousarray(colours[mask])
    height, width = mask.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
    return image.copy()  # numpy owns the memory of the first one


def veiled(picture: QImage, mask: QImage) -> QImage:
    """Return a picture with a mask laid over it."""
    both = picture.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(both)
    painter.drawImage(both.rect(), mask)
    painter.end()
    return both
