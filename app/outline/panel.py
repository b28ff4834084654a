"""The Outline panel: a search field, the tree, and figures of what is selected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.document import Document
from app.figures import count
from app.outline.rows import FRAME, NODE, Rows
from app.outline.summary import Legend, Summary
from app.outline.tree import OutlineTree
from app.theme import ThemeManager
from app.widgets import EmptyState, SearchField
from app.widgets.row_tree import plain
from engine.graph.composites import used_definitions
from engine.graph.elements import Graph

_LEGEND_FROM_PX = 560
_SUMMARY_FROM_PX = 340


class OutlinePanel(QWidget):
    """Selects on the canvas what is selected here, and the other way round."""

    node_opened = Signal(str)
    """A node is to be opened, or shown in the middle of the canvas: its path as one id."""

    menu_requested = Signal(QPoint)
    """The context menu of the selection is wanted at this place of the screen."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Outline"))
        self._document = document
        self._rows = Rows()
        self._is_following = False
        self.search = SearchField("", keys="Ctrl F")
        self.tree = OutlineTree(theme, self._rows)
        self._summary = Summary(document)
        self._legend = Legend(document, theme)
        # The keys that show the outline lead into the tree, where all is done that a canvas can.
        self.setFocusProxy(self.tree)
        self._build()
        self._connect()
        self._show_drawing()
        self._on_level_changed()

    def focus_search(self) -> None:
        """Put the keyboard into the search field, its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        is_down = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down
        if is_down and event.type() == QEvent.Type.KeyPress:
            self.tree.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.tree.currentIndex().isValid():
                self.tree.setCurrentIndex(self._rows.index(0, 0))
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._legend.setVisible(self.height() >= _LEGEND_FROM_PX)
        self._summary.setVisible(self.height() >= _SUMMARY_FROM_PX)

    def _build(self) -> None:
        field = QVBoxLayout()
        field.setContentsMargins(12, 12, 12, 8)
        field.addWidget(self.search)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(field)
        column.addWidget(self.tree, stretch=1)
        column.addWidget(self._summary)
        column.addWidget(self._legend)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(EmptyState("outline", self.tr("The model's layers are listed here.")))

    def _connect(self) -> None:
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._show_drawing)
        self.tree.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.tree.node_opened.connect(self.node_opened)
        self.tree.menu_requested.connect(self.menu_requested)
        self._document.changed.connect(self._show_drawing)
        self._document.report_changed.connect(self._show_drawing)
        self._document.recipe_changed.connect(self._show_drawing)
        self._document.memory_changed.connect(self._show_drawing)
        self._document.selection_changed.connect(self._follow_selection)
        self._document.level_changed.connect(self._on_level_changed)

    def _show_drawing(self) -> None:
        document = self._document
        graph = document.project.graph
        # A card is marked by what is advised on the recipe too, and so is its row.
        report = replace(document.model_report, problems=document.problems)
        words = self.search.text().strip()
        nodes = count(_count_nodes(graph))
        self.search.setPlaceholderText(self.tr("Find in {0} nodes").format(nodes))
        self.search.setAccessibleName(self.search.placeholderText())
        before = self._expanded()
        with self._following():
            is_new = self._rows.show_drawing(graph, report, words)
            if is_new:
                self._expand_again(before, everything=bool(words))
        if is_new:
            self._follow_selection()
        self._stack.setCurrentIndex(0 if graph.nodes else 1)
        self._legend.refresh()
        self._show_summary()
        self.tree.viewport().update()

    def _expanded(self) -> dict[object, bool]:
        """Return which of the rows that can be opened are open, by what they stand for."""
        return {_key(row): self.tree.isExpanded(row) for row in self._rows.parents()}

    def _expand_again(self, before: dict[object, bool], *, everything: bool) -> None:
        """Open what was open; frames that are new are open, composites are closed."""
        for row in list(self._rows.parents()):
            is_open = before.get(_key(row), bool(row.data(FRAME)))
            self.tree.setExpanded(row, is_open or (everything and self._rows.rowCount(row) > 0))

    @contextmanager
    def _following(self) -> Iterator[None]:
        """Take no change of the rows' selection for a choice of the person meanwhile."""
        before, self._is_following = self._is_following, True
        try:
            yield
        finally:
            self._is_following = before

    def _on_level_changed(self) -> None:
        """Open the row of the composite that is entered."""
        path = self._document.path
        if self._is_following or not path:
            return
        self._rows.open_level(path)
        with self._following():
            for depth in range(1, len(path) + 1):
                self._open_around(self._rows.index_of(path[:depth]))
                self.tree.expand(self._rows.index_of(path[:depth]))
            if not self._document.selection:
                self._stand_on(self._rows.index_of(path))

    def _follow_selection(self) -> None:
        if not self._is_following:
            with self._following():
                wanted = QItemSelection()
                for index in self._rows_of_selection():
                    wanted.select(index, index)
                model = self.tree.selectionModel()
                model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                if wanted.indexes():
                    self._stand_on(wanted.indexes()[0])
        self._show_summary()

    def _stand_on(self, index: QModelIndex) -> None:
        """Put the keyboard on a row without selecting it."""
        self.tree.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.NoUpdate
        )
        self.tree.scrollTo(index)

    def _rows_of_selection(self) -> list[QModelIndex]:
        """Return the rows to select: a folded frame stands for its nodes where all are chosen."""
        path, chosen = self._document.path, self._document.selection
        if chosen and path:
            self._rows.open_level(path)
        found: dict[QPersistentModelIndex, None] = {}
        for node in chosen:
            index = self._rows.index_of((*path, node))
            frame = index.parent()
            if frame.data(FRAME) and not self.tree.isExpanded(frame):
                inner = {path[-1] for path in self._rows.nodes_of(frame)}
                index = frame if chosen.issuperset(inner) else index
            self._open_around(index)
            if index.isValid():
                found[QPersistentModelIndex(index)] = None
        return [plain(index) for index in found]

    def _open_around(self, index: QModelIndex) -> None:
        for around in self._rows.parents_of(index):
            self.tree.expand(around)

    def _on_rows_selected(self) -> None:
        if self._is_following:
            return
        with self._following():
            rows = self.tree.selectionModel().selectedIndexes()
            current = self.tree.currentIndex()
            first = [current] if current in rows else rows[:1]
            # One level is on show at a time: what is chosen of others is let go of.
            level = next((path[:-1] for row in first for path in self._rows.nodes_of(row)), None)
            paths = [path for row in rows for path in self._rows.nodes_of(row)]
            if level is not None:
                self._document.show_level(level)
            self._document.select([path[-1] for path in paths if path[:-1] == level])
        self._show_summary()

    def _show_summary(self) -> None:
        chosen = self.tree.selectionModel().selectedIndexes()
        if len(chosen) == 1:
            title = str(chosen[0].data() or "")
        elif chosen:
            title = self.tr("{0} layers").format(count(len(self._document.selection)))
        else:
            title = ""
        self._summary.refresh(title)


def _key(row: QModelIndex) -> object:
    """Return what a row that can be opened stands for."""
    return row.data(NODE) or (row.parent().data(NODE), row.data(FRAME))


def _count_nodes(graph: Graph) -> int:
    insides = (graph.definitions[key].graph for key in used_definitions(graph))
    return len(graph.nodes) + sum(len(inside.nodes) for inside in insides)
