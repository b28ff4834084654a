"""The list of actions and their keys: search one, press another key for it, or take it back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.keymap import Keymap, is_modifier, native
from app.shell.menus import places_in_menus
from app.widgets import Button, FlowText, SearchField

_KEY = Qt.ItemDataRole.UserRole


class KeyList(QWidget):
    """Every action with its menu and its keys; below it, what can be done with the chosen one."""

    def __init__(self, keymap: Keymap, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._keymap = keymap
        self._titles = {key: action.text().rstrip("…") for key, action in actions.items()}
        self._pending: QKeySequence | None = None
        self.search = SearchField(self.tr("Search actions or keys"))
        self.tree = self._make_tree()
        self.catcher = KeyCatcher()
        self._use = Button(self.tr("Use it here"), "primary")
        self._clear = Button(self.tr("No key"))
        self._reset = Button(self.tr("Reset"))
        self._reset_all = Button(self.tr("Reset all"), "ghost")
        self._said = FlowText("", "small")
        self._fill()
        self._lay_out()
        self._introduce()
        self._follow_choice()

    def choose(self, key: str) -> None:
        """Make an action the one whose keys are changed."""
        self.tree.setCurrentItem(self._items[key])

    @property
    def said(self) -> str:
        """What is said below the list."""
        return self._said.accessibleName()

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        # The style sheet is asked for the columns before the window is shown.
        tree.ensurePolished()
        tree.setHeaderLabels([self.tr("Action"), self.tr("Menu"), self.tr("Keys")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName(self.tr("Actions and their keys"))
        header = tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _fill(self) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        for key, menu in places_in_menus().items():
            if key in self._titles:
                item = QTreeWidgetItem([self._titles[key], self.tr(menu), ""])
                item.setData(0, _KEY, key)
                self._items[key] = item
                self.tree.addTopLevelItem(item)
        self._show_keys()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.catcher, 1)
        for button in (self._use, self._clear, self._reset, self._reset_all):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        column.addWidget(self._said)

    def _introduce(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(self._follow_choice)
        self.tree.itemActivated.connect(lambda: self.catcher.setFocus())
        self.catcher.caught.connect(self._on_caught)
        self._use.clicked.connect(self._on_use)
        self._clear.clicked.connect(self._on_clear)
        self._reset.clicked.connect(self._on_reset)
        self._reset_all.clicked.connect(self._keymap.reset_all)
        self._keymap.changed.connect(self._on_changed)

    def _chosen(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, _KEY)) if item is not None else ""

    def _show_keys(self) -> None:
        for key, item in self._items.items():
            item.setText(2, native(self._keymap.keys_of(key)))
            look = item.font(2)
            look.setBold(not self._keymap.is_default(key))
            item.setFont(2, look)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for item in self._items.values():
            words = f"{item.text(0)} {item.text(1)} {item.text(2)}".casefold()
            item.setHidden(wanted not in words)

    def _follow_choice(self) -> None:
        key = self._chosen()
        self._pending = None
        self._use.hide()
        for widget in (self.catcher, self._clear):
            widget.setEnabled(bool(key))
        self._reset.setEnabled(bool(key) and not self._keymap.is_default(key))
        self.catcher.show_keys(native(self._keymap.keys_of(key)) if key else "")
        self._say(
            self.tr("Press a key in the field to use it for “{0}”.").format(self._titles[key])
            if key
            else self.tr("Choose an action to give it another key.")
        )

    def _on_caught(self, sequence: QKeySequence) -> None:
        key, shown = self._chosen(), native([sequence])
        reserved = self._keymap.reserved_for(sequence)
        holder = self._keymap.holder_of(sequence, but=key)
        self._pending = None
        self._use.hide()
        if reserved:
            self._say(self.tr("{0} cannot be used: {1}.").format(shown, reserved.lower()))
        elif holder:
            self._pending = sequence
            self._use.show()
            self._say(self.tr("{0} belongs to “{1}”.").format(shown, self._titles[holder]))
        else:
            self._keymap.set_keys(key, [sequence])

    def _on_use(self) -> None:
        if self._pending is not None:
            self._keymap.set_keys(self._chosen(), [self._pending])

    def _on_clear(self) -> None:
        self._keymap.set_keys(self._chosen(), [])

    def _on_reset(self) -> None:
        self._keymap.reset(self._chosen())

    def _on_changed(self) -> None:
        self._show_keys()
        self._follow_choice()
        key = self._chosen()
        if key:
            shown = native(self._keymap.keys_of(key)) or self.tr("no key")
            self._say(self.tr("“{0}” has {1} now.").format(self._titles[key], shown))

    def _say(self, text: str) -> None:
        self._said.set_words(text)


class KeyCatcher(QLineEdit):
    """Takes the next key that is pressed instead of writing it."""

    caught = Signal(QKeySequence)

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setPlaceholderText(self.tr("Press a key"))
        self.setAccessibleName(self.tr("New key"))

    def show_keys(self, text: str) -> None:
        """Show the keys that hold."""
        self.setText(text)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and not self._leaves(event):
                self._take(event)
                return True
        return super().event(event)

    def _leaves(self, event: QKeyEvent) -> bool:
        """Let Tab move on and Esc close the dialog: the field is no trap."""
        return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)

    def _take(self, event: QKeyEvent) -> None:
        if not is_modifier(event.key()):
            self.caught.emit(QKeySequence(event.keyCombination()))
