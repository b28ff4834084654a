"""Dragging cards out of their chain: their neighbours are joined."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from app.canvas.gestures.gesture import Pointer
from app.canvas.gestures.move import MoveGesture
from app.canvas.routes import WireEnds, curve
from app.canvas.wire_paths import wire_path
from app.canvas.words import layers_text
from engine.graph.elements import Graph, Link, NodeId
from engine.graph.rewiring import take_out

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class TakeOutGesture(MoveGesture):
    """Moves cards without their outer wires; the wires that join the others are shown."""

    leaves_frames = True

    def __init__(
        self, view: PointerView, start: Pointer, held: NodeId, nodes: Collection[NodeId]
    ) -> None:
        super().__init__(view, start, held, nodes)
        graph = view.document.graph
        kept = set(take_out(graph, nodes).links)
        self._cut = [link for link in graph.links if link not in kept]
        self._joined = [self._course(link) for link in kept.difference(graph.links)]
        for link in self._cut:
            view.canvas.wires[link].setVisible(False)

    def clear(self) -> None:
        super().clear()
        for link in self._cut:
            if link in self.view.canvas.wires:
                self.view.canvas.wires[link].setVisible(True)

    def label(self, link: Link | None) -> str:
        titles = layers_text(self.view.document, self._from)
        return f"Move {titles} into another wire" if link else f"Take {titles} out"

    def moved(self, graph: Graph, link: Link | None, frame: str) -> Graph:
        return super().moved(take_out(graph, self._from), link, frame)

    def is_free(self, pointer: Pointer) -> bool:
        # Alt that was held from the start means taking out.
        return pointer.alt and not self.start.alt

    def keeps_wires(self, graph: Graph) -> bool:
        del graph
        return False

    def area(self) -> QRectF:
        area = super().area()
        for path in self._joined:
            area = area.united(path.boundingRect().adjusted(-4, -4, 4, 4))
        return area

    def paint(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.view.style_now().colours.accent, 2.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path in self._joined:
            painter.drawPath(path)
        super().paint(painter)

    def _course(self, joined: Link) -> QPainterPath:
        """Return the way of a wire that is not there yet, between ends that are."""
        canvas = self.view.canvas
        into = next(link for link in self._cut if link.target == joined.target)
        out = next(link for link in self._cut if link.source == joined.source)
        start, end = canvas.ends_of(out).source, canvas.ends_of(into).target
        return wire_path(curve(WireEnds(joined, start, end, flow=self.view.document.graph.flow)))
