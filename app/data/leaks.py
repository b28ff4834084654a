"""What passes from one part of a split to another, each with a button that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets import Button, FlowText
from engine.data.splitting import Leak


class Leaks(QWidget):
    """Nothing where the parts share nothing."""

    to_split_by_group = Signal()
    to_look_for_doubles = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = FlowText("", "small", "warn")
        self.by_group = Button(self.tr("Split by group"), extent="small")
        self.by_group.clicked.connect(self.to_split_by_group)
        self.doubles = Button(self.tr("Look for the doubles"), extent="small")
        self.doubles.clicked.connect(self.to_look_for_doubles)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        for button in (self.by_group, self.doubles):
            column.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.show_leaks(())

    def show_leaks(self, leaks: Sequence[Leak]) -> None:
        """Tell these."""
        self.words.set_words("\n".join(leak.words for leak in leaks))
        kinds = {leak.kind for leak in leaks}
        self.by_group.setVisible("groups" in kinds)
        self.doubles.setVisible("doubles" in kinds)
        self.setVisible(bool(leaks))
