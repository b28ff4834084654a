"""The list of layers: drawn, opened and closed, chosen, and dragged from."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from app.blocks import is_block, may_change
from app.palette.entries import CATEGORY, COUNT, DAMAGED, KIND, Entries, Face
from app.theme import ThemeManager, font, pixmap, tile_pixmap
from app.widgets.row_tree import Index, RowState, RowTree, plain

_CHEVRON_LEFT_PX = 10
_CATEGORY_LEFT_PX = 29
_TILE_LEFT_PX = 28
_TILE_PX = 20
_NAME_LEFT_PX = 57
_MORE_LEFT_PX = 36
_RIGHT_PX = 14
_GHOST = QSize(200, 44)


class LayerTree(RowTree):
    """Categories that open at a click, and layers that are added by key or by dragging."""

    layer_chosen = Signal(str)
    """Enter or a double click on a layer: its kind."""

    hovered = Signal(str, QRect)
    """The pointer came to another layer, or the keyboard asked for its help: kind and row."""

    left = Signal()
    """There is no layer under the pointer any more."""

    help_requested = Signal(str)

    rename_requested = Signal(str)
    delete_requested = Signal(str)
    """A block of one's own is to be renamed or deleted: its key."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__("Layers", theme, parent)
        self.entries = Entries()
        self.setModel(self.entries)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self._shown_kind = ""

    def kind_at(self, index: Index) -> str:
        """The layer of a row; empty for a category."""
        return str(index.data(KIND) or "")

    def ground(self, state: RowState) -> QColor | None:
        if state.is_selected and not self.hasFocus():
            # Nothing is chosen in a library for good; only the keyboard needs to see its place.
            state = state._replace(is_selected=False)
        return super().ground(state)

    def paint_row(self, painter: QPainter, box: QRect, index: Index, state: RowState) -> None:
        kind = self.kind_at(index)
        if kind:
            self._paint_layer(painter, box, kind, state)
        elif index.data(DAMAGED):
            ink = self._theme.theme.colours.err
            area = box.adjusted(_MORE_LEFT_PX, 0, -_RIGHT_PX, 0)
            self.paint_text(painter, area, str(index.data()), font("small"), ink)
        elif index.parent().isValid():
            ink = self._theme.theme.colours.accent
            area = box.adjusted(_MORE_LEFT_PX, 0, -_RIGHT_PX, 0)
            self.paint_text(painter, area, str(index.data()), font("small"), ink)
        else:
            self._paint_category(painter, box, index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._open(self.indexAt(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        kind = self.kind_at(self.indexAt(event.position().toPoint()))
        if kind and event.button() == Qt.MouseButton.LeftButton:
            self.layer_chosen.emit(kind)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        super().mouseMoveEvent(event)
        self._tell_hovered()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        kind = self.kind_at(self.currentIndex())
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                if kind:
                    self.layer_chosen.emit(kind)
                else:
                    self._open(self.currentIndex())
            case Qt.Key.Key_F1 if kind and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.hovered.emit(kind, self._row_on_screen(self.currentIndex()))
            case Qt.Key.Key_F1 if kind:
                self.help_requested.emit(kind)
            case _:
                self.left.emit()
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        index = self.indexAt(event.pos())
        key = self.kind_at(index)
        if not is_block(key) or not may_change(key):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename…"), lambda: self.rename_requested.emit(key))
        menu.addAction(self.tr("Delete…"), lambda: self.delete_requested.emit(key))
        menu.popup(event.globalPos())

    def startDrag(self, supported: Qt.DropAction) -> None:  # noqa: N802 - Qt override
        del supported
        index = self.currentIndex()
        kind = self.kind_at(index)
        if not kind:
            return
        self.left.emit()
        drag = QDrag(self)
        drag.setMimeData(self.entries.mimeData([index]))
        drag.setPixmap(self.ghost(kind))
        drag.setHotSpot(QPoint(_GHOST.width() // 2, _GHOST.height() // 2))
        drag.exec(Qt.DropAction.CopyAction)
        # The pointer is elsewhere now; what hovered before the drag must not come back.
        self.forget_hover()
        self.left.emit()

    def ghost(self, kind: str) -> QPixmap:
        """The card that hangs at the pointer while a layer is dragged."""
        theme = self._theme.theme
        face = self.entries.face_of(kind)
        ratio = self.devicePixelRatioF()
        made = QPixmap(_GHOST * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colours.accent)
        painter.setBrush(theme.colours.raised)
        card = QRectF(0.5, 0.5, _GHOST.width() - 1, _GHOST.height() - 1)
        painter.drawRoundedRect(card, theme.radius.card, theme.radius.card)
        self._paint_tile(painter, face, QPoint(8, 8), theme.size.tile)
        area = QRect(46, 0, _GHOST.width() - 56, _GHOST.height())
        self.paint_text(painter, area, face.title, font("node_title"), theme.colours.text)
        painter.end()
        return made

    def leave(self) -> None:
        """Forget which layer's help was shown."""
        self._shown_kind = ""

    def _open(self, index: QModelIndex) -> None:
        if not index.isValid() or self.kind_at(index) or index.data(DAMAGED):
            return
        if index.parent().isValid():
            parent, row = index.parent(), index.row()
            self.entries.show_whole(index.data(CATEGORY))
            self.setCurrentIndex(self.entries.index(row, 0, parent))
        else:
            self.setExpanded(index, not self.isExpanded(index))

    def _tell_hovered(self) -> None:
        index = self.hovered_index()
        kind = self.kind_at(index)
        if kind == self._shown_kind:
            return
        self._shown_kind = kind
        if kind:
            self.hovered.emit(kind, self._row_on_screen(index))
        else:
            self.left.emit()

    def _row_on_screen(self, index: QModelIndex) -> QRect:
        row = self.visualRect(index)
        corner = self.viewport().mapToGlobal(QPoint(0, row.top()))
        return QRect(corner, QSize(self.viewport().width(), row.height()))

    def _paint_category(self, painter: QPainter, box: QRect, index: Index) -> None:
        colours = self._theme.theme.colours
        is_open = self.isExpanded(plain(index))
        self.paint_chevron(painter, box, _CHEVRON_LEFT_PX, is_open=is_open)
        look = font(weight=600 if is_open else 400)
        ink = colours.text if is_open else colours.text2
        area = box.adjusted(_CATEGORY_LEFT_PX, 0, -_RIGHT_PX, 0)
        self.paint_text(painter, area, str(index.data()), look, ink)
        count = str(index.data(COUNT))
        self.paint_text(
            painter, area, count, font("small"), colours.text3, align=Qt.AlignmentFlag.AlignRight
        )

    def _paint_layer(self, painter: QPainter, box: QRect, kind: str, state: RowState) -> None:
        colours = self._theme.theme.colours
        face = self.entries.face_of(kind)
        top = box.top() + (box.height() - _TILE_PX) // 2
        self._paint_tile(painter, face, QPoint(_TILE_LEFT_PX, top), _TILE_PX)
        area = box.adjusted(_NAME_LEFT_PX, 0, -_RIGHT_PX, 0)
        used = self.paint_text(painter, area, face.title, font(), colours.text)
        if state.is_hovered or state.is_current:
            self._paint_hint(painter, area.adjusted(used + 12, 0, -4, 0))

    def _paint_hint(self, painter: QPainter, area: QRect) -> None:
        colours = self._theme.theme.colours
        words = self.tr("drag or")
        size = 14
        look = font("small")
        if area.width() < painter.fontMetrics().horizontalAdvance(words) + size:
            return
        at = QPoint(area.right() - size + 1, area.center().y() - size // 2 + 1)
        painter.drawPixmap(at, pixmap("enter", size, colours.text3, self.devicePixelRatioF()))
        right = Qt.AlignmentFlag.AlignRight
        text = area.adjusted(0, 0, -size - 4, 0)
        self.paint_text(painter, text, words, look, colours.text3, align=right)

    def _paint_tile(self, painter: QPainter, face: Face, at: QPoint, size_px: int) -> None:
        picture = tile_pixmap(
            face.category,
            self._theme.theme,
            glyph=face.glyph,
            size_px=size_px,
            ratio=self.devicePixelRatioF(),
        )
        painter.drawPixmap(at, picture)
