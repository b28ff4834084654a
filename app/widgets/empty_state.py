"""What a panel shows while it has nothing to show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.theme.icons import SIZE_PX, pixmap
from app.theme.theme import current_theme
from app.widgets.buttons import Button
from app.widgets.labels import FlowText

_TEXT_WIDTH_PX = 280


class Glyph(QWidget):
    """An icon that is only looked at, in a colour that follows the theme."""

    def __init__(
        self,
        name: str,
        token: str = "text3",
        *,
        size_px: int = SIZE_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = name
        self._token = token
        self.setFixedSize(QSize(size_px, size_px))

    def set_glyph(self, name: str, token: str) -> None:
        """Change icon and colour token."""
        self._icon, self._token = name, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        ink = current_theme().colours[self._token]
        picture = pixmap(self._icon, self.width(), ink, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, picture)


class EmptyState(QWidget):
    """A glyph, one sentence and the step that fills the panel."""

    acted = Signal()
    """The person pressed the button."""

    def __init__(
        self, icon_name: str, sentence: str, action: str = "", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._coming = ""
        self._again: Callable[[], None] | None = None
        self._glyph = Glyph(icon_name)
        self._sentence = FlowText(sentence, tone="text2")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setMaximumWidth(_TEXT_WIDTH_PX)
        self._button = Button(action)
        self._button.clicked.connect(self._on_pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(self._glyph, alignment=Qt.AlignmentFlag.AlignHCenter)
        # Aligned in the column, the text would get the height of one line.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._sentence, stretch=100)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.set_words(sentence, action)

    def set_words(self, sentence: str, action: str = "") -> None:
        """Change the sentence and the button; no button without an action."""
        self._said = sentence, action
        self._show_words()

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say in their place what is under way; empty where nothing is any more.

        Args:
            again: What a button does where it came to nothing.
        """
        if (words, again) != (self._coming, self._again):
            self._coming, self._again = words, again
            self._show_words()

    def _on_pressed(self) -> None:
        if self._coming and self._again is not None:
            self._again()
        else:
            self.acted.emit()

    def _show_words(self) -> None:
        sentence, action = self._said
        if self._coming:
            sentence, action = self._coming, self.tr("Try again") if self._again else ""
        glyph = "warning" if self._again else "clock"
        self._glyph.set_glyph(glyph if self._coming else self._icon_name, "text3")
        self._sentence.set_words(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(sentence)
