"""One choice below a line of its own, which is made anew where other things can be chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inspector.editors import ChoiceEditor
from app.inspector.form import Row
from app.widgets import Divider


class ChoicePart(QWidget):
    """Hidden until there is something to choose."""

    chosen = Signal(object)
    """What a person chose."""

    def __init__(self, label: str, help_text: str) -> None:
        super().__init__()
        self._label, self._help = label, help_text
        self._choices: tuple[tuple[str, str], ...] = ()
        self._row: Row | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(Divider())
        self.hide()

    def show_choices(self, choices: tuple[tuple[str, str], ...], value: object) -> None:
        """Show what can be chosen, each with what it is called, and what is.

        Args:
            choices: At least one.
        """
        if self._row is None or choices != self._choices:
            self._row = self._made(choices)
        self._row.editor.set_value(value)

    def _made(self, choices: tuple[tuple[str, str], ...]) -> Row:
        if self._row is not None:
            self._row.hide()
            self._row.deleteLater()
        self._choices = choices
        editor = ChoiceEditor(self._label, choices)
        editor.committed.connect(self.chosen)
        row = Row(self._label, editor, self._help)
        self._column.addWidget(row)
        return row
