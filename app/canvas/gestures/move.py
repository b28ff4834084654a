"""Dragging cards; one that has no wires yet can be dropped into a wire."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.canvas.geometry import Point, snapped
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.growing import input_ports, insert_existing, output_names
from app.canvas.items import WireItem
from app.canvas.words import layers_text
from engine.graph.edits import move
from engine.graph.elements import Graph, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class MoveGesture(Gesture):
    """Moves cards ahead of the document and tells it once, at the end."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self, view: PointerView, start: Pointer, held: NodeId, nodes: Collection[NodeId]
    ) -> None:
        super().__init__(view, start)
        graph = view.document.graph
        self._held = held
        self._from: dict[NodeId, Point] = {node: graph.nodes[node].position for node in nodes}
        self._to = dict(self._from)
        self._loner = self._can_be_inserted(graph)
        self._wire: WireItem | None = None
        view.canvas.begin_shift(self._from)

    def move(self, pointer: Pointer) -> None:
        delta = pointer.at - self.start.at
        x, y = self._from[self._held]
        dx = snapped(x, delta.x(), free=pointer.alt) - x
        dy = snapped(y, delta.y(), free=pointer.alt) - y
        self._to = {node: (x + dx, y + dy) for node, (x, y) in self._from.items()}
        self.view.canvas.shift(self._to)
        if self._loner:
            self._light(self.view.wire_below(self._held))

    def release(self, pointer: Pointer) -> None:
        del pointer
        wire = self._wire
        self._light(None)
        if self._to == self._from:
            self.view.canvas.settle()
            return
        link = wire.link if wire is not None else None
        titles = layers_text(self.view.document, self._from)
        label = f"Insert {titles}" if link else f"Move {titles}"
        self.view.document.edit(label, lambda graph: self._moved(graph, link))

    def cancel(self) -> None:
        self._light(None)
        self.view.canvas.settle()

    def _moved(self, graph: Graph, link: Link | None) -> Graph:
        graph = move(graph, self._to)
        return insert_existing(graph, self._held, link) if link else graph

    def _can_be_inserted(self, graph: Graph) -> bool:
        if len(self._from) != 1:
            return False
        node = graph.nodes[self._held]
        wired = any(self._held in (link.source.node, link.target.node) for link in graph.links)
        ends = input_ports(node.kind, node.params), output_names(node.kind, node.params)
        return not wired and all(ends)

    def _light(self, wire: WireItem | None) -> None:
        if wire is self._wire:
            return
        for item, lit in ((self._wire, False), (wire, True)):
            if item is not None:
                item.set_look(replace(item.look, lit=lit))
        self._wire = wire
