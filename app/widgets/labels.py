"""Text: lines in a style and tone, and key caps."""

from __future__ import annotations

import re
from html import escape
from typing import Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.theme.fonts import font, line_height_px
from app.theme.tokens import StyleName
from app.widgets.growing import follow_height

Tone = Literal["text", "text2", "text3", "accent", "err", "warn", "ok", "train", "val"]

_BOLD = re.compile(r"\*\*(.+?)\*\*")


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
    """Text that wraps at the width it is given, in the line height of its style.

    The text is plain; ``**words**`` between two stars are bold.
    """

    def __init__(
        self,
        text: str = "",
        style: StyleName = "body",
        tone: Tone = "text2",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", style, tone, parent=parent)
        self._style = style
        self._words = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_words(text)

    def set_words(self, text: str) -> None:
        """Change the text."""
        self._words = text
        words = _BOLD.sub(r"<b>\1</b>", escape(text)).replace("\n", "<br>")
        # Else rich text makes a plain space of the narrow one, and a number breaks over two lines.
        style = f"line-height: {line_height_px(self._style)}px; white-space: pre-wrap"
        self.setText(f'<p style="{style}">{words}</p>' if words else "")
        self.setAccessibleName(_BOLD.sub(r"\1", text))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.text():
            # The height of a line stands in the text itself.
            self.set_words(self._words)


class KeyCap(QLabel):
    """A key, drawn as one: Tab."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(keys, parent)
        self.setFont(font("micro", weight=500))
        follow_height(self, lambda: line_height_px("micro") + 2)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(self.tr("Key %s") % keys)
