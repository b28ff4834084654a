"""The keyboard map: every action and its keys, from the actions themselves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.widgets import Button, SearchField

# Gestures of the canvas that are no actions of a menu.
_ON_CANVAS = (
    ("Quick add", "Tab"),
    ("Along the wires", "Up, Down"),
    ("To a neighbour", "Left, Right"),
    ("Move by 10 px, by 1 px", "Alt+arrows, Alt+Shift+arrows"),
    ("Pan", "Space and drag"),
    ("Cancel", "Esc"),
)


class KeysDialog(QDialog):
    """A list that is searched as one types; it is accepted where the keys are to be changed."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard map"))
        self.resize(460, 560)
        self._search = SearchField(self.tr("Search actions"))
        self._list = QTreeWidget()
        self._list.ensurePolished()
        self._list.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self._list.setRootIsDecorated(False)
        self._list.setAccessibleName(self.tr("Actions and their keys"))
        self._fill(actions)
        header = self._list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._search)
        column.addWidget(self._list)
        change = Button(self.tr("Change keys…"))
        change.clicked.connect(self.accept)
        column.addWidget(change, alignment=Qt.AlignmentFlag.AlignRight)
        self._search.textChanged.connect(self._filter)

    def _fill(self, actions: Sequence[QAction]) -> None:
        rows = [(action.text().rstrip("…"), _keys(action)) for action in actions]
        for name, keys in (*rows, *_ON_CANVAS):
            if keys:
                self._list.addTopLevelItem(QTreeWidgetItem([name, keys]))

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for row in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(row)
            if item is not None:
                words = f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(wanted not in words)


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(sequence.toString(native) for sequence in action.shortcuts())
