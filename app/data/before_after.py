"""Samples above what they are changed into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.images import paint_squares, sample_image
from app.theme import current_theme, font, theme_manager
from app.theme.fonts import line_height_px
from engine.data.changes import Change, Side
from engine.training.asides import AugmentationShown

_LARGEST_PX: Final = 96
_LARGEST_ALONE_PX: Final = 144
_FEW: Final = 2
"""So many pictures or fewer are drawn larger."""

_GAP_PX: Final = 8
_LEADING_PX: Final = 2


class Row(NamedTuple):
    """Pictures beside each other, what they are, and how large."""

    words: str
    pictures: tuple[QImage, ...]
    size: str = ""


class PictureRows(QWidget):
    """Rows of pictures; hidden while there are none."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        theme_manager().changed.connect(self._draw)
        self.hide()

    def rows(self) -> tuple[Row, ...]:
        """Return the rows in the present theme; none where there is nothing to show."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(240, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        ends = [first.bottom() for _, _, first in self._spots(width)]
        return round(max(ends)) + 2 if ends else 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, words, box in self._spots(self.width()):
            self._paint_words(painter, row, words)
            for number, picture in enumerate(row.pictures):
                along = number * (box.width() + _GAP_PX)
                self._paint(painter, picture, box.translated(along + 0.5, 0))

    def _spots(self, width: int) -> Iterator[tuple[Row, QRectF, QRectF]]:
        """Yield where the words and the first picture of each row stand.

        Rows of one picture stand beside each other where their words have the room.
        """
        half = (width - _GAP_PX) / 2
        is_beside = all(len(row.pictures) == 1 and _fits(row, half) for row in self._rows)
        room = half if is_beside else width
        words_px = self._line_px() * max((len(_lines(row, room)) for row in self._rows), default=0)
        left = top = 0.0
        for row in self._rows:
            words = QRectF(left, top, room, words_px)
            box = _box(row, room)
            box.moveTo(left, words.bottom())
            yield row, words, box
            left, top = (room + _GAP_PX, 0.0) if is_beside else (0.0, box.bottom() + _GAP_PX)

    def _paint_words(self, painter: QPainter, row: Row, room: QRectF) -> None:
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        line = QRectF(room.left(), room.top(), room.width(), self._line_px())
        for words in _lines(row, room.width()):
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
            line.translate(0, line.height())

    def _paint(self, painter: QPainter, picture: QImage, box: QRectF) -> None:
        room = box.size().toSize() * self.devicePixelRatioF()
        if picture.width() > room.width():
            # Squares are for small pictures; of a large one they would be left out.
            picture = picture.scaled(
                room,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        paint_squares(painter, picture, box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current_theme().colours.line, 1))
        painter.drawRoundedRect(box, 5, 5)

    def _draw(self) -> None:
        self._rows = self.rows()
        told = (f"{row.words}: {row.size}" for row in self._rows if row.size)
        self.setAccessibleDescription(". ".join(told))
        self.setVisible(bool(self._rows))
        self.updateGeometry()
        self.update()

    def _line_px(self) -> int:
        return line_height_px("micro") + _LEADING_PX


class BeforeAfter(PictureRows):
    """Training samples as they are read, and as a model may learn from them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._shown: AugmentationShown | None = None
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Samples before and after augmentation"))

    def show_pictures(self, shown: AugmentationShown) -> None:
        """Show an answer of the worker."""
        self._shown = shown
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self._shown = None
        self._draw()

    def rows(self) -> tuple[Row, ...]:
        """Return the samples before and after each step."""
        shown = self._shown
        if shown is None or not shown.shape:
            return ()
        *between, last = shown.steps
        words = self.tr("As learned from")
        if between:
            words = self.tr("{0}: as learned from").format(last)
        rows = (self.tr("As read"), *between, words)
        return tuple(
            Row(told, _pictures(stage, shown.shape))
            for told, stage in zip(rows, shown.stages, strict=True)
        )


class StoredAndRead(PictureRows):
    """One sample as its file holds it, and as the model gets it, each with its size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._change: Change | None = None
        super().__init__("", parent)
        self.setAccessibleName(self.tr("A sample as stored, and as the model gets it"))

    def show_change(self, change: Change | None) -> None:
        """Show what reading makes of a sample, or nothing."""
        self._change = change
        self._draw()

    def rows(self) -> tuple[Row, ...]:
        """Return the sample before and after."""
        if self._change is None:
            return ()
        return (
            _row(self.tr("As stored"), self._change.before),
            _row(self.tr("As the model gets it"), self._change.after),
        )


def _row(words: str, side: Side) -> Row:
    theme = current_theme()
    return Row(words, tuple(sample_image(one, theme) for one in side.pictures), side.size)


def _pictures(row: bytes, shape: tuple[int, ...]) -> tuple[QImage, ...]:
    theme = current_theme()
    pixels = np.frombuffer(row, np.uint8).reshape(shape)
    return tuple(sample_image(each, theme) for each in pixels)


def _box(row: Row, width: float) -> QRectF:
    """Return how large a picture of a row is drawn."""
    many = len(row.pictures)
    largest = _LARGEST_PX if many > _FEW else _LARGEST_ALONE_PX
    side = min(largest, (width - 1 - (many - 1) * _GAP_PX) / many)
    return QRectF(0, 0, side, side * _aspect(row.pictures[0]))


def _lines(row: Row, width: float) -> tuple[str, ...]:
    """Return what stands over a row: in one line where it has the room."""
    if not row.size:
        return (row.words,)
    together = f"{row.words} · {row.size}"
    metrics = QFontMetricsF(font("micro"))
    if metrics.horizontalAdvance(together) <= width:
        return (together,)
    return (row.words, metrics.elidedText(row.size, Qt.TextElideMode.ElideRight, width))


def _fits(row: Row, width: float) -> bool:
    return bool(row.size) and QFontMetricsF(font("micro")).horizontalAdvance(row.size) <= width


def _aspect(picture: QImage) -> float:
    """Height of a picture for each pixel of its width, within reason."""
    return min(max(picture.height() / max(picture.width(), 1), 0.25), 2.0)
