"""A plain table of words and numbers, for the eye and for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.theme import current_theme, font, theme_manager

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROW_PX = 26
_CENTRE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its words, and the token of their colour."""

    cells: tuple[str, ...]
    ink: str = "text"


class DataTable(QTableView):
    """Rows of words; the first column takes the room that is left, the others are numbers."""

    row_chosen = Signal(int)
    """A row was clicked, or the arrow keys led to it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._model = _Rows(self)
        self.setModel(self._model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(_CENTRE | Qt.AlignmentFlag.AlignRight)
        self._is_telling = True
        self.selectionModel().currentRowChanged.connect(self._on_current)
        theme_manager().changed.connect(self.viewport().update)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._model.rows

    def show_rows(self, heads: Sequence[str], rows: Sequence[Row]) -> None:
        """Show other rows; the chosen one stays chosen where there is one in its place."""
        current = self.current
        self._is_telling = False
        self._model.fill(tuple(heads), tuple(rows))
        header = self.horizontalHeader()
        for column in range(len(heads)):
            mode = QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode if column else QHeaderView.ResizeMode.Stretch)
        self._is_telling = True
        self.choose(current)

    @property
    def current(self) -> int:
        """The row that is chosen, or −1."""
        return self.currentIndex().row()

    def choose(self, row: int) -> None:
        """Choose a row without telling."""
        self._is_telling = False
        if 0 <= row < len(self.rows):
            self.setCurrentIndex(self._model.index(row, 0))
        else:
            self.setCurrentIndex(QModelIndex())
            self.clearSelection()
        self._is_telling = True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        # Function keys and letters with a meaning belong to the panel around it.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.row_chosen.emit(self.current)
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            # The whole table: Qt would copy one cell.
            QGuiApplication.clipboard().setText(self._model.text())
            return
        super().keyPressEvent(event)

    def _on_current(self, index: QModelIndex) -> None:
        if self._is_telling and index.isValid():
            self.row_chosen.emit(index.row())


class _Rows(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heads: tuple[str, ...] = ()
        self.rows: tuple[Row, ...] = ()

    def fill(self, heads: tuple[str, ...], rows: tuple[Row, ...]) -> None:
        self.beginResetModel()
        self._heads, self.rows = heads, rows
        self.endResetModel()

    def text(self) -> str:
        """Return all of it as a spreadsheet takes it from the clipboard."""
        rows = (self._heads, *(row.cells for row in self.rows))
        return "\n".join("\t".join(row) for row in rows)

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else len(self._heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.cells[index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if index.column() else Qt.AlignmentFlag.AlignLeft
                return side | _CENTRE
            case Qt.ItemDataRole.ForegroundRole:
                return current_theme().colours[row.ink]
            case Qt.ItemDataRole.FontRole:
                return font("small")
            case _:
                return None

    def headerData(  # noqa: N802 - Qt override
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | _CENTRE
        if role == Qt.ItemDataRole.FontRole:
            return font("small")
        return None
