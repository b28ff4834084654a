"""A text as it is stored, and below it the tokens that a model reads, each above its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.theme import current_theme, font, theme_manager
from app.theme.fonts import line_height_px
from app.widgets import FlowText
from engine.data.token_steps import TextStep, Token

_GAP_PX: Final = 4
_INSET_PX: Final = 5
_CORNER_PX: Final = 5
_SEEN: Final = {" ": "␣", "\n": "↵", "\t": "⇥"}


class TokenFlow(QWidget):
    """A text before and after; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("A text as stored, and as the model gets it"))
        self._before_size = FlowText("", "micro", "text3")
        self._before = FlowText("", "small", "text")
        self._after_size = FlowText("", "micro", "text3")
        self.chips = _Chips()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP_PX)
        for part in (self._before_size, self._before, self._after_size, self.chips):
            column.addWidget(part)
        self.hide()

    def show_text(self, step: TextStep | None) -> None:
        """Show what becomes of a text, or nothing."""
        self.setVisible(step is not None)
        if step is not None:
            self._before_size.set_words(self.tr("As stored · {0}").format(step.before_size))
            self._before.set_words(step.before)
            words = self.tr("As the model gets it · {0}")
            self._after_size.set_words(words.format(step.after_size))
            self.chips.show_tokens(step.after)


class _Chips(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._tokens: tuple[Token, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setToolTip(self.tr("A dashed one is not known: all such have the number 1."))
        theme_manager().changed.connect(self.updateGeometry)
        theme_manager().changed.connect(self.update)

    def show_tokens(self, tokens: tuple[Token, ...]) -> None:
        """Show other tokens."""
        self._tokens = tokens
        self.setAccessibleName(" ".join(f"{piece} {number}" for piece, number in tokens))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(240, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        boxes = [box for _, box in self._boxes(width)]
        return round(boxes[-1].bottom()) + 1 if boxes else 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for token, box in self._boxes(self.width()):
            ink = colours.text if token.is_known else colours.warn
            line = Qt.PenStyle.SolidLine if token.is_known else Qt.PenStyle.DashLine
            painter.setPen(QPen(colours.line if token.is_known else colours.warn, 1, line))
            painter.drawRoundedRect(box, _CORNER_PX, _CORNER_PX)
            upper = QRectF(box.left(), box.top() + 1, box.width(), line_height_px("small"))
            painter.setFont(font("small"))
            painter.setPen(ink)
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, _shown(token))
            lower = QRectF(box.left(), upper.bottom(), box.width(), line_height_px("micro"))
            painter.setFont(font("micro"))
            painter.setPen(colours.text3)
            painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, str(token.number))

    def _boxes(self, width: int) -> Iterator[tuple[Token, QRectF]]:
        """Yield where each token stands, line by line."""
        of_piece, of_number = QFontMetricsF(font("small")), QFontMetricsF(font("micro"))
        height = line_height_px("small") + line_height_px("micro") + 2
        left = top = 0.5
        for token in self._tokens:
            words = max(
                of_piece.horizontalAdvance(_shown(token)),
                of_number.horizontalAdvance(str(token.number)),
            )
            side = min(words + 2 * _INSET_PX, width - 1)
            if left > 1 and left + side > width:
                left, top = 0.5, top + height + _GAP_PX
            yield token, QRectF(left, top, side, height)
            left += side + _GAP_PX


def _shown(token: Token) -> str:
    return "".join(_SEEN.get(letter, letter) for letter in token.piece)
