"""What is recorded of the next run: its moments, how often and in how much room."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.setting_row import SettingRow, Value
from app.widgets import SectionTitle
from engine.training.keeping import Keeping, keeping_fields


class RecordPart(QWidget):
    """Stands below the recipe: it belongs to the person, not to the project."""

    changed = Signal(object)
    """The person chose otherwise: a ``Keeping``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Record"))
        self._keeping = Keeping()
        self.rows = {field.name: SettingRow(field, self) for field in keeping_fields()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(SectionTitle(self.tr("Record"), self.tr("moments to go back to")))
        for row in self.rows.values():
            row.committed.connect(self._on_committed)
            column.addWidget(row)
        self.show_keeping(self._keeping)

    def show_keeping(self, keeping: Keeping) -> None:
        """Show what is chosen without announcing it."""
        self._keeping = keeping
        for name, row in self.rows.items():
            row.show_value(getattr(keeping, name))

    def set_locked(self, why: str) -> None:
        """Keep it from being changed and say why; an empty reason unlocks it."""
        for row in self.rows.values():
            row.set_locked(why)

    def _on_committed(self, name: str, value: Value) -> None:
        self._keeping = replace(self._keeping, **{name: value})
        self.changed.emit(self._keeping)
