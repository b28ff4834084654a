"""The part of the preferences that takes back what code a person trusts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.widgets import Button, FlowText, Label
from engine.own_layers.trust import forget_trust, trusted_count
from nodes.errors import LoomError


class TrustedCode(QWidget):
    """Says how much code is trusted, and forgets all of it at the press of a button."""

    forgotten = Signal()
    """No code is trusted any more."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "window")
        self.words = FlowText("", "small")
        self.forget = Button(self.tr("Forget all"))
        self.forget.setAccessibleDescription(self.tr("Takes back what code you trust."))
        self.forget.clicked.connect(self._on_forget)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(Label(self.tr("Code you trust"), weight=600), 0, 0)
        grid.addWidget(self.words, 1, 0)
        grid.addWidget(self.forget, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self._show_count()

    def _show_count(self) -> None:
        count = trusted_count()
        self.forget.setEnabled(count > 0)
        if not count:
            self.words.set_words(self.tr("No layer in Python that came with a project may run."))
            return
        layers = self.tr("1 layer") if count == 1 else self.tr("{0} layers").format(count)
        words = self.tr("{0} in Python may run. Forgotten ones are asked about again.")
        self.words.set_words(words.format(layers))

    def _on_forget(self) -> None:
        try:
            forget_trust()
        except LoomError as error:
            self.words.set_words(str(error))
            return
        self._show_count()
        self.forgotten.emit()
