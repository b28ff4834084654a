"""Walking the drawing by arrow keys: from layer to layer along the wires, and onto the wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.walking import (
    Direction,
    first_node,
    neighbour,
    upright_direction,
    wire_beside,
    wires_of,
)
from engine.graph.elements import Link, NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class Walker(QObject):
    """Knows the layer that the arrows lead on from: the one clicked or selected last."""

    def __init__(self, view: PointerView) -> None:
        super().__init__(view)
        self._view = view
        self._document = view.document
        self.current: NodeId | None = None
        self._document.selection_changed.connect(self._follow_selection)

    def walk(self, direction: Direction, *, extend: bool = False) -> None:
        """Select the neighbour of the current layer; from a wire, its end or the wire beside."""
        document, link = self._document, self._document.selected_link
        if link is not None:
            self._walk_from_wire(link, direction)
            return
        graph = document.graph
        current = self.current if self.current in graph.nodes else None
        if current is None or not document.selection:
            found = current or next(iter(document.selection), None) or first_node(graph)
        else:
            found = neighbour(graph, current, direction)
        if found is not None:
            self._go_to(found, extend=extend)

    def walk_to_wire(self) -> None:
        """Select a wire of the selected layer; the next one where a wire is selected."""
        graph, link = self._document.graph, self._document.selected_link
        chosen = next(iter(self._document.selection), None)
        wires = wires_of(graph, chosen) if chosen is not None else []
        if link is not None:
            self._walk_beside(link, 1)
        elif wires:
            self._document.select((), link=wires[0])

    def show_focus(self) -> None:
        """Show the keyboard's place on the current card while the view has the keyboard."""
        self._view.canvas.focus_on(self.current if self._view.hasFocus() else None)

    def _walk_from_wire(self, link: Link, direction: Direction) -> None:
        direction = upright_direction(self._document.graph, direction)
        if direction in ("left", "right"):
            self._walk_beside(link, -1 if direction == "left" else 1)
            return
        self._go_to(link.source.node if direction == "up" else link.target.node)

    def _walk_beside(self, link: Link, side: int) -> None:
        beside = wire_beside(self._document.graph, link, side)
        self._document.select((), link=beside)
        self._view.bring_into_view(beside.target.node)

    def _go_to(self, node: NodeId, *, extend: bool = False) -> None:
        kept = self._document.selection if extend else frozenset[NodeId]()
        self.current = node
        self._document.select(kept | {node})
        self._view.bring_into_view(node)

    def _follow_selection(self) -> None:
        chosen = self._document.selection
        if len(chosen) == 1:
            self.current = next(iter(chosen))
        self.show_focus()
