"""Samples above what they are changed into."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.images import paint_squares, sample_image
from app.theme import current_theme, font, theme_manager
from engine.training.asides import AugmentationShown

_LARGEST_PX, _GAP_PX, _LINE_PX = 96, 8, 18


class BeforeAfter(QWidget):
    """Two rows of pictures; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: AugmentationShown | None = None
        self._rows: tuple[list[QImage], list[QImage]] = ([], [])
        self._words = (self.tr("As stored"), self.tr("As learned from"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Samples before and after augmentation"))
        theme_manager().changed.connect(self._draw)
        self.hide()

    def show_pictures(self, shown: AugmentationShown) -> None:
        """Show an answer of the worker."""
        self._shown = shown
        self._draw()
        self.setVisible(bool(shown.shape))

    def clear(self) -> None:
        """Show nothing."""
        self._shown = None
        self.hide()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(240, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return 2 * (_LINE_PX + round(self._side(width) * self._aspect)) + _GAP_PX + 2

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._side(self.width())
        height = side * self._aspect
        for number, (words, pictures) in enumerate(zip(self._words, self._rows, strict=True)):
            top = number * (_LINE_PX + height + _GAP_PX)
            painter.setFont(font("micro"))
            painter.setPen(current_theme().colours.text3)
            line = QRectF(0, top, self.width(), _LINE_PX)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
            for place, picture in enumerate(pictures):
                box = QRectF(place * (side + _GAP_PX) + 0.5, top + _LINE_PX, side, height)
                self._paint(painter, picture, box)

    def _paint(self, painter: QPainter, picture: QImage, box: QRectF) -> None:
        paint_squares(painter, picture, box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current_theme().colours.line, 1))
        painter.drawRoundedRect(box, 5, 5)

    def _draw(self) -> None:
        if self._shown is None or not self._shown.shape:
            return
        theme, shape = current_theme(), self._shown.shape
        before, after = (
            [sample_image(each, theme) for each in np.frombuffer(row, np.uint8).reshape(shape)]
            for row in (self._shown.before, self._shown.after)
        )
        self._rows = (before, after)
        self.updateGeometry()
        self.update()

    def _side(self, width: int) -> float:
        """Return how wide a picture is drawn."""
        many = max(1, len(self._rows[0]))
        return min(_LARGEST_PX, (width - 1 - (many - 1) * _GAP_PX) / many)

    @property
    def _aspect(self) -> float:
        """Height of a picture for each pixel of its width, within reason."""
        if self._shown is None or not self._shown.shape:
            return 1.0
        height, width = self._shown.shape[-2:]
        return min(max(height / width, 0.25), 2.0)
