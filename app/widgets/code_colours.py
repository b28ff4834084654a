"""Python source in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType, is_token_subtype
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from app.theme import ThemeManager, font

_TONES: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "text3"),
    (Token.Literal.String.Doc, "text3"),
    (Token.Literal.String, "val"),
    (Token.Literal.Number, "ok"),
    (Token.Keyword, "accent"),
    (Token.Operator.Word, "accent"),
    (Token.Name.Builtin.Pseudo, "text2"),
    (Token.Name.Function, "text"),
    (Token.Name.Class, "text"),
)
_QUOTES = '"""'
_IN_DOCSTRING = 1
_BOLD = (Token.Name.Class, Token.Name.Function)


class CodeColours(QSyntaxHighlighter):
    """Colours a document line by line; follows the theme."""

    def __init__(self, document: QTextDocument, theme: ThemeManager) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    @cached_property
    def _lexer(self) -> PythonLexer:
        # Made with the first line of code: its patterns take longer than most panels.
        return PythonLexer(stripnl=False, ensurenl=False)

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt override
        start = 0
        if self.previousBlockState() == _IN_DOCSTRING:
            start = self._docstring_end(text)
        opened = text.find(_QUOTES, start) if text.count(_QUOTES, start) == 1 else len(text)
        for at, length, token in self._tokens(text[start:opened]):
            self._colour(start + at, length, token)
        if opened < len(text):
            self._colour(opened, len(text) - opened, Token.Literal.String.Doc)
            self.setCurrentBlockState(_IN_DOCSTRING)

    def _docstring_end(self, text: str) -> int:
        """Colour what still belongs to a docstring and return where the code goes on."""
        found = text.find(_QUOTES)
        end = len(text) if found < 0 else found + len(_QUOTES)
        self._colour(0, end, Token.Literal.String.Doc)
        if found < 0:
            self.setCurrentBlockState(_IN_DOCSTRING)
        return end

    def _tokens(self, text: str) -> Iterator[tuple[int, int, _TokenType]]:
        for start, token, value in self._lexer.get_tokens_unprocessed(text):
            yield start, len(value), token

    def _colour(self, start: int, length: int, token: _TokenType) -> None:
        look = self._format(token)
        if look is not None:
            self.setFormat(start, length, look)

    def _format(self, token: _TokenType) -> QTextCharFormat | None:
        for kind, tone in _TONES:
            if is_token_subtype(token, kind):
                look = QTextCharFormat()
                look.setForeground(self._theme.theme.colours[tone])
                if token in _BOLD:
                    look.setFontWeight(500)
                return look
        return None


class CodeText(QPlainTextEdit):
    """A few lines of code to read and to copy, exactly as high as they are."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFont(font("code"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("surface", "none")
        self.document().setDocumentMargin(0)
        self._colours = CodeColours(self.document(), theme)

    def set_code(self, code: str) -> None:
        """Show other code."""
        if code != self.toPlainText():
            self.setPlainText(code)
        lines = code.count("\n") + 1
        self.setFixedHeight(lines * QFontMetrics(self.font()).lineSpacing() + 2)
