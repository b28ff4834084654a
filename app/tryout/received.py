"""What the model really receives, with what speaks for its answer and against it laid over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.images import PixelArray, paint_squares, sample_image
from app.plots.masks import mask_image
from app.theme import current_theme, theme_manager

Parts = NDArray[np.int8]
_STRONGEST = 0.85


class ReceivedPicture(QWidget):
    """A picture at the resolution of the model, enlarged into squares."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: PixelArray | None = None
        self._parts: Parts | None = None
        self._mask: PixelArray | None = None
        self._classes = 0
        self._image = QImage()
        self._overlay = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("What the model receives"))
        theme_manager().changed.connect(self._draw)

    @property
    def overlay(self) -> QImage:
        """What is laid over the picture; null where nothing is explained."""
        return self._overlay

    def show_pixels(self, pixels: PixelArray | None) -> None:
        """Show an input; an explanation of the one before stays until a new one comes.

        Shapes:
            pixels: (channels, height, width)
        """
        self._pixels = pixels
        if pixels is None:
            self._parts = self._mask = None
        self._draw()

    def show_parts(self, parts: Parts | None) -> None:
        """Lay an explanation over the picture, or take it away.

        Shapes:
            parts: (height, width), from −127 against to 127 for
        """
        self._parts = parts
        self._draw()

    def show_mask(self, mask: PixelArray | None, classes: int) -> None:
        """Lay what each pixel is called over the picture, or take it away.

        Shapes:
            mask: (height, width) numbers of classes
        """
        self._mask, self._classes = mask, classes
        self._draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 280)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.canvas)
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
        if self._image.isNull():
            return
        scale = min(box.width() / self._image.width(), box.height() / self._image.height())
        size = QSize(int(self._image.width() * scale), int(self._image.height() * scale))
        inner = QRectF(0, 0, size.width(), size.height())
        inner.moveCenter(box.center())
        for image in (self._image, self._overlay):
            if not image.isNull():
                paint_squares(painter, image, inner, theme.radius.field)

    def _draw(self) -> None:
        theme = current_theme()
        pixels, parts = self._pixels, self._parts
        self._image = QImage() if pixels is None else sample_image(pixels, theme)
        fits = parts is not None and pixels is not None and parts.shape == pixels.shape[-2:]
        self._overlay = explained_image(parts) if fits and parts is not None else self._veil()
        self.update()

    def _veil(self) -> QImage:
        mask, pixels = self._mask, self._pixels
        if mask is None or pixels is None or mask.shape != pixels.shape[-2:]:
            return QImage()
        return mask_image(mask, self._classes, current_theme())


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


def _channels(colour: QColor) -> NDArray[np.uint8]:
    return np.array((colour.red(), colour.green(), colour.blue()), np.uint8)
