"""One small picture, enlarged into squares as large as there is room, with something laid over."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.images import PixelArray, paint_squares, sample_image
from app.theme import current_theme, theme_manager


class SquarePicture(QWidget):
    """A picture as high as it is wide; an empty field while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: PixelArray | None = None
        self._image = QImage()
        self._overlay = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme_manager().changed.connect(self.redraw)

    @property
    def pixels(self) -> PixelArray | None:
        """What is shown."""
        return self._pixels

    @property
    def overlay(self) -> QImage:
        """What is laid over the picture; null where there is nothing."""
        return self._overlay

    def show_pixels(self, pixels: PixelArray | None) -> None:
        """Show a picture, or none.

        Shapes:
            pixels: (channels, height, width)
        """
        self._pixels = pixels
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(180, 180)

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
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        inner = QRectF(0, 0, size.width(), size.height())
        inner.moveCenter(box.center())
        for image in (self._image, self._overlay):
            if not image.isNull():
                paint_squares(painter, image, inner, theme.radius.field)

    def lay_over(self) -> QImage:
        """Return what is laid over the picture; for subclasses, as the picture is drawn anew."""
        return QImage()

    def redraw(self) -> None:
        """Draw anew: something that is shown is another now."""
        pixels = self._pixels
        self._image = QImage() if pixels is None else sample_image(pixels, current_theme())
        self._overlay = self.lay_over()
        self.update()
