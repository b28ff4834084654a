"""The Docs panel follows the selection, and shows any kind that is asked for by F1."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QStackedLayout, QTextBrowser, QWidget

from app.blocks import block_of, is_block
from app.docs.page import page_of
from app.document import Document
from app.theme import ThemeManager, font
from app.widgets import EmptyState
from engine.graph.own_layers import kind_of
from nodes.catalogue import LAYERS, STRUCTURE
from nodes.layer import Layer
from nodes.own_layer import own_kind


class DocsPanel(QWidget):
    """The reference page of one kind of layer."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Docs"))
        self._document = document
        self._theme = theme
        self._kind = ""
        self._layer: type[Layer] | None = None
        self._page = QTextBrowser()
        self._page.setOpenExternalLinks(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setFont(font("body"))
        self._page.setAccessibleName(self.tr("Layer reference"))
        self._page.document().setDocumentMargin(16)
        empty = EmptyState("docs", self.tr("Select a layer to read what it does."))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._page)
        document.selection_changed.connect(self._follow)
        document.changed.connect(self._follow)
        theme.changed.connect(self._draw)
        self._follow()

    @property
    def kind(self) -> str:
        """The kind of layer that is shown, or the name of one's own; empty at first."""
        return self._kind

    def show_kind(self, kind: str) -> None:
        """Show the page of a kind of layer, or of a layer in the library by its key."""
        block = block_of(kind, self._document) if is_block(kind) else None
        if block is not None and block.is_layer:
            self._show(own_kind(block.code[block.name]), block.name)
        elif kind in LAYERS:
            self._show(LAYERS[kind], kind)

    def _follow(self) -> None:
        graph = self._document.graph
        chosen = [graph.nodes[node] for node in self._document.selection]
        kinds = {kind_of(graph, node): node.definition or node.kind for node in chosen}
        if len(kinds) == 1:
            ((layer, name),) = kinds.items()
            if layer is not None and layer not in STRUCTURE.values():
                self._show(layer, name)

    def _show(self, layer: type[Layer], name: str) -> None:
        if layer is not self._layer:
            self._layer, self._kind = layer, name
            self._draw()

    def _draw(self) -> None:
        if self._layer is None:
            return
        self._page.setHtml(page_of(self._layer, self._theme.theme))
        self._stack.setCurrentWidget(self._page)
