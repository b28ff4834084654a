"""Samples with how far each is from an input: pictures in rows, or the beginnings of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.plots.images import paint_squares
from app.theme import current_theme, font

_PICTURE_PX, _LINE_PX, _GAP_PX, _PITCH_PX = 44, 15, 8, 58
_CELL_PX = _PICTURE_PX + 2 * _LINE_PX
_TEXT_PX, _LABEL_PX, _DISTANCE_PX = 20, 72, 44
_BACK, _ON = (Qt.Key.Key_Left, Qt.Key.Key_Up), (Qt.Key.Key_Right, Qt.Key.Key_Down)
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


@dataclass(frozen=True, slots=True)
class AlikeSample:
    """One sample as it is shown."""

    label: str
    distance: str
    sentence: str
    """The same in words, with which sample it is."""

    picture: QImage | None = None
    text: str = ""


class AlikeSamples(QWidget):
    """The nearest first; a click, or Enter on the one that arrow keys marked, opens a sample."""

    chosen = Signal(int)
    """The place of a sample in the row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[AlikeSample, ...] = ()
        self._marked = -1
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Most alike in validation"))

    @property
    def samples(self) -> tuple[AlikeSample, ...]:
        """What is shown."""
        return self._samples

    def show_samples(self, samples: Sequence[AlikeSample]) -> None:
        """Show other samples."""
        self._samples, self._marked = tuple(samples), -1
        self.setAccessibleDescription("; ".join(sample.sentence for sample in samples))
        self.updateGeometry()
        self.update()

    def box(self, place: int) -> QRectF:
        """Return what belongs to a sample: its picture with the words below, or its line."""
        if self._are_texts:
            return QRectF(0, place * _TEXT_PX, self.width(), _TEXT_PX)
        row, column = divmod(place, self._columns(self.width()))
        top = 2 + row * (_CELL_PX + _GAP_PX)
        return QRectF(column * _PITCH_PX, top, _PITCH_PX, _CELL_PX)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        if self._are_texts:
            return len(self._samples) * _TEXT_PX
        rows = -(-len(self._samples) // self._columns(width))
        return rows * (_CELL_PX + _GAP_PX)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = _PITCH_PX * max(1, len(self._samples))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_PITCH_PX, _PICTURE_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._open(self._at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        key = Qt.Key(event.key())
        if key in _BACK or key in _ON:
            self._mark(self._marked + (1 if key in _ON else -1))
        elif key in _OPEN:
            self._open(self._marked)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(QPointF(event.pos()))
            words = self._samples[place].sentence if place >= 0 else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("micro"))
        for place, sample in enumerate(self._samples):
            box = self.box(place)
            if sample.text:
                self._paint_text(painter, box, sample)
            else:
                self._paint_picture(painter, box, sample)
            if place == self._marked:
                painter.setPen(QPen(current_theme().colours.accent, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                square = box if sample.text else box.adjusted(-1, -1, _PICTURE_PX - _PITCH_PX, 0)
                painter.drawRoundedRect(square.adjusted(1, 1, -1, -1), 5, 5)

    def _paint_picture(self, painter: QPainter, box: QRectF, sample: AlikeSample) -> None:
        colours, left = current_theme().colours, Qt.AlignmentFlag.AlignVCenter
        square = QRectF(box.left(), box.top(), _PICTURE_PX, _PICTURE_PX)
        if sample.picture is not None:
            paint_squares(painter, sample.picture, square)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.hover)
            painter.drawRoundedRect(square, 5, 5)
        line = QRectF(box.left() + 1, square.bottom() + 1, box.width() - 5, _LINE_PX)
        _write(painter, line, sample.label, colours.text, left)
        _write(painter, line.translated(0, _LINE_PX), sample.distance, colours.text2, left)

    def _paint_text(self, painter: QPainter, box: QRectF, sample: AlikeSample) -> None:
        colours, left = current_theme().colours, Qt.AlignmentFlag.AlignVCenter
        label = QRectF(box.left() + 4, box.top(), _LABEL_PX, _TEXT_PX)
        distance = QRectF(label.right() + 6, box.top(), _DISTANCE_PX, _TEXT_PX)
        _write(painter, label, sample.label, colours.text, left)
        _write(painter, distance, sample.distance, colours.text2, left)
        room = QRectF(
            distance.right() + 6, box.top(), box.right() - distance.right() - 10, _TEXT_PX
        )
        _write(painter, room, sample.text, colours.text, left)

    @property
    def _are_texts(self) -> bool:
        return bool(self._samples and self._samples[0].text)

    def _columns(self, width: int) -> int:
        return max(1, min(max(1, len(self._samples)), width // _PITCH_PX))

    def _mark(self, place: int) -> None:
        if self._samples:
            self._marked = min(max(place, 0), len(self._samples) - 1)
            self.setAccessibleDescription(self._samples[self._marked].sentence)
            self.update()

    def _open(self, place: int) -> None:
        if 0 <= place < len(self._samples):
            self.chosen.emit(place)

    def _at(self, position: QPointF) -> int:
        places = range(len(self._samples))
        return next((place for place in places if self.box(place).contains(position)), -1)


def _write(
    painter: QPainter, line: QRectF, words: str, colour: QColor, align: Qt.AlignmentFlag
) -> None:
    painter.setPen(colour)
    right = Qt.TextElideMode.ElideRight
    # Texts have lines of their own.
    words = painter.fontMetrics().elidedText(" ".join(words.split()), right, round(line.width()))
    painter.drawText(line, align, words)
