"""The lines of the palette as Qt wants them, and how one is painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.commands.command import GROUP_WORDS, Command, Group
from app.theme import current_theme, font, pixmap, tile_pixmap

ROW_PX = 34
_TILE_PX = 20
_LEFT_PX = 10
_WORDS_LEFT_PX = 42
_RIGHT_PX = 12
_GAP_PX = 10
_FADED = 0.5
_BAR_PX = 2
_ICONS: dict[Group, str] = {
    "action": "enter",
    "layer": "library",
    "drawing": "outline",
    "template": "template",
    "run": "runs",
    "preference": "preferences",
}
_Index = QModelIndex | QPersistentModelIndex


class CommandRows(QAbstractListModel):
    """The commands that fit, best first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.commands: Sequence[Command] = ()

    def show(self, commands: Sequence[Command]) -> None:
        """List other commands."""
        self.beginResetModel()
        self.commands = commands
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        del parent
        return len(self.commands)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        command = self.commands[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return command.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            group = GROUP_WORDS[command.group][0]
            parts = (command.title, command.note, group, command.keys)
            return ", ".join(part for part in parts if part)
        return None


class CommandPainter(QStyledItemDelegate):
    """Paints tile or icon, title, note, and at the right the keys or the group."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, CommandRows), "the delegate is used with this model alone"
        command = model.commands[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        _paint_ground(painter, rect, option.state)
        painter.setOpacity(1.0 if command.can_run else _FADED)
        _paint_mark(painter, rect, command)
        room = rect.adjusted(_WORDS_LEFT_PX, 0, -_RIGHT_PX, 0)
        room.setRight(_paint_right(painter, room, command) - _GAP_PX)
        _paint_words(painter, room, command)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(100, ROW_PX)


def _paint_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
    theme = current_theme()
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.accent_soft if chosen else theme.colours.hover)
        box = QRectF(rect).adjusted(0, 1, 0, -1)
        painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
    if chosen and theme.has_high_contrast:
        painter.fillRect(
            rect.left(), rect.top() + 1, _BAR_PX, rect.height() - 2, theme.colours.accent
        )


def _paint_mark(painter: QPainter, rect: QRect, command: Command) -> None:
    theme = current_theme()
    ratio = painter.device().devicePixelRatioF()
    if command.category:
        picture = tile_pixmap(
            command.category, theme, glyph=command.glyph, size_px=_TILE_PX, ratio=ratio
        )
        size = _TILE_PX
    else:
        size = 16
        picture = pixmap(_ICONS[command.group], size, theme.colours.text3, ratio)
    left = rect.left() + _LEFT_PX + (_TILE_PX - size) // 2
    painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - size) // 2), picture)


def _paint_right(painter: QPainter, room: QRect, command: Command) -> int:
    """Write the keys, else the group; return where that begins."""
    text = command.keys or GROUP_WORDS[command.group][0]
    look = font("small", weight=500 if command.keys else None)
    painter.setFont(look)
    colours = current_theme().colours
    painter.setPen(colours.text2 if command.keys else colours.text3)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(room, right, text)
    return room.right() - QFontMetrics(look).horizontalAdvance(text)


def _paint_words(painter: QPainter, room: QRect, command: Command) -> None:
    colours = current_theme().colours
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    look = font(weight=500)
    title = QFontMetrics(look).elidedText(command.title, Qt.TextElideMode.ElideMiddle, room.width())
    painter.setFont(look)
    painter.setPen(colours.text)
    painter.drawText(room, left, title)
    beside = room.adjusted(QFontMetrics(look).horizontalAdvance(title) + _GAP_PX, 0, 0, 0)
    if command.note and beside.width() > ROW_PX:
        small = font("small")
        note = QFontMetrics(small).elidedText(
            command.note, Qt.TextElideMode.ElideRight, beside.width()
        )
        painter.setFont(small)
        painter.setPen(colours.text3)
        painter.drawText(beside, left, note)
