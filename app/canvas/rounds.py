"""Which round of a repeated composite or layer is looked at, beside the way into it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.canvas.chips import FloatingBar
from app.figures import count
from app.widgets import IconButton, Label

KEYS: Mapping[str, QKeySequence] = {
    "previous_round": QKeySequence("Ctrl+PgUp"),
    "next_round": QKeySequence("Ctrl+PgDown"),
}
"""The keys of a canvas that stands alone; the window names those in force."""


class RoundBar(FloatingBar):
    """Back, "Round 2 of 4", on; hidden where nothing is repeated."""

    chosen = Signal(int)
    """A round is wanted, from 0."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = 0
        self._label = Label("", "small", "text", weight=500)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._back = IconButton("chevron-left", "", size_px=24, icon_size_px=14)
        self._on = IconButton("chevron-right", "", size_px=24, icon_size_px=14)
        for widget in (self._back, self._label, self._on):
            self.row.addWidget(widget)
        self._back.clicked.connect(lambda: self.chosen.emit(self._number - 1))
        self._on.clicked.connect(lambda: self.chosen.emit(self._number + 1))
        self.name_keys(KEYS)
        self.hide()

    @property
    def words(self) -> str:
        """What the bar says; empty while it is hidden."""
        return "" if self.isHidden() else self._label.text()

    def show_round(self, number: int, rounds: int, name: str = "") -> None:
        """Show which round of how many is looked at, from 0.

        Args:
            name: Of the layer that stands in a row; empty for the composite on show.
        """
        self._number = number
        words = self.tr("{2}, round {0} of {1}") if name else self.tr("Round {0} of {1}")
        self._label.setText(words.format(count(number + 1), count(rounds), name))
        self.setAccessibleName(self._label.text())
        self._back.setEnabled(number > 0)
        self._on.setEnabled(number < rounds - 1)
        self.setVisible(rounds > 1)
        self.adjustSize()

    def name_keys(self, keys: Mapping[str, QKeySequence]) -> None:
        """Say in the tooltips which keys do the same, by the name of the action."""
        self._back.set_name(self.tr("Previous round"), keys.get("previous_round"))
        self._on.set_name(self.tr("Next round"), keys.get("next_round"))
