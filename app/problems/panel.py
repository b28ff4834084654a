"""The Problems panel: what is wrong with the drawing, errors first."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.code_offer import code_offer
from app.document import Document
from app.problems.row import ProblemRow
from app.theme import ThemeManager
from app.widgets import Glyph, Label
from engine.analysis.insides import titles_along
from engine.analysis.report import Problem

_Key: TypeAlias = tuple[object, ...]


class ProblemsPanel(QWidget):
    """A row for each problem; selecting one shows it on the drawing."""

    problem_activated = Signal(object)
    """A ``Problem`` is to be shown on the drawing."""

    code_requested = Signal(str)
    """The code of a layer of one's own is wanted: its name."""

    fix_chosen = Signal(object)
    """A ``Fix`` of the whole drawing is to be carried out."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown on the drawing; None where that of no fix is."""

    count_changed = Signal(int, int)
    """How many errors and how many hints there are."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Problems"))
        self._document = document
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self._keys: tuple[_Key, ...] = ()
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Problems"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setMouseTracking(True)
        self._list.setItemDelegate(_Ground(theme, self._list))
        self._list.itemClicked.connect(self._on_item_chosen)
        self._list.itemActivated.connect(self._on_item_chosen)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(_nothing_wrong(self.tr("No problems.")))
        self._stack.addWidget(self._list)
        document.report_changed.connect(self._show_report)
        document.recipe_changed.connect(self._show_report)
        document.memory_changed.connect(self._show_report)
        theme.changed.connect(self._fit)
        self._show_report()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is listed, in its order."""
        return self._problems

    @property
    def errors(self) -> int:
        """How many problems block training."""
        return sum(problem.severity == "error" for problem in self._problems)

    @property
    def hints(self) -> int:
        """How many do not."""
        return len(self._problems) - self.errors

    def next(self) -> None:
        """Go to the next problem, after the last to the first, and show it."""
        self._step(1)

    def previous(self) -> None:
        """Go to the problem before, from the first to the last, and show it."""
        self._step(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        """List the ways to mend the problem under the pointer, or the current one."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        viewport = self._list.viewport()
        spot = viewport.mapFromGlobal(event.globalPos())
        item = self._list.currentItem() if by_key else self._list.itemAt(spot)
        row = self._list.itemWidget(item) if item else None
        if item and isinstance(row, ProblemRow):
            self._list.setCurrentItem(item)
            row.open_fixes(
                row.mapToGlobal(row.rect().bottomLeft()) if by_key else event.globalPos()
            )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        for row in self._rows():
            row.set_width(self.width())

    def _step(self, step: int) -> None:
        count = len(self._problems)
        if not count:
            return
        current = self._list.currentRow()
        row = (current + step) % count if current >= 0 else (0 if step > 0 else count - 1)
        self._list.setCurrentRow(row)
        self._activate(self._problems[row])

    def _activate(self, problem: Problem) -> None:
        if problem.node is not None:
            self._document.reveal(problem.path)
        self.problem_activated.emit(problem)

    def _show_report(self) -> None:
        found = self._document.problems
        ordered = tuple(sorted(found, key=lambda problem: problem.severity != "error"))
        self._problems = ordered
        keys = tuple((*_key(one, self._place(one)), self._offer(one)) for one in ordered)
        if keys == self._keys:
            # The fixes hold the new drawing, so the rows must have the new problems.
            for row, problem in zip(self._rows(), ordered, strict=True):
                row.problem = problem
            return
        chosen = self._list.currentRow()
        kept = self._keys[chosen] if 0 <= chosen < len(self._keys) else None
        self._keys = keys
        self._fill()
        if kept in keys:
            self._list.setCurrentRow(keys.index(kept))
        self._stack.setCurrentIndex(1 if ordered else 0)
        self.count_changed.emit(self.errors, self.hints)

    def _fill(self) -> None:
        self._list.clear()
        for problem in self._problems:
            row = ProblemRow(problem, self._place(problem), self._theme, self._offer(problem))
            row.code_chosen.connect(lambda row=row: self._open_code(row.problem))
            row.fix_chosen.connect(self.fix_chosen)
            row.fix_pointed_at.connect(self.fix_pointed_at)
            item = QListWidgetItem(self._list)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.accessibleName())
            self._list.setItemWidget(item, row)
        self._fit()

    def _fit(self) -> None:
        """Give the rows the room that their text needs, in columns that stand in line."""
        rows = self._rows()
        widest = max((row.fix_width() for row in rows), default=0)
        for place, row in enumerate(rows):
            self._list.item(place).setSizeHint(QSize(0, row.sizeHint().height()))
            row.set_fix_width(widest)
            row.set_width(self.width())

    def _open_code(self, problem: Problem) -> None:
        self.code_requested.emit(problem.own_layer)

    def _offer(self, problem: Problem) -> str:
        return code_offer(self._document.project.graph, problem.own_layer)

    def _place(self, problem: Problem) -> str:
        if problem.node is None:
            return self.tr("Drawing")
        whole = self._document.model_report
        titles = titles_along(whole, problem.path)
        frame = next((frame for frame in whole.graph.frames if problem.node in frame.nodes), None)
        return ", ".join([frame.title, *titles] if frame is not None else titles)

    def _on_item_chosen(self, item: QListWidgetItem) -> None:
        self._activate(self._problems[self._list.row(item)])

    def _rows(self) -> list[ProblemRow]:
        items = (self._list.item(row) for row in range(self._list.count()))
        rows = (self._list.itemWidget(item) for item in items)
        return [row for row in rows if isinstance(row, ProblemRow)]


class _Ground(QStyledItemDelegate):
    """Fills the row behind its widget, from edge to edge."""

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        del index
        colours = self._theme.theme.colours
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, colours.accent_soft)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, colours.hover)


def _nothing_wrong(words: str) -> QWidget:
    page = QWidget()
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(Glyph("done", "ok"))
    line.addWidget(Label(words, tone="text2"))
    line.addStretch(1)
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 12, 16, 12)
    column.addLayout(line)
    column.addStretch(1)
    return page


def _key(problem: Problem, place: str) -> _Key:
    """What a row shows of a problem; the edits of its fixes are functions and never equal."""
    labels = tuple(fix.label for fix in problem.fixes)
    return problem.code, problem.path, problem.port, problem.title, problem.text, labels, place
