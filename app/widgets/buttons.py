"""Push buttons by how much they matter, and buttons that are only an icon."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from app.theme.fonts import font
from app.theme.icons import SIZE_PX, icon
from app.theme.theme import current_theme

Kind = Literal["primary", "plain", "ghost", "danger", "link", "fold"]
Extent = Literal["small", "normal", "large"]

_ICON_TOKENS: dict[Kind, str] = {
    "primary": "on_accent",
    "plain": "text2",
    "ghost": "text2",
    "danger": "err",
    "link": "accent",
    "fold": "text2",
}
_BADGE_HEIGHT_PX = 14
_ICON_PX = 14
_ICON_GAP_PX = 4


class Button(QPushButton):
    """A button with a word on it; ``primary`` is the one filled button on screen."""

    def __init__(
        self,
        text: str,
        kind: Kind = "plain",
        *,
        icon_name: str = "",
        extent: Extent = "normal",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name = icon_name
        self.setProperty("extent", extent)
        self.setIconSize(QSize(_ICON_PX + _ICON_GAP_PX, _ICON_PX))
        self.setAutoDefault(False)
        self.set_kind(kind)

    def set_kind(self, kind: Kind) -> None:
        """Change how much the button matters."""
        self.setProperty("kind", kind)
        self.setFont(font(weight=600 if kind == "primary" else 500))
        if self._icon_name:
            self.setIcon(icon(self._icon_name, _ICON_TOKENS[kind], disabled="text3"))
        self.style().polish(self)

    def set_icon_name(self, name: str) -> None:
        """Change the icon."""
        self._icon_name = name
        self.set_kind(self.property("kind"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        """Let Enter press the button that has the focus: outside dialogs Qt takes Space alone."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)


class IconButton(QToolButton):
    """A square button with an icon alone; its name is in the tooltip."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        *,
        keys: QKeySequence | None = None,
        size_px: int = 28,
        icon_size_px: int = SIZE_PX,
        token: str = "text2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._token = token
        self._badge = ""
        self._name = name
        self.setIconSize(QSize(icon_size_px, icon_size_px))
        self.setFixedSize(size_px, size_px)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon_name(icon_name)
        self.set_name(name, keys)

    def set_icon_name(self, icon_name: str) -> None:
        """Change the icon."""
        self.setIcon(icon(icon_name, self._token, checked="text"))

    def set_name(self, name: str, keys: QKeySequence | None = None) -> None:
        """Change what the button is called and which keys do the same."""
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        self._name = name
        self.setToolTip(f"{name} ({shown})" if shown else name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(shown)

    def set_badge(self, count: int) -> None:
        """Show a count on the corner; none for 0."""
        self._badge = "" if count == 0 else str(count) if count < 100 else "99+"
        self.setAccessibleName(f"{self._name}, {count}" if count else self._name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        super().paintEvent(event)
        if self._badge:
            self._paint_badge()

    def _paint_badge(self) -> None:
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = font("micro", weight=600)
        look.setPixelSize(10)
        painter.setFont(look)
        width = max(_BADGE_HEIGHT_PX, QFontMetricsF(look).horizontalAdvance(self._badge) + 7)
        box = QRectF(self.width() - width - 1, 1, width, _BADGE_HEIGHT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.err)
        painter.drawRoundedRect(box, _BADGE_HEIGHT_PX / 2, _BADGE_HEIGHT_PX / 2)
        painter.setPen(colours.window)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._badge)
