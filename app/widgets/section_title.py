"""The name of a part of a panel."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.elided_label import ElidedLabel
from app.widgets.labels import Label


class SectionTitle(QWidget):
    """The name of a part, with a quiet note behind it: **Loss** per epoch.

    The note is cut where there is no room for all of it.
    """

    def __init__(self, title: str, note: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(title, weight=600)
        self._note = ElidedLabel(note, "small", "text3")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._title)
        self._row.addWidget(self._note)
        self._row.addStretch(1)
        self._name()

    def set_title(self, title: str) -> None:
        """Name the part anew."""
        self._title.setText(title)
        self._name()

    def set_note(self, note: str) -> None:
        """Say something else behind the name."""
        self._note.setText(note)
        self._name()

    def add_trailing(self, widget: QWidget) -> None:
        """Put something at the right end of the line."""
        self._row.addWidget(widget)

    def _name(self) -> None:
        self.setAccessibleName(f"{self._title.text()} {self._note.text()}".strip())
