"""Layers dragged from the library: onto the canvas, into a wire, behind a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, QRectF
from PySide6.QtGui import QPainter

from app.blocks import block_of, is_block
from app.canvas.geometry import snapped
from app.canvas.growing import (
    add_after,
    add_at,
    input_ports,
    insert_on,
    output_names,
    ports_of,
    put_block,
)
from app.canvas.items import WireItem
from app.document import Document
from app.theme import faded
from engine.graph.cards import CARD, card_size
from engine.graph.elements import End, Graph, NodeId
from nodes.catalogue import LAYERS

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView

LAYER_MIME = "application/x-layerloom-layer"


def kind_in(data: QMimeData, document: Document) -> str:
    """Return the kind of layer that is dragged; empty for anything else."""
    if not data.hasFormat(LAYER_MIME):
        return ""
    raw = bytes(data.data(LAYER_MIME).data())
    kind = raw.decode("utf-8", errors="replace")
    known = kind in LAYERS or (is_block(kind) and block_of(kind, document) is not None)
    return kind if known else ""


class LibraryDrop:
    """Shows where a dragged layer would go, and puts it there."""

    def __init__(self, view: PointerView) -> None:
        self._view = view
        self._kind = ""
        self._at = QPointF()
        self._painted = QRectF()
        self._wire: WireItem | None = None
        self._node: NodeId | None = None

    def enter(self, kind: str) -> None:
        """Begin with a kind of layer."""
        self._kind = kind

    def move(self, at: QPointF) -> None:
        """Follow the pointer: a wire lights up, a card is raised."""
        self._at = at
        hit = self._view.canvas.hit(at)
        wire = self._view.canvas.wires.get(hit.link) if hit.link is not None else None
        self._light(wire if self._fits_between() else None)
        self._raise(hit.node)
        area = self._card()
        self._view.touch(area.united(self._painted))
        self._painted = area

    def leave(self) -> None:
        """Forget the layer."""
        self._light(None)
        self._raise(None)
        self._view.touch(self._painted)
        self._painted = QRectF()
        self._kind = ""

    def drop(self, at: QPointF) -> None:
        """Add the layer where it was let go, as one step."""
        self.move(at)
        kind, wire, node = self._kind, self._wire, self._node
        link = wire.link if wire is not None else None
        self.leave()
        block = block_of(kind, self._view.document) if is_block(kind) else None
        title = block.name if block is not None else LAYERS[kind].info.title
        added: list[NodeId] = []

        def change(graph: Graph) -> Graph:
            if block is not None:
                source = _first_output(graph, node) if node is not None else None
                place = _slot(at)
                graph, put = put_block(graph, block, source=source, link=link, place=place)
                added.append(put)
                return graph
            if link is not None:
                graph, made = insert_on(graph, kind, {}, link)
            elif node is not None and (source := _first_output(graph, node)) is not None:
                graph, made = add_after(graph, source, kind, {})
            else:
                graph, made = add_at(graph, kind, {}, _slot(at))
            added.append(made.id)
            return graph

        if self._view.document.edit(f"Add {title}", change):
            self._view.document.select(added)

    def paint(self, painter: QPainter) -> None:
        """Paint the outline of the card."""
        if not self._kind or self._wire is not None or self._node is not None:
            return
        style = self._view.style_now()
        painter.setPen(style.focus)
        painter.setBrush(faded(style.colours.raised, 0.6))
        radius = style.theme.radius.card
        painter.drawRoundedRect(self._card().adjusted(2, 2, -2, -2), radius, radius)

    def _card(self) -> QRectF:
        width, height = card_size(self._kind)
        return QRectF(self._at.x() - width / 2, self._at.y(), width, height).adjusted(-4, -4, 4, 4)

    def _fits_between(self) -> bool:
        if is_block(self._kind):
            return True
        return bool(input_ports(self._kind, {}) and output_names(self._kind, {}))

    def _light(self, wire: WireItem | None) -> None:
        if wire is self._wire:
            return
        for item, lit in ((self._wire, False), (wire, True)):
            if item is not None:
                item.set_look(replace(item.look, lit=lit))
        self._wire = wire

    def _raise(self, node: NodeId | None) -> None:
        self._node = node
        self._view.canvas.hover(self._view.canvas.nodes.get(node) if node else None)


def _slot(at: QPointF) -> tuple[float, float]:
    return snapped(0, at.x() - CARD[0] / 2, free=False), snapped(0, at.y(), free=False)


def _first_output(graph: Graph, node_id: NodeId) -> End | None:
    node = graph.nodes[node_id]
    names = ports_of(graph, node)[1]
    return End(node_id, names[0]) if names else None
