"""The headline figures of an evaluation, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import Label

Named: TypeAlias = tuple[str, str, str]
"""Name, value and a note beside it."""

_MOST = 5


class FigureBoxes(QWidget):
    """At most five figures in columns of equal width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._boxes = [_Box() for _ in range(_MOST)]
        for box in self._boxes:
            row.addWidget(box, stretch=1)
        self.setAccessibleName(self.tr("Figures of the evaluation"))

    @property
    def figures(self) -> dict[str, str]:
        """What is shown, by name."""
        return {box.name.text(): box.value.text() for box in self._boxes if not box.isHidden()}

    def show_figures(self, figures: Sequence[Named]) -> None:
        """Show these from left to right."""
        for box, each in zip(self._boxes, [*figures, *[None] * _MOST], strict=False):
            box.setVisible(each is not None)
            if each is not None:
                box.name.setText(each[0])
                box.value.setText(each[1])
                box.note.setText(each[2])


class _Box(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.name = Label("", "small", "text3")
        self.value = Label("", "figure")
        self.note = Label("", "small", "text2")
        line = QHBoxLayout()
        line.setSpacing(7)
        line.addWidget(self.value)
        line.addWidget(self.note)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.name)
        column.addLayout(line)
