"""The history as a list: every step by its name, and a click goes there."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.document import Document
from app.theme import current_theme, font, pixmap
from app.widgets.list_popup import ListPopup

_WIDTH_PX = 340
_ROW_PX = 30
_ROWS = 14
_TOP_PX = 56
_ASIDE_PX = 60
_MARK_PX = 14
_LEFT_PX = 10
_Index = QModelIndex | QPersistentModelIndex


class HistoryList(ListPopup):
    """Newest step on top; those that were taken back are faded and can be done again."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__("History", "Search the history", width_px=_WIDTH_PX, parent=parent)
        self._document = document
        self._steps = _Steps(self)
        self.set_rows(self._steps, _StepPainter(self.list))
        self.field.textChanged.connect(self._refill)
        self.chosen.connect(self._on_chosen)

    def open(self) -> None:
        """List the steps; the one that is seen now is marked."""
        super().open()
        self._refill()

    def titles(self) -> list[str]:
        """Return what is listed, newest first."""
        return [label for _, label in self._steps.rows]

    def _refill(self) -> None:
        history = self._document.history
        wanted = self.field.text().casefold().strip()
        labels = [
            (place, label)
            for place, label in enumerate(history.labels())
            if wanted in label.casefold()
        ]
        self._steps.show(labels[::-1], history.place)
        current = [row for row, (place, _) in enumerate(labels[::-1]) if place == history.place]
        self.set_current_row(current[0] if current else 0)
        self.list.setFixedHeight(max(1, min(_ROWS, len(labels))) * _ROW_PX + 2)
        self.adjustSize()
        self.move(_ASIDE_PX, _TOP_PX)

    def _on_chosen(self, index: QModelIndex) -> None:
        self._document.go_to(self._steps.rows[index.row()][0])
        self._refill()


class _Steps(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[tuple[int, str]] = []
        self.current = 0

    def show(self, rows: list[tuple[int, str]], current: int) -> None:
        self.beginResetModel()
        self.rows, self.current = rows, current
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        del parent
        return len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place, label = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = {0: ", seen now", 1: ", taken back"}
            return label + state.get((place > self.current) - (place < self.current), "")
        return None


class _StepPainter(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        steps = index.model()
        assert isinstance(steps, _Steps), "the delegate is used with this model alone"
        place, label = steps.rows[index.row()]
        theme = current_theme()
        colours = theme.colours
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.accent_soft if chosen else colours.hover)
            box = QRectF(rect).adjusted(0, 1, 0, -1)
            painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
        if place == steps.current:
            ratio = painter.device().devicePixelRatioF()
            mark = pixmap("check", _MARK_PX, colours.accent, ratio)
            painter.drawPixmap(
                rect.left() + _LEFT_PX, rect.top() + (rect.height() - _MARK_PX) // 2, mark
            )
        painter.setFont(font(weight=600 if place == steps.current else None))
        painter.setPen(colours.text3 if place > steps.current else colours.text)
        words = rect.adjusted(_LEFT_PX + _MARK_PX + 8, 0, -_LEFT_PX, 0)
        shown = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(100, _ROW_PX)
