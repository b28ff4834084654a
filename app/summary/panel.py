"""The Summary panel: the table, its sums, and ways to take it along."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.document import Document
from app.figures import amount, brief, byte_size, count
from app.layer_costs import LayerCosts
from app.plots.files import save_csv
from app.summary.columns import COLUMNS
from app.summary.rows import PATH, SummaryRows
from app.summary.table import SummaryTable
from app.theme import ThemeManager
from app.widgets import Button, Divider, EmptyState
from app.widgets.elided_label import ElidedLabel
from engine.analysis.summary import SummaryRow, summary, with_costs
from engine.graph.elements import NodePath
from nodes.errors import LoomError

_PAUSE_MS = 50


class SummaryPanel(QWidget):
    """A row for each layer; what is selected here is selected on the canvas, and back."""

    profile_asked = Signal()
    """The layers are to be timed."""

    refused = Signal(object)
    """A file could not be written: the ``LoomError`` that says why."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Summary"))
        self._document = document
        self._costs: LayerCosts | None = None
        self._is_following = False
        self._is_outdated = True
        self.rows = SummaryRows()
        self.table = SummaryTable(self.rows, theme)
        self._sums = ElidedLabel("", "small", tone="text2")
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self.refresh)
        self._build()
        self._connect()

    @property
    def said(self) -> str:
        """The sums as they are written below the table."""
        return self._sums.text()

    def refresh(self) -> None:
        """Show the drawing as it is now."""
        self._soon.stop()
        self._is_outdated = False
        opened = self._open_paths()
        document = self._document
        rows = summary(document.model_report, document.project.recipe)
        costs = self._costs.by_path if self._costs else {}
        if self.rows.show_rows(with_costs(rows, costs)):
            self._open_again(opened)
        self._stack.setCurrentIndex(0 if self.rows.rows else 1)
        self._sums.setText(self._sums_in_words())
        measuring = self._costs is not None and self._costs.is_measuring
        self._profile.setText(self.tr("Cancel timing") if measuring else self.tr("Profile"))
        self._follow_selection()

    def show_costs(self, costs: LayerCosts) -> None:
        """Show what layers were measured to cost, from now on."""
        self._costs = costs
        costs.changed.connect(self._outdate)
        self._profile.clicked.connect(self._on_profile)
        self._outdate()

    def _on_profile(self) -> None:
        if self._costs is not None and self._costs.is_measuring:
            self._costs.give_up()
        else:
            self.profile_asked.emit()

    def copy(self) -> None:
        """Put the table into the clipboard, its cells set apart by tabs."""
        lines = [self._header(), *self._cells()]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def save(self, path: Path) -> None:
        """Write the table as CSV, with plain numbers.

        Raises:
            RunError: The file cannot be written.
        """
        rows = ([str(value) for value in _values(row)] for row in self.rows.in_order())
        save_csv(path, ["name", *(column.key for column in COLUMNS)], rows)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if self._is_outdated:
            self.refresh()

    def _build(self) -> None:
        copy = Button(self.tr("Copy"), icon_name="copy", extent="small")
        copy.setToolTip(self.tr("Copies the table; a spreadsheet takes it"))
        copy.clicked.connect(self.copy)
        save = Button(self.tr("Save as CSV…"), extent="small")
        save.clicked.connect(self._ask_and_save)
        self._profile = Button(self.tr("Profile"), icon_name="clock", extent="small")
        self._profile.setToolTip(self.tr("Times each layer on a batch of the data"))
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 12, 6)
        foot.setSpacing(8)
        foot.addWidget(self._sums, stretch=1)
        foot.addWidget(self._profile)
        foot.addWidget(copy)
        foot.addWidget(save)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, stretch=1)
        column.addWidget(Divider())
        column.addLayout(foot)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        empty = self.tr("What each layer costs is listed here.")
        self._stack.addWidget(EmptyState("outline", empty))
        action = QAction(self.tr("Copy"), self.table)
        action.setShortcut(QKeySequence.StandardKey.Copy)
        action.triggered.connect(self.copy)
        self.table.addAction(action)

    def _connect(self) -> None:
        document = self._document
        document.report_changed.connect(self._outdate)
        document.recipe_changed.connect(self._outdate)
        document.selection_changed.connect(self._follow_selection)
        document.level_changed.connect(self._follow_selection)
        self.table.selectionModel().selectionChanged.connect(self._on_rows_selected)

    def _outdate(self) -> None:
        self._is_outdated = True
        if self.isVisible():
            self._soon.start()

    def _follow_selection(self) -> None:
        if self._is_following or not self.isVisible():
            return
        self._is_following = True
        wanted = QItemSelection()
        for node in self._document.selection:
            index = self.rows.index_of((*self._document.path, node))
            if index.isValid():
                wanted.select(index, index.siblingAtColumn(len(COLUMNS) - 1))
        self.table.selectionModel().select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if wanted.indexes():
            self.table.scrollTo(wanted.indexes()[0])
        self._is_following = False

    def _on_rows_selected(self) -> None:
        if self._is_following:
            return
        chosen = [index.data(PATH) for index in self.table.selectionModel().selectedRows()]
        if not chosen:
            return
        self._is_following = True
        level = chosen[0][:-1]
        self._document.show_level(level)
        self._document.select([path[-1] for path in chosen if path[:-1] == level])
        self._is_following = False

    def _open_paths(self) -> list[NodePath]:
        return [
            row.path
            for row in self.rows.in_order()
            if row.inside and self.table.isExpanded(self.rows.index_of(row.path))
        ]

    def _open_again(self, paths: list[NodePath]) -> None:
        for path in paths:
            self.table.expand(self.rows.index_of(path))

    def _sums_in_words(self) -> str:
        totals = self._document.model_report.totals
        by_key = {column.key: self.rows.sum_of(column) for column in COLUMNS}
        whole = self.tr(
            "In all {0} parameters, {1} multiply-adds and {2} of outputs a sample, {3} to train"
        ).format(
            count(totals.parameters),
            amount(totals.multiply_adds),
            byte_size(by_key["activation_bytes"]),
            byte_size(by_key["training_bytes"]),
        )
        if not by_key["seconds"]:
            return whole
        measured = self.tr("{0} forward and back on a batch").format(brief(by_key["seconds"]))
        return f"{whole}, {measured}"

    def _header(self) -> list[str]:
        return [self.tr(column.title) for column in COLUMNS]

    def _cells(self) -> list[list[str]]:
        return [[column.text(row) for column in COLUMNS] for row in self.rows.in_order()]

    def _ask_and_save(self) -> None:
        name = f"{self._document.project.name}.csv"
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save as CSV"), name, "CSV (*.csv)")
        if not chosen:
            return
        try:
            self.save(Path(chosen))
        except LoomError as error:
            self.refused.emit(error)


def _values(row: SummaryRow) -> list[float | str]:
    written = {"layer": row.title, "kind": row.kind, "output": row.output}
    values = [written.get(column.key, column.value(row)) for column in COLUMNS]
    return [row.name, *values]
