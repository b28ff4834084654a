"""The tree of the outline, drawn: tile or chevron, name, bar of parameters, their number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView

from app.figures import amount
from app.outline.rows import CATEGORY, FRAME, GLYPH, HOLDS, NODE, NOTE, PARAMETERS, SEVERITY, Rows
from app.theme import ThemeManager, font, tile_pixmap
from app.widgets.row_tree import Index, RowState, RowTree, plain

_CHEVRON_ROOM_PX = 19
_SLACK_PX = 6
_LEFT_PX = 29
_INDENT_PX = 18
_TILE_PX = 18
_RIGHT_PX = 16
_NUMBER_PX = 48
_BAR_PX = 40
_BAR_HEIGHT_PX = 4
_DOT_PX = 6
_NOTE_GAP_PX = 7
_TO_ROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class OutlineTree(RowTree):
    """Frames and composites open at their chevron or by Right; all else is selection."""

    node_opened = Signal(str)
    """Enter or a double click on a node: it is to be shown on the drawing, or opened."""

    menu_requested = Signal(QPoint)
    """The context menu of the selection is wanted at this place of the screen."""

    def __init__(self, theme: ThemeManager, rows: Rows) -> None:
        super().__init__("Layers of the drawing", theme)
        self._rows = rows
        self.setModel(rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def paint_row(self, painter: QPainter, box: QRect, index: Index, state: RowState) -> None:
        left = self._left_of(index)
        if self._opens(index):
            is_open = self.isExpanded(plain(index))
            self.paint_chevron(painter, box, left - _CHEVRON_ROOM_PX, is_open=is_open)
        if not index.data(FRAME):
            self._paint_tile(painter, box, index, left)
            left += _TILE_PX + 8
        right = self._paint_amount(painter, box, index, state, left + self._name_width(index))
        self._paint_name(painter, QRect(left, box.top(), right - left, box.height()), index, state)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        index = self.indexAt(event.position().toPoint())
        on_chevron = 0 < self._left_of(index) - event.position().x() <= _CHEVRON_ROOM_PX + _SLACK_PX
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self._opens(index) and on_chevron:
            self.setExpanded(index, not self.isExpanded(index))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self._open(self.indexAt(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)
        if event.key() in _TO_ROWS and not self.selectionModel().hasSelection():
            # The keyboard may stand on the first row already, which nothing has selected yet.
            self.setCurrentIndex(self.currentIndex())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = self.visualRect(self.currentIndex())
            place = self.viewport().mapToGlobal(QPoint(_LEFT_PX, row.bottom()))
        if self.selectionModel().hasSelection():
            self.menu_requested.emit(place)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().changeEvent(event)
        self.viewport().update()

    def _open(self, index: Index) -> None:
        if index.data(FRAME):
            self.setExpanded(plain(index), not self.isExpanded(plain(index)))
        elif index.data(NODE):
            self.node_opened.emit(index.data(NODE))

    def _opens(self, index: Index) -> bool:
        return bool(index.data(FRAME) or index.data(HOLDS))

    def _left_of(self, index: Index) -> int:
        """Return where the tile of a row begins, or the title of a frame."""
        depth = sum(1 for _ in self._rows.parents_of(plain(index)))
        return _LEFT_PX + depth * _INDENT_PX

    def _paint_tile(self, painter: QPainter, box: QRect, index: Index, left: int) -> None:
        picture = tile_pixmap(
            index.data(CATEGORY) or "shape",
            self._theme.theme,
            glyph=index.data(GLYPH) or "",
            size_px=_TILE_PX,
            ratio=self.devicePixelRatioF(),
        )
        painter.drawPixmap(left, box.top() + (box.height() - _TILE_PX) // 2, picture)

    def _name_width(self, index: Index) -> int:
        """Return what a name takes at most: bold, with the count of a frame and the dot."""
        width = QFontMetrics(font(weight=600)).horizontalAdvance(str(index.data() or ""))
        if index.data(FRAME):
            metrics = QFontMetrics(font("small"))
            width += _NOTE_GAP_PX + metrics.horizontalAdvance(str(index.data(NOTE) or ""))
        return width + (_NOTE_GAP_PX + _DOT_PX if index.data(SEVERITY) else 0)

    def _paint_amount(
        self, painter: QPainter, box: QRect, index: Index, state: RowState, name_right: int
    ) -> int:
        """Draw the number, and the bar where it leaves the name whole; return the name's limit."""
        colours = self._theme.theme.colours
        parameters = int(index.data(PARAMETERS) or 0)
        right = box.right() - _RIGHT_PX
        if not parameters:
            return right
        number = QRect(right - _NUMBER_PX, box.top(), _NUMBER_PX, box.height())
        ink = colours.text2
        align = Qt.AlignmentFlag.AlignRight
        self.paint_text(painter, number, amount(parameters), font("small"), ink, align=align)
        if number.left() - _BAR_PX - 8 < name_right:
            return number.left() - 8
        top = box.center().y() - _BAR_HEIGHT_PX / 2 + 0.5
        track = QRectF(number.left() - _BAR_PX, top, _BAR_PX, _BAR_HEIGHT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.pressed)
        painter.drawRoundedRect(track, 2, 2)
        share = parameters / max(self._rows.largest, parameters)
        track.setWidth(max(2.0, track.width() * share))
        painter.setBrush(colours.accent if state.is_selected else colours.ctl)
        painter.drawRoundedRect(track, 2, 2)
        return round(track.left()) - 8

    def _paint_name(self, painter: QPainter, area: QRect, index: Index, state: RowState) -> None:
        colours = self._theme.theme.colours
        severity = str(index.data(SEVERITY) or "")
        room = area.adjusted(0, 0, -(_DOT_PX + 6) if severity else 0, 0)
        look = font(weight=600 if state.is_selected else 400)
        note = str(index.data(NOTE) or "")
        metrics = QFontMetrics(font("small"))
        note_room = metrics.horizontalAdvance(note) + _NOTE_GAP_PX if note else 0
        # A count is always told, the name of a node only where its title needs no cut for it.
        is_count = bool(index.data(FRAME))
        name = room.adjusted(0, 0, -note_room if is_count else 0, 0)
        used = self.paint_text(painter, name, str(index.data() or ""), look, colours.text)
        if note and (is_count or used + note_room <= room.width()):
            place = room.adjusted(used + _NOTE_GAP_PX, 0, 0, 0)
            used += _NOTE_GAP_PX
            used += self.paint_text(painter, place, note, font("small"), colours.text3)
        if severity:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.err if severity == "error" else colours.warn)
            left = area.left() + used + 7
            top = area.center().y() - _DOT_PX / 2 + 0.5
            painter.drawEllipse(QRectF(left, top, _DOT_PX, _DOT_PX))
