"""A tree whose rows are painted by its owner: rounded, inset, without lines."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QCursor, QFont, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from app.theme import ThemeManager, pixmap

INSET_PX = 8
_CHEVRON_PX = 12
_BAR_PX = 2
"""Of a chosen row in high contrast."""


Index: TypeAlias = QModelIndex | QPersistentModelIndex


class RowState(NamedTuple):
    """How a row stands at the moment."""

    is_selected: bool
    is_hovered: bool
    is_current: bool
    """The keyboard is on it."""


def plain(index: Index) -> QModelIndex:
    """The index itself, where Qt hands over one that outlives changes."""
    if isinstance(index, QModelIndex):
        return index
    if not index.isValid():
        return QModelIndex()
    return index.model().index(index.row(), index.column(), index.parent())


class RowTree(QTreeView):
    """A tree with its look in ``paint_row``; hovering, selection and keys are those of Qt."""

    def __init__(self, name: str, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hovered = QPersistentModelIndex()
        self.setAccessibleName(name)
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Heights(self))

    def row_height(self) -> int:
        """Height of every row."""
        return self._theme.theme.size.row

    def ground(self, state: RowState) -> QColor | None:
        """The colour behind a row, where it has one."""
        colours = self._theme.theme.colours
        if state.is_selected:
            return colours.accent_soft
        return colours.hover if state.is_hovered else None

    def is_chosen(self, index: Index) -> bool:
        """Whether a row is painted as chosen."""
        return self.selectionModel().isSelected(plain(index))

    def paint_row(self, painter: QPainter, box: QRect, index: Index, state: RowState) -> None:
        """Draw what a row says into ``box``, which is as wide as the view."""
        raise NotImplementedError

    def hovered_index(self) -> QModelIndex:
        """The row under the pointer."""
        return plain(self._hovered)

    def forget_hover(self) -> None:
        """Light no row until the pointer moves over one again."""
        self._hover(QModelIndex())

    def drawRow(  # noqa: N802 - Qt override
        self, painter: QPainter, options: QStyleOptionViewItem, index: Index
    ) -> None:
        state = RowState(
            is_selected=self.is_chosen(index),
            is_hovered=self._hovered == index,
            is_current=self.hasFocus() and self.currentIndex() == index,
        )
        row: QRect = options.rect
        box = QRect(0, row.top(), self.viewport().width(), row.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, state)
        self.paint_row(painter, box, index, state)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:  # noqa: N802 - Qt override
        """Draw nothing: the rows bring their own chevrons."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        super().mouseMoveEvent(event)
        # After a drag X11 repeats a move from where the drag began.
        pointer = self.viewport().mapFromGlobal(QCursor.pos())
        is_here = self.viewport().rect().contains(pointer)
        self._hover(self.indexAt(event.position().toPoint()) if is_here else QModelIndex())

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._hover(QModelIndex())
        return super().viewportEvent(event)

    def paint_chevron(self, painter: QPainter, box: QRect, left: int, *, is_open: bool) -> None:
        """Draw the mark of a parent that is open or closed."""
        name = "chevron-down" if is_open else "chevron-right"
        ink = self._theme.theme.colours.text2
        picture = pixmap(name, _CHEVRON_PX, ink, self.devicePixelRatioF())
        painter.drawPixmap(left, box.top() + (box.height() - _CHEVRON_PX) // 2, picture)

    def paint_text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        look: QFont,
        ink: QColor,
        *,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> int:
        """Write one line into ``box``, cut where it has to be; return the width it took."""
        metrics = QFontMetrics(look)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(look)
        painter.setPen(ink)
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)

    def _hover(self, index: QModelIndex) -> None:
        if self._hovered == index:
            return
        self._hovered = QPersistentModelIndex(index)
        self.viewport().update()

    def _paint_ground(self, painter: QPainter, box: QRect, state: RowState) -> None:
        theme = self._theme.theme
        area = QRectF(box).adjusted(INSET_PX, 0, -INSET_PX, 0)
        ground = self.ground(state)
        if ground is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(area, theme.radius.field, theme.radius.field)
        if state.is_selected and theme.has_high_contrast:
            painter.fillRect(
                QRectF(area.left(), area.top(), _BAR_PX, area.height()), theme.colours.accent
            )
        if state.is_current and not state.is_selected:
            painter.setPen(theme.colours.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = area.adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(inner, theme.radius.field, theme.radius.field)


class _Heights(QStyledItemDelegate):
    """Only asked for the size of rows."""

    def __init__(self, tree: RowTree) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(40, self._tree.row_height())
