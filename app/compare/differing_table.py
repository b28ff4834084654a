"""What differs between runs, as a table with a column for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.compare.shown import ShownRun
from app.plots.run_keys import key_pixmap
from app.theme import current_theme, font, pixmap, theme_manager
from engine.runs.differing import Differing

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROW_PX, _HEAD_PX = 30, 30
_GLYPH_PX = 14
_PART_PX, _RUN_PX = 92, 140
_MOST_ROWS = 14
_MARKS = {"added": ("plus", "ok"), "removed": ("minus", "err"), "changed": ("dot", "accent")}


class DifferingTable(QTableView):
    """Recipe first, then layers; what a run does not have says so quietly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What differs"))
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setIconSize(QSize(_GLYPH_PX, _GLYPH_PX))
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setDefaultSectionSize(_ROW_PX)
        across.setHighlightSections(False)
        across.setFixedHeight(_HEAD_PX)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        theme_manager().changed.connect(self._on_theme_changed)

    @property
    def rows(self) -> tuple[Differing, ...]:
        """What is shown."""
        return self._rows.rows

    def show_rows(self, rows: Sequence[Differing], runs: Sequence[ShownRun]) -> None:
        """Show what differs between runs, which have the values of each row in this order."""
        self._rows.fill(tuple(rows), tuple(runs))
        header = self.horizontalHeader()
        for column in range(self._rows.columnCount()):
            is_fixed = column != 1
            mode = QHeaderView.ResizeMode.Fixed if is_fixed else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
            if is_fixed:
                header.resizeSection(column, _RUN_PX if column else _PART_PX)
        shown = min(len(rows), _MOST_ROWS)
        self.setFixedHeight(_HEAD_PX + _ROW_PX * shown + 2)

    def texts(self) -> list[tuple[str, ...]]:
        """Return heads and rows as words."""
        model = self._rows
        columns = range(model.columnCount())
        heads = tuple(model.head(column) for column in columns)
        return [heads, *(tuple(model.text(row, c) for c in columns) for row in self.rows)]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.matches(QKeySequence.StandardKey.Copy):
            text = "\n".join("\t".join(row) for row in self.texts())
            QGuiApplication.clipboard().setText(text)
            return
        super().keyPressEvent(event)

    def _on_theme_changed(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()


class _Rows(QAbstractTableModel):
    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.rows: tuple[Differing, ...] = ()
        self._runs: tuple[ShownRun, ...] = ()

    def fill(self, rows: tuple[Differing, ...], runs: tuple[ShownRun, ...]) -> None:
        self.beginResetModel()
        self.rows, self._runs = rows, runs
        self.endResetModel()

    def head(self, column: int) -> str:
        return ("", "")[column] if column < 2 else self._runs[column - 2].label

    def text(self, row: Differing, column: int) -> str:
        parts = {"recipe": self.tr("Recipe"), "layer": self.tr("Layer"), "wire": self.tr("Wire")}
        if column == 0:
            return parts[row.part]
        return row.name if column == 1 else row.values[column - 2] or self.tr("none")

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else 2 + len(self._runs)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        colours = current_theme().colours
        is_value = column >= 2
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self.text(row, column) if column else None
            case Qt.ItemDataRole.DecorationRole if column == 0:
                glyph, token = _MARKS[row.change]
                return pixmap(glyph, _GLYPH_PX, colours[token], self._view.devicePixelRatioF())
            case Qt.ItemDataRole.ForegroundRole:
                is_quiet = column == 0 or (is_value and not row.values[column - 2])
                return colours.text2 if is_quiet else colours.text
            case Qt.ItemDataRole.FontRole:
                known = is_value and row.values[column - 2]
                return font("shape" if known else "small")
            case Qt.ItemDataRole.AccessibleTextRole if column == 0:
                return f"{self.text(row, 0)}, {row.change}"
            case _:
                return None

    def headerData(  # noqa: N802 - Qt override
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                # A space: Qt puts the words right behind the picture.
                return f" {self.head(section)}" if section >= 2 else self.head(section)
            case Qt.ItemDataRole.DecorationRole if section >= 2:
                place = self._runs[section - 2].place
                return key_pixmap(place, self._view.devicePixelRatioF())
            case Qt.ItemDataRole.FontRole:
                return font("small", weight=600)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None
