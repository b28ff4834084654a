"""The table of the summary: a bar behind each number tells its share of the sum."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from app.summary.columns import COLUMNS
from app.summary.rows import SHARE, SummaryRows
from app.theme import ThemeManager, current_theme, faded, font

_ROW_PX = 26
_PADDING_PX = 20
_LAYER_PX, _KIND_PX, _OUTPUT_PX = 160, 104, 96
_NUMBER_PX = 84
_BAR_STRENGTH = 0.66
_SORT_MARK_PX = 12


class SummaryTable(QTreeView):
    """Sorts by a click on a header; a third click brings the order of the data flow back."""

    def __init__(self, rows: SummaryRows, theme: ThemeManager) -> None:
        super().__init__()
        # The style sheet is asked for the columns before the window is shown.
        self.ensurePolished()
        self.setModel(rows)
        self.setAccessibleName(self.tr("Layers and what they cost"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(_Cell(theme, self))
        header = self.header()
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setStretchLastSection(False)
        self.setSortingEnabled(True)
        theme.changed.connect(self.fit_columns)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Give every column the width that its header needs, and the first ones more."""
        header, metrics = self.header(), QFontMetrics(font("small", weight=600))
        least = {"layer": _LAYER_PX, "kind": _KIND_PX, "output": _OUTPUT_PX}
        for number, column in enumerate(COLUMNS):
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Interactive)
            least_px = least.get(column.key, _NUMBER_PX)
            needed = metrics.horizontalAdvance(column.title) + _PADDING_PX + _SORT_MARK_PX
            header.resizeSection(number, max(needed, least_px))


class _Cell(QStyledItemDelegate):
    """Paints the bar, then what any cell paints."""

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(  # noqa: N802 - Qt override
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(_ROW_PX, current_theme().size.row - 4))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if not share:
            return
        box: QRect = option.rect
        room = box.width() - 16
        wide = max(2, round(room * min(float(share), 1.0)))
        bar = QRect(box.right() - 8 - wide, box.bottom() - 3, wide, 2)
        painter.fillRect(bar, faded(self._theme.theme.colours.accent, _BAR_STRENGTH))
