"""A small button that floats on the canvas or stands in a row: 26 px high."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme.fonts import font
from app.theme.icons import pixmap
from app.theme.theme import current_theme, theme_manager

_PADDING_PX = 10
_GAP_PX = 7
_DOT_PX = 7
_GLYPH_PX = 14
_CHEVRON_PX = 12


class Chip(QAbstractButton):
    """A word, with a dot or an icon before it, a quiet note behind it and a chevron if it opens."""

    def __init__(
        self,
        text: str,
        note: str = "",
        *,
        dot: str = "",
        icon_name: str = "",
        opens: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make a chip; ``dot`` is a colour token and stands before the icon in rank."""
        super().__init__(parent)
        self._note = note
        self._dot = dot
        self._icon_name = icon_name
        self._opens = opens
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()
        theme_manager().changed.connect(self._on_theme_changed)

    def set_words(self, text: str, note: str = "") -> None:
        """Change the word and the note."""
        self._note = note
        self.setText(text)
        self._name()
        self.updateGeometry()

    def set_dot(self, token: str) -> None:
        """Change the colour of the dot; none for an empty token."""
        self._dot = token
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = 2 * _PADDING_PX + QFontMetrics(_word_font()).horizontalAdvance(self.text())
        if self._note:
            width += _GAP_PX + QFontMetrics(font("small")).horizontalAdvance(self._note)
        if self._dot or self._icon_name:
            width += self._mark_width() + _GAP_PX
        if self._opens:
            width += _CHEVRON_PX + _GAP_PX
        return QSize(width, current_theme().size.chip)

    def _on_theme_changed(self) -> None:
        if self.size() != self.sizeHint():
            self.updateGeometry()
            self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        at = self._paint_mark(painter, _PADDING_PX)
        at = self._paint_text(painter, at, self.text(), _word_font(), colours.text)
        if self._note:
            self._paint_text(painter, at + _GAP_PX, self._note, font("small"), colours.text3)
        if self._opens:
            self._paint_glyph(
                painter, "chevron-down", self.width() - _PADDING_PX - _CHEVRON_PX, _CHEVRON_PX
            )

    def _paint_ground(self, painter: QPainter) -> None:
        theme = current_theme()
        is_lit = self.isEnabled() and (self.underMouse() or self.isDown())
        painter.setBrush(theme.colours.hover if is_lit else theme.colours.raised)
        painter.setPen(theme.colours.line2 if theme.is_dark else theme.card_border)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.button, theme.radius.button)

    def _paint_mark(self, painter: QPainter, at: int) -> int:
        if self._dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current_theme().colours[self._dot])
            painter.drawEllipse(QRectF(at, (self.height() - _DOT_PX) / 2, _DOT_PX, _DOT_PX))
        elif self._icon_name:
            self._paint_glyph(painter, self._icon_name, at, _GLYPH_PX)
        else:
            return at
        return at + self._mark_width() + _GAP_PX

    def _paint_text(self, painter: QPainter, at: int, text: str, look: QFont, ink: QColor) -> int:
        painter.setFont(look)
        painter.setPen(ink)
        width = QFontMetrics(look).horizontalAdvance(text)
        painter.drawText(at, 0, width + 1, self.height(), Qt.AlignmentFlag.AlignVCenter, text)
        return at + width

    def _paint_glyph(self, painter: QPainter, name: str, at: int, size_px: int) -> None:
        ink = current_theme().colours.text2
        picture = pixmap(name, size_px, ink, self.devicePixelRatioF())
        painter.drawPixmap(at, (self.height() - size_px) // 2, picture)

    def _mark_width(self) -> int:
        return _DOT_PX if self._dot else _GLYPH_PX

    def _name(self) -> None:
        self.setAccessibleName(f"{self.text()} {self._note}".strip())


def _word_font() -> QFont:
    return font("small", weight=500)
