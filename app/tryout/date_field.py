"""A field that takes a date."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.theme.fonts import font
from engine.data import prepare


class DateField(QLineEdit):
    """A line in which a date is written; what is no date is taken back."""

    committed = Signal(str)
    """The date that the person wrote."""

    def __init__(self, name: str, value: str, *, parent: QWidget | None = None) -> None:
        super().__init__(value, parent)
        self.setAccessibleName(name)
        self.setFont(font())
        self._value = value
        self.editingFinished.connect(self._on_finished)

    @property
    def value(self) -> str:
        """The date that holds, as it is written."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show a date without announcing it."""
        self._value = value
        self.setText(value)

    def _on_finished(self) -> None:
        text = self.text().strip()
        try:
            prepare.date(text)
        except ValueError:
            self.setText(self._value)
            return
        if text != self._value:
            self.set_value(text)
            self.committed.emit(text)
