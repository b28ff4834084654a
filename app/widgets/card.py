"""A raised surface with a border."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget


class Card(QFrame):
    """Holds what belongs together; add to ``column``."""

    def __init__(
        self, name: str = "", *, padding_px: int = 12, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(padding_px, padding_px, padding_px, padding_px)
        self.column.setSpacing(8)


class Divider(QFrame):
    """A line between two parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "line")
        self.setFixedHeight(1)
