"""A search field over a list that floats above the window: what is chosen, it announces."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from app.widgets.search_field import SearchField

_PAGE = 8
_INSET_PX = 8


class ListPopup(QFrame):
    """Opens over its window and closes with Esc, a choice, or a click beside it.

    The keyboard stays in the field: arrows walk the list, Enter chooses, and the focus goes back to
    where it was.
    """

    chosen = Signal(QModelIndex)
    closed = Signal()

    def __init__(self, name: str, prompt: str, *, width_px: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._returns_to: QWidget | None = None
        self.setProperty("kind", "card")
        self.setAccessibleName(name)
        self.setFixedWidth(width_px)
        self.field = SearchField(prompt)
        self.list = QListView()
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setProperty("surface", "raised")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(_INSET_PX, _INSET_PX, _INSET_PX, _INSET_PX)
        self.column.setSpacing(6)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._choose)
        application = QApplication.instance()
        assert isinstance(application, QApplication), "widgets need the application object"
        application.focusChanged.connect(self._on_focus_changed)
        self.hide()

    def set_rows(self, model: QAbstractItemModel, delegate: QStyledItemDelegate) -> None:
        """Show a model, painted by a delegate."""
        self.list.setModel(model)
        self.list.setItemDelegate(delegate)

    def open(self) -> None:
        """Show the list with an empty field that has the keyboard."""
        self._returns_to = QApplication.focusWidget()
        self.field.clear()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_list(self) -> None:
        """Hide, and give the keyboard back."""
        if self.isHidden():
            return
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.hide()
        back = self._returns_to
        if had_focus and back is not None and back.isVisible():
            back.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def set_current_row(self, row: int) -> None:
        """Mark a row as the one that Enter chooses."""
        model = self.list.model()
        if model.rowCount():
            self.list.setCurrentIndex(model.index(row % model.rowCount(), 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # The window's Esc, Enter and arrows are ours while the list is open.
                event.accept()
                return False
            if event.type() == QEvent.Type.KeyPress:
                return self._take_key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
        event.accept()

    def _take_key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _PAGE,
            Qt.Key.Key_PageUp: -_PAGE,
        }
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_list()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.list.currentIndex())
            case key if Qt.Key(key) in steps:
                self._step(steps[Qt.Key(key)])
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        count = self.list.model().rowCount()
        if not count:
            return
        row = self.list.currentIndex().row() + by
        # One step goes around, a page stops at the ends.
        self.set_current_row(row if abs(by) == 1 else max(0, min(count - 1, row)))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        is_left = new is None or not self.isAncestorOf(new)
        if is_left and not self.isHidden():
            self.close_list()
