"""The rows of the summary as a model: layers, and in composites the layers inside of them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from app.summary.columns import COLUMNS, Column
from engine.analysis.summary import SummaryRow
from engine.graph.elements import NodePath

SHARE = Qt.ItemDataRole.UserRole
"""Of the column's sum, from 0 to 1; None where it has none."""

PATH = Qt.ItemDataRole.UserRole + 1

_Index = QModelIndex | QPersistentModelIndex


class _Line:
    """One row with its place in the tree."""

    def __init__(self, row: SummaryRow, parent: _Line | None) -> None:
        self.row = row
        self.parent = parent
        self.lines = [_Line(inner, self) for inner in row.inside]
        self.place = 0


class SummaryRows(QAbstractItemModel):
    """Rows in the order of the data flow, or sorted by a column."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[_Line] = []
        self._rows: tuple[SummaryRow, ...] = ()
        self._sums: dict[str, float] = {}
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def rows(self) -> tuple[SummaryRow, ...]:
        """What is shown, in the order of the data flow."""
        return self._rows

    def show_rows(self, rows: tuple[SummaryRow, ...]) -> bool:
        """Show other rows; say whether anything is other than before."""
        if rows == self._rows:
            return False
        self.beginResetModel()
        self._rows = rows
        self._arrange()
        self.endResetModel()
        return True

    def sum_of(self, column: Column) -> float:
        """Return the sum of a column."""
        return self._sums.get(column.key, 0.0)

    def index_of(self, path: NodePath) -> QModelIndex:
        """Return the row of a node; invalid where it has none."""
        lines, index = self._lines, QModelIndex()
        for node in path:
            found = next((line for line in lines if line.row.path[-1] == node), None)
            if found is None:
                return QModelIndex()
            lines, index = found.lines, self.createIndex(found.place, 0, found)
        return index

    def in_order(self) -> Iterator[SummaryRow]:
        """Yield all rows as they stand, composites before what is inside of them."""
        waiting = list(reversed(self._lines))
        while waiting:
            line = waiting.pop()
            yield line.row
            waiting += reversed(line.lines)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by −1 in the order of the data flow."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [self._line(index) for index in before]
        self._sorted_by = (column, order)
        self._sort(self._lines, self._rows)
        after = [
            self.createIndex(line.place, index.column(), line) if line else QModelIndex()
            for line, index in zip(kept, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        del parent
        return len(COLUMNS)

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        line = self._line(parent)
        return len(self._lines if line is None else line.lines)

    def index(self, row: int, column: int, parent: _Index | None = None) -> QModelIndex:
        line = self._line(parent)
        lines = self._lines if line is None else line.lines
        if not 0 <= row < len(lines):
            return QModelIndex()
        return self.createIndex(row, column, lines[row])

    def parent(self, index: _Index | None = None) -> QModelIndex:  # type: ignore[override]
        line = self._line(index)
        if line is None or line.parent is None:
            return QModelIndex()
        return self.createIndex(line.parent.place, 0, line.parent)

    def headerData(  # noqa: N802 - Qt override
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.tr(column.title)
            case Qt.ItemDataRole.ToolTipRole:
                return self.tr(column.tip)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case _:
                return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self._line(index)
        if line is None:
            return None
        column = COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(line.row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.tr(column.title)}: {column.text(line.row) or self.tr('none')}"
            case Qt.ItemDataRole.ToolTipRole if not column.is_number:
                return column.text(line.row)
            case _ if role == PATH:
                return line.row.path
            case _ if role == SHARE:
                return self._share(line.row, column)
            case _:
                return None

    def _share(self, row: SummaryRow, column: Column) -> float | None:
        whole, value = self._sums.get(column.key, 0.0), column.value(row)
        return value / whole if whole and isinstance(value, int | float) else None

    def _line(self, index: _Index | None) -> _Line | None:
        if index is None or not index.isValid():
            return None
        line = index.internalPointer()
        return line if isinstance(line, _Line) else None

    def _arrange(self) -> None:
        self._lines = [_Line(row, None) for row in self._rows]
        self._sums = {
            column.key: sum(float(column.value(row)) for row in self._rows)
            for column in COLUMNS
            if column.adds_up
        }
        self._sort(self._lines, self._rows)

    def _sort(self, lines: list[_Line], rows: tuple[SummaryRow, ...]) -> None:
        number, order = self._sorted_by
        places = {row.path: place for place, row in enumerate(rows)}
        lines.sort(key=lambda line: places[line.row.path])
        if number >= 0:
            # Equal rows stay in the order of the data flow, whichever way is sorted.
            column = COLUMNS[number]
            lines.sort(
                key=lambda line: column.value(line.row),
                reverse=order == Qt.SortOrder.DescendingOrder,
            )
        for place, line in enumerate(lines):
            line.place = place
            self._sort(line.lines, line.row.inside)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
