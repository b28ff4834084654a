"""Arrays as pictures: feature maps in the activation colours, samples in the ink of the theme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from app.plots.forms import keeping_form, place_in
from app.theme import Theme
from app.theme.colormaps import activation_table, diverging_table

PixelArray = NDArray[np.uint8]
CORNER_PX = 5
_PICTURE_CHANNELS = 3
_SOUND_CHANNELS, _LEAST_SOUND = 2, 512
_WAVE_PX = 48
_MOST_ROUND = 0.15


def map_image(pixels: PixelArray, theme: Theme) -> QImage:
    """A map of strengths in the colours of the activation map.

    Shapes:
        pixels: (H, W), 0 is the low end of the scale and 255 the high end
    """
    return _image(_looked_up(activation_table(theme.name), pixels))


def signed_image(pixels: PixelArray, theme: Theme) -> QImage:
    """A map of values with a sign: zero is the surface.

    Shapes:
        pixels: (H, W), 128 is zero
    """
    return _image(_looked_up(diverging_table(theme.name), pixels))


def sample_image(pixels: PixelArray, theme: Theme) -> QImage:
    """One sample: light ink on dark or dark ink on light, and colour pictures as they are.

    A picture keeps its form in whatever box it is painted; all else fills the box.

    Shapes:
        pixels: (H, W), (1, H, W), (3, H, W); a vector (F,) becomes F bars of ink, and a sound
            (1 or 2, T) how far it swings to both sides
    """
    if pixels.ndim == 3 and len(pixels) == _PICTURE_CHANNELS:
        return keeping_form(_image(_opaque(np.moveaxis(pixels, 0, -1))))
    if pixels.ndim == 3:
        return keeping_form(_inked(pixels[0], theme))
    if pixels.ndim == 2 and len(pixels) <= _SOUND_CHANNELS and pixels.shape[1] >= _LEAST_SOUND:
        pixels = _as_wave(pixels[0])
    if pixels.ndim < 2:
        pixels = _as_bars(pixels.reshape(-1))
    return _inked(pixels, theme)


def paint_squares(
    painter: QPainter, image: QImage, box: QRectF, corner_px: float = CORNER_PX
) -> None:
    """Draw a small picture enlarged into sharp squares, with round corners."""
    place = place_in(box, image)
    path = QPainterPath()
    corner_px = min(corner_px, min(place.width(), place.height()) * _MOST_ROUND)
    path.addRoundedRect(place, corner_px, corner_px)
    painter.save()
    painter.setClipPath(path)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.drawImage(place, image)
    painter.restore()


def _inked(pixels: PixelArray, theme: Theme) -> QImage:
    ground, ink = (_channels(c) for c in (theme.colours.canvas, theme.colours.text))
    mixed = ground + (ink - ground) * (pixels[..., None].astype(np.float32) / 255)
    return _image(_opaque(np.rint(mixed).astype(np.uint8)))


def _looked_up(table: PixelArray, pixels: PixelArray) -> PixelArray:
    """Return the colours of pixels: whole ones are looked up quicker than by their channels."""
    found: PixelArray = table.view(np.uint32)[:, 0].take(pixels).view(np.uint8)
    return found.reshape(*pixels.shape, 4)


def _as_bars(values: PixelArray) -> PixelArray:
    rows = np.arange(255, -1, -8)[:, None]
    return np.where(values[None, :] >= rows, np.uint8(200), np.uint8(0))


def _as_wave(values: PixelArray) -> PixelArray:
    pieces = np.array_split(values, _WAVE_PX)
    high = np.array([piece.max() for piece in pieces], np.int16)
    low = np.array([piece.min() for piece in pieces], np.int16)
    step = 256 // _WAVE_PX
    rows = np.arange(255, -1, -step, dtype=np.int16)[:, None]
    inside = (rows <= high + step // 2) & (rows >= low - step // 2)
    return np.where(inside, np.uint8(230), np.uint8(0))


def _channels(colour: QColor) -> NDArray[np.float32]:
    return np.array((colour.red(), colour.green(), colour.blue()), dtype=np.float32)


def _opaque(pixels: PixelArray) -> PixelArray:
    alpha = np.full((*pixels.shape[:2], 1), 255, dtype=np.uint8)
    return np.concatenate((pixels, alpha), axis=2)


def _image(pixels: PixelArray) -> QImage:
    packed = np.ascontiguousarray(pixels)
    height, width, _ = packed.shape
    image = QImage(packed.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
    return image.copy()  # numpy owns the memory of the first one
