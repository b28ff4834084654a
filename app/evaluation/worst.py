"""The samples that the model is most wrong about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.figures import figure, percent
from app.plots.images import paint_squares
from app.plots.text_tile import paint_text_tile
from app.theme import current_theme, font
from engine.training.insight import WorstSample

_COLUMNS, _TEXT_COLUMNS = 4, 2
_PICTURE_PX, _LINE_PX, _GAP_PX = 48, 16, 8


class WorstSamples(QWidget):
    """Pictures or texts that read "label as prediction"; a click looks at the sample."""

    sample_chosen = Signal(int)
    """The place of a sample among those kept aside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[WorstSample, ...] = ()
        self._pictures: tuple[QImage, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._chosen = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Worst samples"))

    def show_samples(
        self,
        samples: Sequence[WorstSample],
        pictures: Sequence[QImage],
        texts: Sequence[str] = (),
    ) -> None:
        """Show samples, the greatest loss first, each as its picture or as how its text begins."""
        self._samples, self._pictures = tuple(samples), tuple(pictures)
        self._texts = tuple(texts)
        self._chosen = -1
        self.updateGeometry()
        self.update()

    def sentence(self, place: int) -> str:
        """Say what is wrong with a sample."""
        worst = self._samples[place]
        text = self.tr("Sample {0}: {1} read as {2}").format(worst.place, worst.truth, worst.called)
        sure = worst.confidence
        if not worst.called and sure is not None:
            return self.tr("Sample {0}: mean IoU {1}").format(worst.place, percent(sure))
        if sure is None:
            return self.tr("{0}, squared error {1}").format(text, figure(worst.loss))
        text = self.tr("{0}, {1} sure").format(text, percent(sure))
        return f"{text}\n{self._texts[place]}" if place < len(self._texts) else text

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        rows = -(-max(1, len(self._samples)) // self._columns)
        height = rows * (_PICTURE_PX + _LINE_PX + _GAP_PX)
        return QSize(_COLUMNS * (_PICTURE_PX + 12), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return self.sizeHint()

    def box(self, place: int) -> QRectF:
        """Return where a picture is painted."""
        row, column = divmod(place, self._columns)
        pitch = self.width() / self._columns
        top = row * (_PICTURE_PX + _LINE_PX + _GAP_PX) + 2
        return QRectF(column * pitch + 2, top, min(self._widest_px, pitch - 6), _PICTURE_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._choose(self._at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        step = self._steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._chosen + step if self._chosen >= 0 else 0)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.sentence(place) if place >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self._samples)):
            self._paint_sample(painter, place)

    def _paint_sample(self, painter: QPainter, place: int) -> None:
        colours, box, worst = current_theme().colours, self.box(place), self._samples[place]
        if place < len(self._pictures):
            paint_squares(painter, self._pictures[place], box)
        elif place < len(self._texts):
            paint_text_tile(painter, self._texts[place], box)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.hover)
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(colours.text2)
            painter.setFont(font("micro"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(worst.place))
        if place == self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.accent, 2))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 6, 6)
        line = QRectF(box.left() - 4, box.bottom() + 1, box.width() + 8, _LINE_PX)
        align = Qt.AlignmentFlag.AlignCenter
        painter.setFont(font("micro"))
        painter.setPen(colours.text2)
        read = (worst.truth, worst.called)
        if worst.confidence is None:
            read = (_brief(worst.truth), _brief(worst.called))
        words = self.tr("{0} as {1}").format(*read)
        if not worst.called and worst.confidence is not None:
            words = percent(worst.confidence)
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(words) > line.width():
            # Beside the picture is room up to the next.
            line = QRectF(box.left(), line.top(), self.width() / self._columns - 4, _LINE_PX)
            words = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, round(line.width()))
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, align, words)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._samples):
            self._chosen = place
            self.setAccessibleDescription(self.sentence(place))
            self.update()
            self.sample_chosen.emit(self._samples[place].place)

    @property
    def _columns(self) -> int:
        return _TEXT_COLUMNS if self._texts else _COLUMNS

    @property
    def _widest_px(self) -> float:
        return self.width() if self._texts else _PICTURE_PX

    @property
    def _steps(self) -> dict[Qt.Key, int]:
        """How many samples further a key leads."""
        row = self._columns
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
        return dict(zip(keys, (-1, 1, -row, row), strict=True))

    def _at(self, position: QPointF) -> int:
        boxes = (self.box(place) for place in range(len(self._samples)))
        return next((k for k, box in enumerate(boxes) if box.contains(position)), -1)


def _brief(number: str) -> str:
    """Write a number so that two of them fit below a picture."""
    try:
        value = float(number)
    except ValueError:
        return number
    whole = 10 <= abs(value) < 10_000  # NaN is not
    return (f"{value:.0f}" if whole else f"{value:.2g}").replace("-", "−")
