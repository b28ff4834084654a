"""The legend of the colours on the canvas: what they stand for, from where to where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.canvas.heat import SHADES, heat_colour
from app.theme import current_theme, font
from app.widgets.growing import follow_height

_INSET, _GAP = 10, 8
_RAMP_WIDTH, _RAMP_HEIGHT = 84, 8


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
    """Title, and the scale between its ends, in a strip as high as the other chips."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = LegendWords(title="")
        follow_height(self, lambda: current_theme().size.chip)
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
        self.adjustSize()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        texts = QFontMetrics(font("small")), QFontMetrics(font("small", weight=600))
        widths = [texts[strong].horizontalAdvance(text) for text, strong, _ in self._parts()]
        ramp = 0 if self._words.note else _RAMP_WIDTH + _GAP
        between = _GAP * (len(widths) - 1)
        return QSize(2 * _INSET + sum(widths) + between + ramp, current_theme().size.chip)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme, _words = current_theme(), self._words
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.raised)
        painter.setPen(theme.card_border)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.button, theme.radius.button)
        at = float(_INSET)
        for text, strong, before_ramp in self._parts():
            painter.setFont(font("small", weight=600 if strong else None))
            painter.setPen(theme.colours.text if strong else theme.colours.text2)
            wide = painter.fontMetrics().horizontalAdvance(text)
            room = QRectF(at, 0, wide + 1, self.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            at += wide + _GAP
            if before_ramp:
                top = (self.height() - _RAMP_HEIGHT) / 2
                self._paint_ramp(painter, QRectF(at, top, _RAMP_WIDTH, _RAMP_HEIGHT))
                at += _RAMP_WIDTH + _GAP

    def _parts(self) -> tuple[tuple[str, bool, bool], ...]:
        """Return what is written: the text, whether it is bold, whether the scale follows."""
        words = self._words
        if words.note:
            return (words.title, True, False), (words.note, False, False)
        kind = self.tr("log") if words.is_log else self.tr("linear")
        return (
            (words.title, True, False),
            (words.low, False, True),
            (words.high, False, False),
            (kind, False, False),
        )

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
