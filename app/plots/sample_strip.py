"""The samples that a layer can be looked at with, as a row of small pictures or of texts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.plots.images import paint_squares
from app.plots.text_tile import paint_text_tile
from app.theme import current_theme

_CELL_PX = 30
_GAP_PX = 7
_TEXT_PX = 112
_EDGE_PX = 3
_LEAST_PX = 111
_QUIET = 0.62
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class SampleStrip(QWidget):
    """One picture, or the beginning of one text, for each sample; the chosen one is ringed."""

    sample_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[QImage, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._chosen = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Sample"))

    @property
    def chosen(self) -> int:
        return self._chosen

    @property
    def shown(self) -> range:
        """The samples that have room; where not all have, the chosen one is among them."""
        room = max(1, (self.width() - 1) // self._pitch_px)
        first = max(0, self._chosen - room + 1)
        return range(first, min(len(self), first + room))

    def __len__(self) -> int:
        return max(len(self._images), len(self._texts))

    def show_samples(
        self, images: Sequence[QImage], labels: Sequence[str], texts: Sequence[str] = ()
    ) -> None:
        """Show samples with what they are labelled.

        Args:
            texts: How they begin where they are texts; a blank one is shown by its picture.
        """
        self._images, self._texts = tuple(images), tuple(texts)
        self._labels = tuple(labels)
        self._chosen = min(self._chosen, len(self) - 1)
        self.updateGeometry()
        self._describe()

    def show_chosen(self, sample: int) -> None:
        """Ring a sample without announcing it; none for −1."""
        if sample != self._chosen and -1 <= sample < len(self):
            self._chosen = sample
            self._describe()

    def choose(self, sample: int) -> None:
        """Choose a sample as the person would."""
        if 0 <= sample < len(self) and sample != self._chosen:
            self.show_chosen(sample)
            self.sample_chosen.emit(sample)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(self._pitch_px * len(self) + 1, _CELL_PX + 2 * _EDGE_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(min(self.sizeHint().width(), _LEAST_PX), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in self.shown:
            box = self._cell(index)
            painter.setOpacity(1.0 if index == self._chosen else _QUIET)
            if self._text(index):
                paint_text_tile(painter, self._texts[index], box)
            else:
                paint_squares(painter, self._images[index], box)
            if index == self._chosen:
                painter.setPen(QPen(current_theme().colours.accent, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 7, 7)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.choose(self._sample_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(self._chosen + step)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            sample = self._sample_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._name(sample), self)
            return True
        return super().event(event)

    def _cell(self, index: int) -> QRectF:
        place = index - self.shown.start
        left = _EDGE_PX + place * self._pitch_px
        return QRectF(left, _EDGE_PX, self._pitch_px - _GAP_PX, _CELL_PX)

    @property
    def _pitch_px(self) -> int:
        """From one sample to the next."""
        return (_TEXT_PX if self._texts else _CELL_PX) + _GAP_PX

    def _text(self, sample: int) -> str:
        return self._texts[sample] if sample < len(self._texts) else ""

    def _sample_at(self, position: QPointF) -> int:
        cells = ((index, self._cell(index).adjusted(-3, -3, 3, 3)) for index in self.shown)
        return next((index for index, cell in cells if cell.contains(position)), -1)

    def _name(self, sample: int) -> str:
        if not 0 <= sample < len(self):
            return ""
        name = self.tr("Sample {0}").format(sample + 1)
        if sample < len(self._labels):
            name = f"{name}, {self._labels[sample]}"
        return f"{name}: {text}" if (text := self._text(sample)) else name

    def _describe(self) -> None:
        self.setAccessibleDescription(self._name(self._chosen))
        self.update()


class SamplePicture(QWidget):
    """The chosen sample, as large as its column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(80)
        self.setAccessibleName(self.tr("Input"))

    def show_image(self, image: QImage, label: str) -> None:
        self._image = image
        self.setAccessibleDescription(label)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        # A layout asks for the width of its column, wherever this is narrower.
        width = min(width, self.maximumWidth())
        if self._image.isNull():
            return width
        return min(width, max(24, width * self._image.height() // self._image.width()))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(164, self.heightForWidth(164))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_squares(painter, self._image, QRectF(self.rect()))
