"""Python that is written: line numbers, colours, the line of an error, and indents that follow."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from app.code.view import CodeView
from app.theme import ThemeManager

_INDENT = "    "


class LayerText(CodeView):
    """Source that can be edited; its undo is its own."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setReadOnly(False)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextEditorInteraction)
        self.setTabStopDistance(4 * QFontMetricsF(self.font()).horizontalAdvance(" "))
        self.mark_tone = "err_soft"

    def show_error(self, line: int) -> None:
        """Mark the line of an error; 0 marks none."""
        self.mark([line] if line else [], show_first=False)

    def go_to(self, line: int) -> None:
        """Put the cursor at the begin of a line."""
        cursor = QTextCursor(self.document().findBlockByNumber(max(0, line - 1)))
        self.setTextCursor(cursor)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        match event.key():
            case Qt.Key.Key_Tab if not self.textCursor().hasSelection():
                self.insertPlainText(_INDENT)
            case Qt.Key.Key_Tab:
                self._shift_lines(1)
            case Qt.Key.Key_Backtab:
                self._shift_lines(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.insertPlainText("\n" + self._next_indent())
                self.ensureCursorVisible()
            case _:
                super().keyPressEvent(event)

    def _next_indent(self) -> str:
        """Return the indent of a line that begins here: one deeper behind a colon."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = re.match(r"\s*", before)
        deeper = before.split("#")[0].rstrip().endswith(":")
        return (indent[0] if indent else "") + (_INDENT if deeper else "")

    def _shift_lines(self, by: int) -> None:
        """Indent the selected lines by one step, or take one away."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart()).blockNumber()
        last = self.document().findBlock(cursor.selectionEnd()).blockNumber()
        cursor.beginEditBlock()
        for number in range(first, last + 1):
            line = QTextCursor(self.document().findBlockByNumber(number))
            if by > 0:
                line.insertText(_INDENT)
                continue
            for _ in range(len(_INDENT)):
                if not line.block().text().startswith(" "):
                    break
                line.deleteChar()
        cursor.endEditBlock()
