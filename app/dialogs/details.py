"""A dialog that says something and gives the details to copy."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import font
from app.widgets import Button, FlowText, SectionTitle


class DetailsDialog(QDialog):
    """A heading, some words, details in a field, and a button that copies them."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = details
        self.resize(620, 380)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(self._text(), 1)
        column.addLayout(self._buttons())

    def say(self, heading: str, words: str) -> None:
        """Put a heading and some words above the details."""
        self._column.insertWidget(0, SectionTitle(heading))
        self._column.insertWidget(1, FlowText(words))

    def add_button(self, button: Button) -> None:
        """Put a button at the right end."""
        self._row.addWidget(button)

    def _text(self) -> QPlainTextEdit:
        text = QPlainTextEdit(self._details)
        text.setReadOnly(True)
        text.setFont(font("code"))
        text.setAccessibleName(self.tr("Details"))
        return text

    def _buttons(self) -> QHBoxLayout:
        self._row = QHBoxLayout()
        copy = Button(self.tr("Copy details"), icon_name="copy")
        copy.clicked.connect(self._copy)
        self._row.addStretch(1)
        self._row.addWidget(copy)
        return self._row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)


def versions() -> str:
    """Say on what the program runs."""
    return f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
