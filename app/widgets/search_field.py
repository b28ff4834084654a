"""A field that filters a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.theme.icons import pixmap
from app.theme.theme import current_theme, theme_manager
from app.widgets.buttons import IconButton
from app.widgets.labels import KeyCap

_INSET_PX = 10
_GLASS_PX = 15


class SearchField(QLineEdit):
    """A line edit with a glass at the left and, while empty, the key that leads to it.

    Esc empties it; with nothing left to empty, the key goes on to whoever holds the field.
    """

    def __init__(self, prompt: str, *, keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(prompt)
        self.setAccessibleName(prompt)
        self._cap = KeyCap(keys, self)
        self._clear = IconButton("close", self.tr("Clear"), size_px=24, parent=self)
        self._clear.setIconSize(self._clear.iconSize() * 0.75)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self.clear)
        self.textChanged.connect(self._on_text_changed)
        theme_manager().changed.connect(self._place)
        self._on_text_changed("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc is often a shortcut of the window as well; while there is text it is ours.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        super().paintEvent(event)
        ink = current_theme().colours.text3
        glass = pixmap("search", _GLASS_PX, ink, self.devicePixelRatioF())
        QPainter(self).drawPixmap(_INSET_PX, (self.height() - _GLASS_PX) // 2, glass)

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._cap.setVisible(not text and bool(self._cap.text()))
        self._place()

    def _place(self) -> None:
        right = _INSET_PX
        for widget, inset in ((self._clear, 4), (self._cap, 8)):
            if not widget.isHidden():
                size = widget.sizeHint() if widget is self._cap else widget.size()
                left = self.width() - size.width() - inset
                widget.setGeometry(
                    QRect(left, (self.height() - size.height()) // 2, size.width(), size.height())
                )
                right = size.width() + inset
        # The frame and padding of the style sheet come on top of these.
        self.setTextMargins(_INSET_PX + _GLASS_PX - 3, 0, max(0, right - _INSET_PX), 0)
