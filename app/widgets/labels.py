"""Text: lines in a style and tone, section titles and key caps."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.theme.fonts import font
from app.theme.tokens import StyleName

Tone = Literal["text", "text2", "text3", "accent", "err", "warn", "ok", "train", "val"]


class Label(QLabel):
    """One line of text in a text style and a colour that follows the theme."""

    def __init__(
        self,
        text: str = "",
        style: StyleName = "body",
        tone: Tone = "text",
        *,
        weight: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setFont(font(style, weight=weight))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)

    def set_tone(self, tone: Tone) -> None:
        """Change the colour."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().polish(self)


class FlowText(Label):
    """Text that wraps at the width it is given and can be selected."""

    def __init__(
        self,
        text: str = "",
        style: StyleName = "body",
        tone: Tone = "text2",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, style, tone, parent=parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


class SectionTitle(QWidget):
    """The name of a part, with a quiet note behind it: **Loss** per epoch."""

    def __init__(self, title: str, note: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(title, weight=600)
        self._note = Label(note, "small", "text3")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._title)
        self._row.addWidget(self._note)
        self._row.addStretch(1)
        self._name()

    def set_title(self, title: str) -> None:
        self._title.setText(title)
        self._name()

    def set_note(self, note: str) -> None:
        self._note.setText(note)
        self._name()

    def add_trailing(self, widget: QWidget) -> None:
        """Put something at the right end of the line."""
        self._row.addWidget(widget)

    def _name(self) -> None:
        self.setAccessibleName(f"{self._title.text()} {self._note.text()}".strip())


class KeyCap(QLabel):
    """A key, drawn as one: Tab."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(keys, parent)
        self.setFont(font("micro", weight=500))
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(self.tr("Key %s") % keys)
