"""One of a few choices in a column: a word and, below it, when to take it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme.fonts import font, line_height_px
from app.theme.theme import current_theme

_PADDING_PX = 12


class ChoiceRow(QAbstractButton):
    """A row that stays chosen; several in a QButtonGroup are a choice."""

    def __init__(self, title: str, note: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = note
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setAccessibleDescription(note)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = self.fontMetrics().horizontalAdvance(self._note)
        height = line_height_px("body") + line_height_px("small") + 2 * 8
        return QSize(width + 2 * _PADDING_PX, height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = current_theme()
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() or self.isChecked() else 0.45)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.accent_soft if self.isChecked() else colours.hover)
            painter.drawRoundedRect(QRectF(self.rect()), theme.radius.field, theme.radius.field)
        inner = self.rect().adjusted(_PADDING_PX, 8, -_PADDING_PX, -8)
        painter.setPen(colours.text)
        painter.setFont(font(weight=600))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, self.text())
        painter.setPen(colours.text2)
        painter.setFont(font("small"))
        note = painter.fontMetrics().elidedText(
            self._note, Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, note)
