"""One step of augmentation: its name, its settings, and a button that removes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.setting_row import SettingRow
from app.widgets import Card, IconButton, Label
from nodes.augmentation import Augmentation
from nodes.params import fields_of

_LABEL_PX = 80


class StepCard(Card):
    """Shows a step and says what the person changes in it."""

    changed = Signal(str, object)
    """The name of a setting and its new value."""

    removed = Signal()

    def __init__(self, step: Augmentation, parent: QWidget) -> None:
        super().__init__(step.info.title, padding_px=10, parent=parent)
        self.step = step
        self.setToolTip(step.info.summary)
        self.column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(Label(step.info.title, weight=600), stretch=1)
        remove = IconButton(
            "close",
            self.tr("Remove {0}").format(step.info.title.lower()),
            size_px=22,
            icon_size_px=14,
        )
        remove.clicked.connect(self.removed)
        head.addWidget(remove)
        self.column.addLayout(head)
        # How often comes last: what is done is what people look for.
        fields = sorted(fields_of(type(step)), key=lambda field: field.name == "chance")
        self._rows = {field.name: SettingRow(field, self, label_px=_LABEL_PX) for field in fields}
        for row in self._rows.values():
            row.committed.connect(self.changed)
            self.column.addWidget(row)

    def show_step(self, step: Augmentation) -> None:
        """Show the settings of a step without announcing them."""
        self.step = step
        for name, row in self._rows.items():
            row.show_value(getattr(step, name))
