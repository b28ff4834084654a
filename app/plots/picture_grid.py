"""Many pictures of one size in as few rows as keep them large."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.forms import LEAST_SHARE
from app.plots.images import PixelArray, paint_squares, sample_image
from app.plots.tables import offer_picture
from app.theme import current_theme, theme_manager

_GAP_PX = 3
_GROUP_GAP_PX = 9
_LARGEST_PX = 96


class PictureGrid(QWidget):
    """Pictures in groups: those of a group stand below each other, groups beside each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[tuple[PixelArray, ...], ...] = ()
        self._images: list[list[QImage]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)
        offer_picture(self)
        theme_manager().changed.connect(self._draw)

    @property
    def groups(self) -> tuple[tuple[PixelArray, ...], ...]:
        """What is shown."""
        return self._groups

    def show_groups(self, groups: Sequence[tuple[PixelArray, ...]]) -> None:
        """Show pictures, each group with as many as the others.

        Shapes:
            groups: each (channels, height, width)
        """
        self._groups = tuple(groups)
        self._draw()

    @property
    def columns(self) -> int:
        """How many groups stand beside each other: the most that let pictures be largest."""
        return max(range(max(1, len(self._groups)), 0, -1), key=self._side_px)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, images in enumerate(self._images):
            for place, image in enumerate(images):
                paint_squares(painter, image, self._box(number, place), 2)

    def _box(self, number: int, place: int) -> QRectF:
        columns, side = self.columns, self._side_px(self.columns)
        row, column = divmod(number, columns)
        width, height = (share * side for share in self._form)
        left = column * (width + self._gap_px)
        top = row * self._group_px(height) + place * (height + _GAP_PX)
        return QRectF(left, top, width, height)

    def _side_px(self, columns: int) -> float:
        """Return how long the longer side of pictures is with so many groups in a row."""
        rows = math.ceil(len(self._groups) / columns) or 1
        across = (self.width() + self._gap_px) / columns - self._gap_px
        down = (self.height() + self._gap_px) / rows - self._gap_px
        down = (down - (self._together - 1) * _GAP_PX) / self._together
        wide, tall = self._form
        return max(1.0, min(across / wide, down / tall, _LARGEST_PX))

    def _group_px(self, height: float) -> float:
        return self._together * (height + _GAP_PX) - _GAP_PX + self._gap_px

    @property
    def _form(self) -> tuple[float, float]:
        """Width and height of pictures as shares of the longer side, within reason."""
        if not self._groups:
            return 1.0, 1.0
        height, width = self._groups[0][0].shape[-2:]
        longer = max(height, width)
        return max(width / longer, LEAST_SHARE), max(height / longer, LEAST_SHARE)

    @property
    def _together(self) -> int:
        return len(self._groups[0]) if self._groups else 1

    @property
    def _gap_px(self) -> int:
        return _GROUP_GAP_PX if self._together > 1 else _GAP_PX

    def _draw(self) -> None:
        theme = current_theme()
        self._images = [[sample_image(each, theme) for each in group] for group in self._groups]
        self.update()
