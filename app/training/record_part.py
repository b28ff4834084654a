"""What is kept of the next run: its moments, how often and in how much room; its samples."""

from __future__ import annotations

from msgspec.structs import asdict, replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.setting_row import Value
from app.training.recipe_rows import RecipeRows
from app.widgets import SectionTitle
from engine.training.keeping import Keeping, keeping_fields

_LABEL_PX = 128


class RecordPart(QWidget):
    """Stands below the recipe: it belongs to the person, not to the project."""

    changed = Signal(object)
    """The person chose otherwise: a ``Keeping``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Record"))
        self._keeping = Keeping()
        self.rows = RecipeRows(keeping_fields(), self, _LABEL_PX)
        self.rows.committed.connect(self._on_committed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(SectionTitle(self.tr("Record"), self.tr("moments and memory")))
        column.addWidget(self.rows)
        self.show_keeping(self._keeping)

    def show_keeping(self, keeping: Keeping) -> None:
        """Show what is chosen without announcing it."""
        self._keeping = keeping
        self.rows.show_values(asdict(keeping))

    def set_locked(self, why: str) -> None:
        """Keep it from being changed and say why; an empty reason unlocks it."""
        self.rows.set_locked(why, frozenset())

    def _on_committed(self, name: str, value: Value) -> None:
        self._keeping = replace(self._keeping, **{name: value})
        self.changed.emit(self._keeping)
