"""The library panel: a search field above the tree of layers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.blocks import blocks_drawn, own_layers, rename_block
from app.dialogs.blocks import may_delete, may_replace, new_name
from app.document import Document
from app.palette.entries import CATEGORY, DRAWN, closest, find
from app.palette.hover_help import HoverHelp
from app.palette.tree import LayerTree
from app.theme import ThemeManager
from app.widgets import Button, FlowText, SearchField
from app.widgets.elided_label import ElidedLabel
from app.widgets.ring import Ring
from engine.project.blocks import load_blocks, ready_made_blocks
from nodes.catalogue import LAYERS
from nodes.errors import LoomError
from nodes.layer import Category

_OPEN_AT_FIRST: frozenset[Category] = frozenset({"conv", "linear", "act", "shape"})


class LibraryPanel(QWidget):
    """Finds a layer by name, by other name or by purpose, and hands it over."""

    layer_chosen = Signal(str)
    """A layer is to be added after what is selected: its kind."""

    refused = Signal(object)
    """A block could not be renamed: the ``LoomError`` that says why."""

    new_requested = Signal()
    """A layer is to be written."""

    help_requested = Signal(str)
    """The full page on a layer is wanted: its kind."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Library"))
        self.search = SearchField(self.tr("Search {0} layers").format(len(LAYERS)), keys="Tab")
        self.tree = LayerTree(theme)
        self._ring: Ring | None = None
        self._open: set[str] = {*_OPEN_AT_FIRST, DRAWN}
        self._document, self._theme = document, theme
        self._help = HoverHelp(document, theme, self)
        self._build()
        self._connect()
        self._fill("")
        document.changed.connect(self._follow_drawing)
        document.level_changed.connect(self._follow_drawing)

    def focus_search(self) -> None:
        """Put the keyboard into the search field, its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def takes(self, place: QPoint) -> bool:
        """Whether layers that are let go of at a place of the screen become a block here."""
        return self.isVisible() and self.rect().contains(self.mapFromGlobal(place))

    def light(self, *, lit: bool) -> None:
        """Show that what is held over the panel becomes a block."""
        if lit and self._ring is None:
            self._ring = Ring(self.window())
        if self._ring is not None:
            self._ring.mark(self if lit else None)

    def explain(self, owner: QWidget, pointed_at: SignalInstance, left: SignalInstance) -> None:
        """Show the help of what another list of layers points at, beside its row."""
        help_ = HoverHelp(self._document, self._theme, owner)
        pointed_at.connect(help_.point_at)
        left.connect(help_.leave)

    def show_blocks(self) -> None:
        """Read the blocks and list them after the layers."""
        self.tree.entries.set_blocks(ready_made_blocks(), load_blocks(), own_layers())
        self._follow_drawing()
        self._fill(self.search.text())

    def _follow_drawing(self) -> None:
        """List what the drawing has of its own now, where that is other than before."""
        if self.tree.entries.set_drawn(blocks_drawn(self._document)):
            at = self.tree.verticalScrollBar().value()
            self._fill(self.search.text())
            self.tree.verticalScrollBar().setValue(at)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self.search and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._take_key(event)
        if event.type() in (QEvent.Type.Leave, QEvent.Type.Wheel, QEvent.Type.MouseButtonPress):
            self._hide_help()
        return False

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self._hide_help()

    def _build(self) -> None:
        self._no_match = ElidedLabel("", tone="text2")
        self._instead = FlowText("", "small", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(0)
        field = QVBoxLayout()
        field.setContentsMargins(12, 0, 12, 8)
        field.setSpacing(8)
        for widget in (self.search, self._no_match, self._instead):
            field.addWidget(widget)
        column.addLayout(field)
        column.addWidget(self.tree, stretch=1)
        self.new = Button(self.tr("New Python layer…"), "ghost", icon_name="code")
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.new)
        foot.addStretch(1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.search.installEventFilter(self)
        self.new.clicked.connect(self.new_requested)
        self.tree.viewport().installEventFilter(self)
        self.search.textChanged.connect(self._fill)
        self.tree.layer_chosen.connect(self._on_layer_chosen)
        self.tree.help_requested.connect(self.help_requested)
        self.tree.rename_requested.connect(self._on_rename)
        self.tree.delete_requested.connect(self._on_delete)
        self.tree.hovered.connect(self._help.point_at)
        self.tree.left.connect(self._hide_help)
        self.tree.expanded.connect(self._on_expanded)
        self.tree.collapsed.connect(self._on_collapsed)

    def _fill(self, text: str) -> None:
        self._hide_help()
        words = text.strip()
        found = [*find(words), *self.tree.entries.find_blocks(words)] if words else []
        is_missing = bool(words) and not found
        near = closest(words) if is_missing else []
        self._no_match.setText(self.tr("No layer called “{0}”.").format(words))
        self._no_match.setVisible(is_missing)
        self._instead.set_words(
            self.tr("The closest:")
            if near
            else self.tr("Try what it does, such as “pool” or “attention”, or write it yourself.")
        )
        self._instead.setVisible(is_missing)
        if not words:
            self._show_all()
            return
        self.tree.entries.show_found(found or near)
        self.tree.setCurrentIndex(self.tree.entries.index(0, 0))

    def _show_all(self) -> None:
        entries = self.tree.entries
        entries.show_all()
        for row in range(entries.rowCount()):
            index = entries.index(row, 0)
            self.tree.setExpanded(index, index.data(CATEGORY) in self._open)

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down:
                if not self.tree.currentIndex().isValid():
                    self.tree.setCurrentIndex(self.tree.entries.index(0, 0))
                self.tree.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                kind = self.tree.kind_at(self.tree.currentIndex())
                if kind and self.search.text().strip():
                    self.layer_chosen.emit(kind)
                return True
            case _:
                return False

    def _on_layer_chosen(self, kind: str) -> None:
        self._hide_help()
        self.layer_chosen.emit(kind)

    def _on_rename(self, key: str) -> None:
        block = self.tree.entries.block(key)
        name = new_name(block.name, self) if block is not None else ""
        if block is None or not name or name == block.name:
            return
        others = own_layers() if block.is_layer else load_blocks()
        is_taken = any(other.name == name for other in others.blocks)
        if is_taken and not may_replace(name, self):
            return
        try:
            rename_block(block, name)
        except LoomError as error:
            self.refused.emit(error)
        self.show_blocks()

    def _on_delete(self, key: str) -> None:
        block = self.tree.entries.block(key)
        if block is not None and may_delete(block.name, self):
            block.file.unlink(missing_ok=True)
            self.show_blocks()

    def _on_expanded(self, index: QModelIndex) -> None:
        self._open.add(index.data(CATEGORY))

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._open.discard(index.data(CATEGORY))

    def _hide_help(self) -> None:
        self._help.leave()
        self.tree.leave()
