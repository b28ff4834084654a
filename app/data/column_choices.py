"""The columns of a table with what each is and what it is for, to be decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.data.columns import ColumnRow
from app.theme import ThemeManager
from app.widgets import ChoiceField
from engine.data.inspect import ColumnFacts
from nodes.sources import Column, ColumnKind, ColumnRole

_KINDS = (("number", "Number"), ("category", "Category"), ("date", "Date"), ("text", "Text"))
_ROLES = (
    ("input", "Input"),
    ("port", "Own output"),
    ("target", "Answer"),
    ("group", "Group"),
    ("part", "Part"),
    ("ignore", "Leave out"),
)
_CHOICE_PX = 112


class ColumnChoices(QWidget):
    """A row for each column: its values, its kind, its role."""

    changed = Signal(object)
    """The person decided: a list of ``Column``."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._theme = theme
        self._columns: list[Column] = []
        self._rows: list[QWidget] = []
        self.kinds: list[ChoiceField] = []
        self.roles: list[ChoiceField] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_columns(self, columns: Sequence[ColumnFacts]) -> None:
        """Show these columns with what they seem to be."""
        for row in self._rows:
            row.deleteLater()
        self._columns = [facts.column for facts in columns]
        self.kinds, self.roles = [], []
        self._rows = [self._row(place, facts) for place, facts in enumerate(columns)]
        for row in self._rows:
            self._column.addWidget(row)

    def _row(self, place: int, facts: ColumnFacts) -> QWidget:
        name = facts.column.name
        kind = ChoiceField(self.tr("Kind of {0}").format(name), _KINDS, facts.column.kind)
        role = ChoiceField(self.tr("Role of {0}").format(name), _ROLES, facts.column.role)
        kind.committed.connect(lambda value: self._set_kind(place, value))
        role.committed.connect(lambda value: self._set_role(place, value))
        self.kinds.append(kind)
        self.roles.append(role)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(ColumnRow(facts, self._theme, chart_px=44), stretch=1)
        for field in (kind, role):
            field.setFixedWidth(_CHOICE_PX)
            line.addWidget(field)
        return row

    def _set_kind(self, place: int, value: str) -> None:
        kind: ColumnKind = next(kind for kind in get_args(ColumnKind) if kind == value)
        self._change(place, msgspec.structs.replace(self._columns[place], kind=kind))

    def _set_role(self, place: int, value: str) -> None:
        role: ColumnRole = next(role for role in get_args(ColumnRole) if role == value)
        if role in ("target", "group", "part"):
            # There is one of each; the one before becomes an input again.
            for other, column in enumerate(self._columns):
                if column.role == role and other != place:
                    self._columns[other] = msgspec.structs.replace(column, role="input")
                    self.roles[other].set_value("input")
        self._change(place, msgspec.structs.replace(self._columns[place], role=role))

    def _change(self, place: int, column: Column) -> None:
        self._columns[place] = column
        self.changed.emit(list(self._columns))
