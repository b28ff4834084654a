"""The Docs panel follows the selection, and shows any kind that is asked for by F1."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QStackedLayout, QTextBrowser, QWidget

from app.docs.page import page_of
from app.document import Document
from app.theme import ThemeManager, font
from app.widgets import EmptyState
from nodes.catalogue import LAYERS


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
        """The kind of layer that is shown; empty at first."""
        return self._kind

    def show_kind(self, kind: str) -> None:
        """Show the page of a kind of layer."""
        if kind in LAYERS and kind != self._kind:
            self._kind = kind
            self._draw()

    def _follow(self) -> None:
        graph = self._document.graph
        kinds = {graph.nodes[node].kind for node in self._document.selection}
        if len(kinds) == 1:
            self.show_kind(kinds.pop())

    def _draw(self) -> None:
        if not self._kind:
            return
        self._page.setHtml(page_of(LAYERS[self._kind], self._theme.theme))
        self._stack.setCurrentWidget(self._page)
