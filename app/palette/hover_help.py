"""Help on what the pointer rests on in a list of layers, after a moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from app.blocks import block_of, is_block
from app.document import Document
from app.palette.help_card import HelpCard
from app.theme import ThemeManager
from nodes.catalogue import LAYERS

_AFTER_MS = 500


class HoverHelp(QObject):
    """Shows the card half a second after a row is pointed at; at once while it is open.

    Args:
        owner: The list; nothing is shown while it is hidden.
    """

    def __init__(self, document: Document, theme: ThemeManager, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._document = document
        self.card = HelpCard(document, theme, owner)
        self._wanted: tuple[str, QRect] | None = None
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._timer.timeout.connect(self._on_rested)

    def point_at(self, key: str, row: QRect) -> None:
        """Say that the pointer is on the row of a layer or a block.

        Args:
            row: Where it is on the screen.
        """
        self._wanted = key, row
        if self.card.isVisible():
            self._show()
        else:
            self._timer.start()

    def leave(self) -> None:
        """Say that the pointer is on no row any more."""
        self._timer.stop()
        self._wanted = None
        self.card.hide()

    def _on_rested(self) -> None:
        # Leaving is not told where a drag or another window took the pointer away.
        if self._wanted is not None and self._wanted[1].contains(QCursor.pos()):
            self._show()

    def _show(self) -> None:
        if self._wanted is None or not self._owner.isVisible():
            return
        key, row = self._wanted
        block = block_of(key, self._document) if is_block(key) else None
        if block is not None:
            self.card.show_block(block, row)
        elif key in LAYERS:
            self.card.show_layer(key, row)
