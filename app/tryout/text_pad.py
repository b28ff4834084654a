"""A text as an input, and the pieces of it that the model reads."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.signs import visible_token
from app.theme import current_theme, faded, font
from app.tryout.pad import OF_WORDS, Given, Pad
from app.tryout.received import Parts
from app.widgets import SectionTitle
from engine.data import prepare
from engine.data.preparation import Tokens
from engine.training.insight import InputField, Subject

_PAUSE_MS = 60
_CHIP_PX, _GAP_PX, _PADDING_PX = 24, 5, 6
_STRONGEST = 0.6


class TextPad(Pad):
    """A field, and below it the tokens with what each adds to the answer."""

    def __init__(self, field: InputField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert isinstance(field.prepare, Tokens), "chosen for inputs of tokens"
        self.ways = OF_WORDS
        self._how = field.prepare
        self._split = prepare.splitter(field.prepare.unit, field.prepare.vocabulary)
        self.title = self.tr("Write")
        self.note = self.tr("at most {0} tokens are read").format(self._how.length)
        self.text = QPlainTextEdit()
        self.text.setFont(font())
        self.text.setPlaceholderText(self.tr("Type a text that the model is to read."))
        self.text.setAccessibleName(self.tr("Text"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(110)
        self.chips = TokenChips()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.text)
        column.addWidget(SectionTitle(self.tr("What the model reads"), self.tr("grey: unknown")))
        column.addWidget(self.chips)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._on_typed)
        self.text.textChanged.connect(self._timer.start)

    @property
    def unit(self) -> str:
        """What a token is: a character, a word or a piece of one."""
        return self._how.unit

    @property
    def can_go_on(self) -> bool:
        """Whether the model foresees what comes next, so that it can write."""
        return self._how.fills_end

    def given(self) -> Given | None:
        text = self.text.toPlainText()
        if not text.strip():
            return None
        return Given(Subject(key="", columns=json.dumps({self._how.column: [text]})))

    def take(self, given: Given) -> None:
        self.text.setPlainText(json.loads(given.subject.columns)[self._how.column][0])

    def show_parts(self, parts: Parts | None) -> None:
        """Colour the tokens by what they add.

        Shapes:
            parts: (length,), the padding included
        """
        count = len(self._read())
        first = 0 if self._how.fills_end or parts is None else len(parts) - count
        self.chips.show_parts(parts[first : first + count] if parts is not None and count else None)

    def _read(self) -> list[str]:
        """Return the tokens that the model gets of the text."""
        pieces = self._split(self.text.toPlainText())
        length = self._how.length
        return pieces[-length:] if self._how.keeps_end else pieces[:length]

    def _on_typed(self) -> None:
        self.chips.show_tokens(self._read(), set(self._how.vocabulary))
        self.changed.emit()


class TokenChips(QWidget):
    """Tokens in reading order, wrapped; colour says what speaks for the answer and against it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: tuple[str, ...] = ()
        self._known: frozenset[str] = frozenset()
        self._parts: Parts | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Tokens"))

    def show_tokens(self, tokens: Sequence[str], known: set[str]) -> None:
        """Show other tokens; those that the model does not know are quiet."""
        self._tokens, self._known, self._parts = tuple(tokens), frozenset(known), None
        self.setAccessibleDescription(" ".join(self._tokens))
        self.updateGeometry()
        self.update()

    def show_parts(self, parts: Parts | None) -> None:
        self._parts = parts
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, self.heightForWidth(280))

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        boxes = self._boxes(width)
        return round(boxes[-1].bottom()) + 2 if boxes else _CHIP_PX

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        for place, (token, box) in enumerate(
            zip(self._tokens, self._boxes(self.width()), strict=True)
        ):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colours.hover)
            painter.drawRoundedRect(box, theme.radius.small, theme.radius.small)
            part = int(self._parts[place]) if self._parts is not None else 0
            if part:
                colour = theme.colours.train if part > 0 else theme.colours.val
                painter.setBrush(faded(colour, abs(part) / 127 * _STRONGEST))
                painter.drawRoundedRect(box, theme.radius.small, theme.radius.small)
            is_known = token in self._known
            painter.setPen(theme.colours.text if is_known else theme.colours.text3)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, visible_token(token))

    def _boxes(self, width: int) -> list[QRectF]:
        metrics = QFontMetricsF(font("small"))
        boxes: list[QRectF] = []
        x, y = 0.0, 0.0
        for token in self._tokens:
            wide = max(14.0, metrics.horizontalAdvance(visible_token(token)) + 2 * _PADDING_PX)
            if x and x + wide > width:
                x, y = 0.0, y + _CHIP_PX + _GAP_PX
            boxes.append(QRectF(x, y, wide, _CHIP_PX))
            x += wide + _GAP_PX
        return boxes
