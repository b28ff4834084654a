"""Run Steps and Hold: after how many steps a run shall hold."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.figures import count
from app.widgets import Button, FlowText, Label, NumberField

_STEPS = 100
_MOST_STEPS = 10_000_000
_WIDTH_PX = 360
_FIELD_PX = 120


def number_of_steps(window: QWidget) -> int:
    """Ask after how many steps a run shall hold; 0 where the person thinks better of it."""
    dialog = StepsDialog(window)
    accepted = dialog.exec()
    dialog.deleteLater()
    return int(dialog.field.value) if accepted else 0


class StepsDialog(QDialog):
    """One number, and what comes of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Run steps and hold"))
        self.setFixedWidth(_WIDTH_PX)
        self.field = NumberField(self.tr("Steps"), _STEPS, low=1, high=_MOST_STEPS)
        self.field.setFixedWidth(_FIELD_PX)
        self.run = Button("", "primary")
        self.run.setDefault(True)
        self._lay_out()
        self._name_button()
        self.field.committed.connect(self._name_button)
        self.run.clicked.connect(self.accept)
        self.field.setFocus()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addLayout(self._number_row())
        words = self.tr("The run goes on for so many steps and then holds, as after a pause.")
        column.addWidget(FlowText(words, "small"))
        column.addLayout(self._buttons())

    def _number_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label(self.tr("Hold after"), weight=600))
        row.addWidget(self.field)
        row.addWidget(Label(self.tr("steps"), tone="text2"))
        row.addStretch(1)
        return row

    def _buttons(self) -> QHBoxLayout:
        cancel = Button(self.tr("Cancel"), "ghost")
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.run)
        return row

    def _name_button(self) -> None:
        steps = int(self.field.value)
        words = self.tr("Run 1 step") if steps == 1 else self.tr("Run {0} steps")
        self.run.setText(words.format(count(steps)))
