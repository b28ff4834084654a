"""The field over a title while a card or a frame is renamed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.canvas.style import card_font


class TitleField(QLineEdit):
    """Enter and leaving take the name, Esc does not."""

    asked = Signal()
    """It is about to take the keyboard."""

    accepted = Signal(str)
    ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(card_font("node_title"))
        self.setMaxLength(80)
        self.setAccessibleName(self.tr("Name"))
        self.hide()

    def ask(self, title: str, prompt: str) -> None:
        """Begin with a name; ``prompt`` is what an empty one stands for."""
        self.asked.emit()
        self.setText(title)
        self.setPlaceholderText(prompt)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self._end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        else:
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take()

    def _take(self) -> None:
        if not self.isHidden():
            self.hide()
            self.accepted.emit(self.text().strip())
            self.ended.emit()

    def _end(self) -> None:
        if not self.isHidden():
            self.hide()
            self.ended.emit()
