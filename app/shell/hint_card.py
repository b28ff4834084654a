"""A card over the canvas that says what to do next; it takes no focus and blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout

from app.canvas.standing import Standing
from app.canvas.view import CanvasView
from app.theme.text_size import text_scale
from app.widgets import Button, FlowText, IconButton

_WIDTH_PX, _NARROW_PX = 320, 240
_BESIDE_PX = 8


class HintCard(QFrame):
    """A few words, a button or two, and a way to close it for good."""

    acted = Signal()
    """The first button was pressed."""

    closed = Signal()
    """The person has seen it and wants it gone."""

    def __init__(
        self,
        words: str,
        action: str,
        canvas: CanvasView,
        close: str = "",
        *,
        name: str = "",
    ) -> None:
        """Show words and a button.

        Args:
            close: What closing it is called; "Close" where empty.
            name: What it is called on the chip that stands for it where it would lie on layers.
        """
        super().__init__(canvas)
        self._canvas = canvas
        self.setProperty("kind", "card")
        self._words = FlowText(words, tone="text")
        self.setAccessibleName(self._words.accessibleName())
        self.action = Button(action, extent="small", parent=self)
        self.close_button = IconButton("close", close or self.tr("Close"), size_px=24)
        self.action.clicked.connect(self.acted)
        self.close_button.clicked.connect(self.closed)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self._words, 1)
        above.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignTop)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._shown = [self.action]
        self._buttons.addWidget(self.action)
        self._buttons.addStretch(1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 8, 14)
        column.setSpacing(10)
        column.addLayout(above)
        column.addLayout(self._buttons)
        self._standing = Standing(
            self,
            canvas,
            self._fit,
            narrow=lambda: self._fit(_NARROW_PX),
            in_middle=True,
        )
        self._standing.call(name)
        self.show()
        self._standing.place()
        self.raise_()

    def put_away(self) -> None:
        """Go, and the chip that stands for it with it."""
        self._standing.close()
        self.deleteLater()

    def add_button(self, text: str) -> Button:
        """Put one more button beside the first."""
        button = Button(text, extent="small")
        self._buttons.insertWidget(len(self._shown), button)
        self._shown.append(button)
        button.show()
        self._standing.place()
        return button

    def _fit(self, width: int = _WIDTH_PX) -> None:
        room = self._canvas.width() - 2 * _BESIDE_PX
        margins = self._column.contentsMargins()
        # The width of the buttons beside each other, however they stand now.
        beside = [each.sizeHint().width() + self._buttons.spacing() for each in self._shown]
        buttons = sum(beside) + margins.left() + margins.right()
        ways = QBoxLayout.Direction
        self._buttons.setDirection(ways.LeftToRight if buttons <= room else ways.TopToBottom)
        wanted = max(round(width * text_scale()), buttons)
        self.setFixedWidth(max(min(wanted, room), 0))
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))
