"""Settings of a recipe in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.setting_row import LABEL_PX, SettingRow, Value
from app.training.words import choice_word
from engine.project.recipe import Recipe, applies
from nodes.params import Field

_TWO_COLUMNS_PX = 600
_BETWEEN_COLUMNS_PX = 32


class RecipeRows(QWidget):
    """Some settings, in two columns where there is room."""

    committed = Signal(str, object)

    def __init__(self, fields: Sequence[Field], parent: QWidget, label_px: int = LABEL_PX) -> None:
        super().__init__(parent)
        self._rows = {
            field.name: SettingRow(field, self, choice_word, label_px) for field in fields
        }
        self.labels = {name: row.label for name, row in self._rows.items()}
        self._columns = 1
        self._shown = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(8)
        for row in self._rows.values():
            row.committed.connect(self.committed)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the settings of a recipe that make a difference to it."""
        self.show_values({name: getattr(recipe, name) for name in self._rows}, recipe)

    def show_values(self, values: Mapping[str, Value], recipe: Recipe | None = None) -> None:
        """Show values by name; those that make no difference to ``recipe`` are left out."""
        for name, row in self._rows.items():
            row.show_value(values[name])
            if recipe is not None:
                row.setVisible(applies(recipe, name))
        self._arrange(self._columns)

    def set_locked(self, why: str, live: frozenset[str]) -> None:
        for name, row in self._rows.items():
            row.set_locked("" if name in live else why)

    def set_refused(self, name: str, why: Mapping[str, str]) -> None:
        self._rows[name].set_refused(why)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= _TWO_COLUMNS_PX else 1)

    def _arrange(self, columns: int) -> None:
        rows = [row for row in self._rows.values() if not row.isHidden()]
        if (columns, len(rows)) == (self._columns, self._shown):
            return
        self._columns, self._shown = columns, len(rows)
        per_column = -(-len(rows) // columns)
        for index, row in enumerate(rows):
            self._grid.addWidget(row, index % per_column, index // per_column)
        # A gap stands beside an empty column too.
        self._grid.setHorizontalSpacing(_BETWEEN_COLUMNS_PX if columns > 1 else 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)
