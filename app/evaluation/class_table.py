"""Precision, recall and F1 of each class; IoU in its place where pixels have classes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, percent_digits
from app.plots.class_colours import class_colour
from app.theme import current_theme, font
from engine.training.insight import ClassFigures

_ROW_PX, _NUMBER_PX, _DOT_PX = 23, 58, 7
_GAP_PX = 9
_NAME_PX = 110
"""What names have beside numbers that stand in comfort."""


class ClassTable(QWidget):
    """A row for each class; the weakest is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[ClassFigures, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Figures per class"))

    def show_classes(self, classes: Sequence[ClassFigures]) -> None:
        """Show the figures of every class."""
        self._classes = tuple(classes)
        rows = [" ".join([each.name, *self._numbers(each)]) for each in self._classes]
        self.setAccessibleDescription("; ".join(rows))
        self.updateGeometry()
        self.update()

    @property
    def weakest(self) -> int:
        """The class with the lowest last figure, or −1."""
        known = [k for k, each in enumerate(self._classes) if _last(each) is not None]
        return min(known, key=lambda k: _last(self._classes[k]) or 0.0, default=-1)

    @property
    def _of_pixels(self) -> bool:
        return any(each.iou is not None for each in self._classes)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(300, (len(self._classes) + 1) * _ROW_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(44 + 4 * 50, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = current_theme().colours
        painter.setFont(font("micro"))
        self._paint_numbers(painter, 0, self._heads(), [colours.text3] * 4)
        first = max(0, event.rect().top() // _ROW_PX - 1)
        end = min(len(self._classes), event.rect().bottom() // _ROW_PX + 1)
        for k in range(first, end):
            self._paint_row(painter, k)

    def _paint_row(self, painter: QPainter, k: int) -> None:
        theme, each = current_theme(), self._classes[k]
        top = (k + 1) * _ROW_PX
        painter.fillRect(QRectF(0, top, self.width(), 1), theme.colours.line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(class_colour(k, len(self._classes), theme))
        painter.drawEllipse(QRectF(1, top + (_ROW_PX - _DOT_PX) / 2, _DOT_PX, _DOT_PX))
        painter.setFont(font("small", weight=600))
        painter.setPen(theme.colours.text)
        room = self.width() - sum(self._columns_px()) - 16
        name = painter.fontMetrics().elidedText(each.name, Qt.TextElideMode.ElideRight, round(room))
        painter.drawText(QRectF(14, top, room, _ROW_PX), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font("small"))
        strong = theme.colours.warn if k == self.weakest else theme.colours.text
        inks = [theme.colours.text3, theme.colours.text, theme.colours.text, strong]
        self._paint_numbers(painter, top, self._numbers(each), inks)

    def _paint_numbers(
        self, painter: QPainter, top: float, texts: Sequence[str], inks: Sequence[QColor]
    ) -> None:
        columns = self._columns_px()
        left = self.width() - sum(columns)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for text, ink, wide in zip(texts, inks, columns, strict=True):
            painter.setPen(ink)
            painter.drawText(QRectF(left, top, wide, _ROW_PX), right, text)
            left += wide

    def _numbers(self, each: ClassFigures) -> tuple[str, ...]:
        shares = (each.precision, each.recall, _last(each))
        return (
            count(each.samples),
            *("–" if share is None else percent_digits(share) for share in shares),
        )

    def _heads(self) -> tuple[str, ...]:
        last = self.tr("IoU") if self._of_pixels else self.tr("F1")
        return self.tr("count"), self.tr("precision"), self.tr("recall"), last

    def _columns_px(self) -> list[float]:
        """Return how wide the numbers are: no wider than they need where names want the room."""
        if self.width() >= _NAME_PX + 4 * _NUMBER_PX:
            return [_NUMBER_PX] * 4
        heads, numbers = QFontMetricsF(font("micro")), QFontMetricsF(font("small"))
        most = max((each.samples for each in self._classes), default=0)
        widest = (count(most), "100.0", "100.0", "100.0")
        return [
            max(heads.horizontalAdvance(head), numbers.horizontalAdvance(number)) + _GAP_PX
            for head, number in zip(self._heads(), widest, strict=True)
        ]


def _last(each: ClassFigures) -> float | None:
    """Return the one figure that says it all."""
    return each.f1 if each.iou is None else each.iou
