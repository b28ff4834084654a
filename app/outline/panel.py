"""The Outline panel: a search field, the tree, and figures of what is selected."""

from __future__ import annotations

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
from app.outline.rows import FRAME, Rows
from app.outline.summary import Legend, Summary
from app.outline.tree import OutlineTree
from app.theme import ThemeManager
from app.widgets import EmptyState, SearchField
from app.widgets.row_tree import plain

_LEGEND_FROM_PX = 560
_SUMMARY_FROM_PX = 340


class OutlinePanel(QWidget):
    """Selects on the canvas what is selected here, and the other way round."""

    node_opened = Signal(str)
    """A node is to be shown in the middle of the canvas: its id."""

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
        self.tree = OutlineTree(document, theme, self._rows)
        self._summary = Summary(document)
        self._legend = Legend(document, theme)
        self._build()
        self._connect()
        self._show_drawing()

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
        self._document.selection_changed.connect(self._follow_selection)

    def _show_drawing(self) -> None:
        graph, report = self._document.graph, self._document.report
        words = self.search.text().strip()
        self.search.setPlaceholderText(self.tr("Find in {0} nodes").format(count(len(graph.nodes))))
        self.search.setAccessibleName(self.search.placeholderText())
        folded = self._folded()
        self._is_following = True
        is_new = self._rows.show_drawing(graph, report, words)
        self._is_following = False
        if is_new:
            for row in range(self._rows.rowCount()):
                index = self._rows.index(row, 0)
                self.tree.setExpanded(index, bool(words) or index.data(FRAME) not in folded)
            self._follow_selection()
        self._stack.setCurrentIndex(0 if graph.nodes else 1)
        self._legend.refresh()
        self._show_summary()
        self.tree.viewport().update()

    def _folded(self) -> set[str]:
        rows = (self._rows.index(row, 0) for row in range(self._rows.rowCount()))
        return {
            row.data(FRAME) for row in rows if row.data(FRAME) and not self.tree.isExpanded(row)
        }

    def _follow_selection(self) -> None:
        if self._is_following:
            self._show_summary()
            return
        self._is_following = True
        wanted = QItemSelection()
        for index in self._rows_of_selection():
            wanted.select(index, index)
        model = self.tree.selectionModel()
        model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if wanted.indexes():
            first = wanted.indexes()[0]
            model.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.tree.scrollTo(first)
        self._is_following = False
        self._show_summary()

    def _rows_of_selection(self) -> list[QModelIndex]:
        """Return the rows to select: a folded frame stands for its nodes where all are chosen."""
        chosen = self._document.selection
        found: dict[QPersistentModelIndex, None] = {}
        for node in chosen:
            index, frame = self._rows.index_of(node), self._rows.frame_of(node)
            if frame.isValid() and not self.tree.isExpanded(frame):
                if chosen.issuperset(self._rows.nodes_of(frame)):
                    index = frame
                else:
                    self.tree.expand(frame)
            if index.isValid():
                found[QPersistentModelIndex(index)] = None
        return [plain(index) for index in found]

    def _on_rows_selected(self) -> None:
        if self._is_following:
            return
        self._is_following = True
        chosen = self.tree.selectionModel().selectedIndexes()
        self._document.select([node for row in chosen for node in self._rows.nodes_of(row)])
        self._is_following = False
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
