"""The pop-up that adds a layer: type a few letters and parameters, press Enter.

It only asks: what was chosen is announced, and the canvas adds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.canvas.offers import Place, Row, offered
from app.canvas.quick_text import read_quick_text
from app.canvas.style import draw_text, draw_tile, elided, style_of, text_width
from app.canvas.uses import Uses
from app.theme import current_theme
from app.theme.tokens import StyleName
from app.widgets import FlowText, SearchField
from engine.analysis.verdict import Prediction

WIDTH = 300
Mode = Literal["connect", "alone", "more"]

_ROW = 32
_ROWS = 8
_Index = QModelIndex | QPersistentModelIndex


class QuickAdd(QFrame):
    """A search field over a list of layers."""

    chosen = Signal(str, object, str)
    """A layer: its kind, its parameters, and whether to connect it, leave it alone, or go on."""

    closed = Signal()

    help_requested = Signal(str)
    """The person asks about a kind of layer."""

    pointed_at = Signal(str, QRect)
    """The pointer is on a row: its kind or block, and where it is on the screen."""

    left = Signal()
    """The pointer is on no row any more."""

    def __init__(self, uses: Uses, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = Place(predict=lambda _kind, _params: Prediction(fits=True, text=""))
        self._uses = uses
        self.setProperty("kind", "card")
        self.setFixedWidth(WIDTH)
        self._field = SearchField("")
        self._model = _Rows(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_RowPainter(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setProperty("surface", "raised")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Layers"))
        self._nothing = FlowText("", "small", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(7, 7, 7, 7)
        column.setSpacing(6)
        column.addWidget(self._field)
        column.addWidget(self._list)
        column.addWidget(self._nothing)
        self._field.textChanged.connect(self._refill)
        self._field.installEventFilter(self)
        self._list.entered.connect(self._on_entered)
        self._list.viewportEntered.connect(self.left)
        self._list.viewport().installEventFilter(self)
        self._list.clicked.connect(lambda index: self._choose(index.row(), "connect"))
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        self.hide()

    def open(self, place: Place, prompt: str) -> None:
        """Show what can be added at a place."""
        self._place = place
        self._field.setPlaceholderText(prompt)
        self._field.setAccessibleName(prompt)
        self.setAccessibleName(prompt)
        self._field.clear()
        self._refill()
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_list(self) -> None:
        """Hide and say so."""
        if not self.isHidden():
            self.left.emit()
            self.hide()
            self.closed.emit()

    def rows(self) -> Sequence[Row]:
        """Return what is listed."""
        return self._model.rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self._field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # The window's Esc, Tab and arrows are ours while the list is open.
                event.accept()
                return False
            if event.type() == QEvent.Type.KeyPress:
                return self._take_key(event)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.Wheel):
            self.left.emit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        # Keys of the list are not keys of the canvas below it.
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
        event.accept()

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape | Qt.Key.Key_Tab:
                self.close_list()
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_F1:
                self._ask_for_help()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                mode: Mode = "connect"
                if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                    mode = "alone"
                elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    mode = "more"
                self._choose(self._list.currentIndex().row(), mode)
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        count = len(self._model.rows)
        if count:
            row = (self._list.currentIndex().row() + by) % count
            self._list.setCurrentIndex(self._model.index(row))

    def _ask_for_help(self) -> None:
        row = self._list.currentIndex().row()
        if 0 <= row < len(self._model.rows):
            self.help_requested.emit(self._model.rows[row].kind)

    def _choose(self, place: int, mode: Mode) -> None:
        if not 0 <= place < len(self._model.rows):
            return
        row = self._model.rows[place]
        if mode != "more":
            self.close_list()
        self.chosen.emit(row.kind, row.params, mode)
        if mode == "more":
            self._field.clear()
            self._refill()

    def _refill(self) -> None:
        self.left.emit()
        rows = offered(self._field.text(), self._place, self._uses)
        self._model.show(rows)
        self._list.setCurrentIndex(self._model.index(0))
        self._list.setFixedHeight(max(1, min(_ROWS, len(rows))) * _ROW + 4)
        self._say_nothing(is_so=not rows)
        self.adjustSize()

    def _say_nothing(self, *, is_so: bool) -> None:
        """Say in the place of the list that there is no such layer."""
        fits = self.tr("No layer called “{0}” fits here.")
        nothing = self.tr("No layer called “{0}”. Try what it does, such as “pool”.")
        words = fits if self._place.only_fitting else nothing
        self._nothing.set_words(words.format(read_quick_text(self._field.text()).words))
        self._nothing.setVisible(is_so)
        self._list.setVisible(not is_so)

    def _on_entered(self, index: QModelIndex) -> None:
        rect, port = self._list.visualRect(index), self._list.viewport()
        row = QRect(port.mapToGlobal(rect.topLeft()), rect.size())
        self.pointed_at.emit(self._model.rows[index.row()].kind, row)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if not self.isHidden() and (new is None or not self.isAncestorOf(new)):
            self.close_list()


class _Rows(QAbstractListModel):
    """The rows as Qt wants them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        del parent
        return len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join(filter(None, (row.title, row.note, row.prediction.text)))
        return None


class _RowPainter(QStyledItemDelegate):
    """Paints tile, name and what the layer would give."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, _Rows), "the delegate is used with this model alone"
        row = model.rows[index.row()]
        style = style_of(current_theme().name)
        colours = style.colours
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.accent_soft if chosen else colours.hover)
            radius = style.theme.radius.field
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), radius, radius)
        middle = rect.center().y() + 0.5
        painter.setOpacity(1.0 if row.prediction.fits else 0.55)
        place = (rect.left() + 8.0, middle - 10, 20)
        draw_tile(painter, style, place, *row.tile, hatched=False)
        room = rect.width() - 46
        face: StyleName = "shape" if row.prediction.fits else "small"
        shown = elided(row.prediction.text, face, room * 0.5)
        width = text_width(shown, face)
        at = rect.right() - 8 - width
        draw_text(painter, at, middle, shown, face, colours.text3)
        title = elided(row.title, "body", room - width - 12, 600)
        draw_text(painter, rect.left() + 37, middle, title, "body", colours.text, weight=500)
        beside = rect.left() + 37 + text_width(title, "body", 500) + 8
        if row.note and beside + text_width(row.note, "small") + 8 <= at:
            draw_text(painter, beside, middle, row.note, "small", colours.text3)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(WIDTH - 20, _ROW)
