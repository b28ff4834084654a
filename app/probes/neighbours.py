"""The samples that a layer takes for most alike, beside its map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.figures import figure
from app.plots.class_map import MapData
from app.plots.images import paint_squares, sample_image
from app.plots.text_tile import paint_text_tile
from app.theme import current_theme, font
from engine.training.insight import LayerMapped

SIDE_PX = 220
_PICTURE_PX, _COLUMNS = 44, 4
_ROW_PX, _WORDS_PX = 23, 84


class Neighbours(QWidget):
    """The sample first, then the eight most alike, each with its label and how alike it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[QImage, ...] = ()
        self._words: tuple[str, ...] = ()
        self._texts: tuple[str, ...] = ()
        self.setFixedHeight(3 * (_PICTURE_PX + 26))
        self.setAccessibleName(self.tr("Neighbours"))

    @property
    def words(self) -> tuple[str, ...]:
        """What stands below the pictures."""
        return self._words

    def show_pictures(
        self, images: Sequence[QImage], words: Sequence[str], texts: Sequence[str] = ()
    ) -> None:
        """Show pictures with words below, or texts with words before; words alone for others."""
        self._images, self._words, self._texts = tuple(images), tuple(words), tuple(texts)
        said = [" ".join(parts) for parts in zip_longest(words, texts, fillvalue="")]
        self.setAccessibleDescription("; ".join(each.strip() for each in said))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(SIDE_PX, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text2)
        if self._texts:
            self._paint_rows(painter)
            return
        for place, text in enumerate(self._words):
            row, column = divmod(place + 3 if place else 0, _COLUMNS)
            left, top = column * (SIDE_PX / _COLUMNS), row * (_PICTURE_PX + 26)
            if place < len(self._images):
                box = QRectF(left, top, _PICTURE_PX, _PICTURE_PX)
                paint_squares(painter, self._images[place], box)
            line = QRectF(left - 4, top + _PICTURE_PX + 1, _PICTURE_PX + 12, 16)
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, text)

    def _paint_rows(self, painter: QPainter) -> None:
        right = Qt.TextElideMode.ElideRight
        for row, (words, text) in enumerate(zip(self._words, self._texts, strict=True)):
            left = QRectF(0, row * _ROW_PX, _WORDS_PX - 6, _ROW_PX)
            shown = painter.fontMetrics().elidedText(words, right, round(left.width()))
            painter.setPen(current_theme().colours.text2)
            painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, shown)
            tile = QRectF(_WORDS_PX, row * _ROW_PX, SIDE_PX - _WORDS_PX, _ROW_PX - 3)
            paint_text_tile(painter, text, tile)


def map_data(mapped: LayerMapped) -> MapData:
    """Return the points of a map as its plot takes them."""
    points = np.frombuffer(mapped.points, np.float32).reshape(-1, 2)
    return MapData(
        points=points,
        truths=np.frombuffer(mapped.truths, np.int32),
        called=np.frombuffer(mapped.called, np.int32),
        neighbours=np.frombuffer(mapped.neighbours, np.int32).reshape(len(points), -1),
        names=mapped.names,
        explained=mapped.explained,
    )


def neighbours_of(mapped: LayerMapped, sample: int) -> tuple[list[QImage], list[str], list[str]]:
    """Return pictures, words and texts of a sample and of its neighbours."""
    data = map_data(mapped)
    alike = np.frombuffer(mapped.similarities, np.float32).reshape(len(data.points), -1)
    shown = [sample, *data.neighbours[sample].tolist()]
    images = []
    if mapped.pixels:
        pixels = np.frombuffer(mapped.pixels, np.uint8).reshape(-1, *mapped.sample_shape)
        images = [sample_image(pixels[place], current_theme()) for place in shown]
    labels = [
        class_name(mapped, int(data.truths[place])) if data.truths.size else "" for place in shown
    ]
    words = [labels[0]]
    for label, share in zip(labels[1:], alike[sample].tolist(), strict=True):
        words.append(f"{label} {figure(share, 2)}".strip())
    return images, words, [mapped.texts[place] for place in shown] if mapped.texts else []


def class_name(mapped: LayerMapped, k: int) -> str:
    """Return what a class of the map is called."""
    return mapped.names[k] if k < len(mapped.names) else str(k)
