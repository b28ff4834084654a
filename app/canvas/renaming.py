"""Renaming a card where it stands."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.canvas.pointer_view import PointerView
from app.canvas.title_field import TitleField
from engine.graph.elements import NodeId
from nodes.catalogue import LAYERS

_TITLE_X = 38
_LEAST_WIDTH_PX = 140
_HEIGHT_PX = 30


class Renaming(QObject):
    """Lays a field over the title of a card."""

    def __init__(self, view: PointerView) -> None:
        super().__init__(view)
        self._view = view
        self._node: NodeId | None = None
        self.field = TitleField(view)
        self.field.accepted.connect(self._on_accepted)
        self.field.ended.connect(view.setFocus)

    def start(self, node: NodeId) -> None:
        """Ask for another name."""
        self._view.bring_into_view(node)
        item = self._view.canvas.nodes[node]
        card = self._view.view_rect(item.far_rect())
        left = card.left() + round(_TITLE_X * self._view.zoom)
        width = max(_LEAST_WIDTH_PX, card.width() // 2)
        self._node = node
        self.field.setGeometry(left, card.top() + 4, width, _HEIGHT_PX)
        self.field.ask(item.facts.title, self._plain_title(node))

    def _on_accepted(self, title: str) -> None:
        node, self._node = self._node, None
        if node is not None and node in self._view.document.graph.nodes:
            self._view.editing.rename(node, "" if title == self._plain_title(node) else title)

    def _plain_title(self, node: NodeId) -> str:
        kind = self._view.document.graph.nodes[node].kind
        return LAYERS[kind].info.title if kind in LAYERS else kind
