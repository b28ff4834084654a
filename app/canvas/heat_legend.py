"""The legend of the colours on the canvas: what they stand for, from where to where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.canvas.heat import SHADES, heat_colour
from app.theme import current_theme, font

_WIDTH, _HEIGHT = 232, 62
_INSET = 12
_RAMP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendWords:
    """What stands in the legend."""

    title: str
    low: str = ""
    high: str = ""
    is_log: bool = False
    note: str = ""
    """In place of the scale, where there is nothing to show yet."""


class HeatLegend(QWidget):
    """Title, scale and its ends."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = LegendWords(title="")
        self.resize(_WIDTH, _HEIGHT)
        self.hide()

    @property
    def words(self) -> LegendWords:
        """What it says."""
        return self._words

    def show_words(self, words: LegendWords | None) -> None:
        """Say something else; nothing hides the legend."""
        self.setVisible(words is not None)
        if words is None or words == self._words:
            return
        self._words = words
        scale = self.tr("from {0} to {1}").format(words.low, words.high)
        kind = self.tr("logarithmic") if words.is_log else self.tr("linear")
        said = words.note or f"{scale}, {kind}"
        self.setAccessibleName(f"{words.title}: {said}")
        self.setToolTip(self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme, words = current_theme(), self._words
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.raised)
        painter.setPen(theme.card_border)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.button, theme.radius.button)
        inner = QRectF(self.rect()).adjusted(_INSET, 7, -_INSET, -7)
        top = QRectF(inner.left(), inner.top(), inner.width(), 16)
        kind = "" if words.note else self.tr("log") if words.is_log else self.tr("linear")
        self._write(painter, top, words.title, strong=True)
        self._write(painter, top, kind, Qt.AlignmentFlag.AlignRight)
        below = QRectF(inner.left(), inner.bottom() - 16, inner.width(), 16)
        if words.note:
            self._write(painter, below, words.note)
            return
        self._paint_ramp(painter, QRectF(inner.left(), top.bottom() + 4, inner.width(), _RAMP))
        self._write(painter, below, words.low)
        self._write(painter, below, words.high, Qt.AlignmentFlag.AlignRight)

    def _paint_ramp(self, painter: QPainter, box: QRectF) -> None:
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        wide = box.width() / SHADES
        for shade in range(SHADES):
            part = QRectF(box.left() + shade * wide, box.top(), wide + 1, box.height())
            painter.fillRect(part.intersected(box), heat_colour(theme.name, shade))
        painter.setPen(theme.colours.line2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _write(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        *,
        strong: bool = False,
    ) -> None:
        colours, face = current_theme().colours, font("small", weight=600 if strong else None)
        painter.setFont(face)
        painter.setPen(colours.text if strong else colours.text2)
        elide = Qt.TextElideMode.ElideRight
        shown = QFontMetrics(face).elidedText(text, elide, int(box.width()))
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)
