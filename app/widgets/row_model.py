"""A tree of rows as a model, kept in Python alone.

``QStandardItemModel`` is not used where rows come and go: Qt makes and deletes its items beside
Python's objects for them, and a window whose panels were just made crashed in there now and then.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.widgets.row_tree import Index

_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_NO_INDEX = QModelIndex()


class Row:
    """What a row shows, by role, and the rows in it.

    Args:
        text: What is written in it.
        flags: What can be done with it.
    """

    def __init__(self, text: str = "", flags: Qt.ItemFlag = _FLAGS) -> None:
        self.flags = flags
        self.rows: list[Row] = []
        self.around: Row | None = None
        """The row that it is in."""

        self.place = 0
        """How many rows stand before it in the one that it is in."""

        self._told: dict[int, object] = {Qt.ItemDataRole.DisplayRole: text} if text else {}
        self._model: RowModel | None = None

    @property
    def text(self) -> str:
        """What is written in it."""
        return str(self.told(Qt.ItemDataRole.DisplayRole) or "")

    @property
    def index(self) -> QModelIndex:
        """Where it stands; invalid where it is in no model, and for the row around all others."""
        if self._model is None or self.around is None:
            return QModelIndex()
        return self._model.createIndex(self.place, 0, id(self))

    def told(self, role: int) -> object:
        """Return what it tells for a role; None for nothing."""
        return self._told.get(role)

    def tell(self, value: object, role: int) -> None:
        """Show something else."""
        if role in self._told and self._told[role] == value:
            return
        self._told[role] = value
        if self._model is not None:
            self._model.dataChanged.emit(self.index, self.index, [role])

    def append(self, row: Row) -> None:
        """Put a row at the end."""
        self.extend([row])

    def extend(self, rows: list[Row]) -> None:
        """Put rows at the end."""
        if not rows:
            return
        first = len(self.rows)
        if self._model is not None:
            self._model.beginInsertRows(self.index, first, first + len(rows) - 1)
        for place, row in enumerate(rows, start=first):
            row.around, row.place = self, place
            row.enter(self._model)
        self.rows += rows
        if self._model is not None:
            self._model.endInsertRows()

    def remove(self, first: int) -> None:
        """Take away this row and all that follow it."""
        gone = self.rows[first:]
        if not gone:
            return
        if self._model is not None:
            self._model.beginRemoveRows(self.index, first, len(self.rows) - 1)
        del self.rows[first:]
        if self._model is not None:
            self._model.endRemoveRows()
        for row in gone:
            row.leave()
            row.around = None

    def enter(self, model: RowModel | None) -> None:
        """Belong to a model, with all that is in it."""
        self._model = model
        if model is not None:
            model.know(self)
            for row in self.rows:
                row.enter(model)

    def leave(self) -> None:
        """Belong to no model any more."""
        if self._model is not None:
            self._model.forget(self)
            self._model = None
            for row in self.rows:
                row.leave()


class RowModel(QAbstractItemModel):
    """Rows in rows, in one column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_id: dict[int, Row] = {}
        self.root = Row()
        """The row around all others; it is not shown."""

        self.root.enter(self)

    @property
    def tops(self) -> tuple[Row, ...]:
        """The rows of the first level."""
        return tuple(self.root.rows)

    def clear_rows(self) -> None:
        """Take all rows away."""
        self.root.remove(0)

    def row_of(self, index: Index) -> Row:
        """Return the row of an index; of an invalid one, the row around all others."""
        return self._by_id.get(index.internalId(), self.root) if index.isValid() else self.root

    def know(self, row: Row) -> None:
        """Take a row in; it is found by its id from now on."""
        self._by_id[id(row)] = row

    def forget(self, row: Row) -> None:
        """Let go of a row."""
        self._by_id.pop(id(row), None)

    def index(
        self,
        row: int,
        column: int,
        parent: QModelIndex | QPersistentModelIndex = _NO_INDEX,
    ) -> QModelIndex:
        rows = self.row_of(parent).rows
        if column or not 0 <= row < len(rows):
            return QModelIndex()
        return self.createIndex(row, 0, id(rows[row]))

    def parent(self, index: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> QModelIndex:  # type: ignore[override]
        around = self.row_of(index).around
        return around.index if around is not None else QModelIndex()

    def rowCount(  # noqa: N802 - Qt override
        self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX
    ) -> int:
        return len(self.row_of(parent).rows)

    def columnCount(  # noqa: N802 - Qt override
        self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX
    ) -> int:
        del parent
        return 1

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        return self.row_of(index).told(role) if index.isValid() else None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        return self.row_of(index).flags if index.isValid() else Qt.ItemFlag.NoItemFlags
