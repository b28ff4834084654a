"""Dragging cards; one that has no wires yet can be dropped into a wire."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.geometry import Box, Point, around, snapped
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.growing import insert_existing, ports_of
from app.canvas.guides import Guide, Guides
from app.canvas.items import WireItem
from app.canvas.words import layers_text
from engine.graph.bends import with_moved_bends
from engine.graph.edits import move
from engine.graph.elements import Graph, Link, NodeId
from engine.graph.framing import frames_of, join_frame, leave_frames

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView

_PULL_PX = 6.0


class MoveGesture(Gesture):
    """Moves cards ahead of the document and tells it once, at the end."""

    cursor = Qt.CursorShape.SizeAllCursor
    keys = (Qt.Key.Key_F,)
    leaves_frames = False
    step: int | None = None
    """The gesture whose step of the history this belongs to, if it is no step of its own."""

    def __init__(
        self, view: PointerView, start: Pointer, held: NodeId, nodes: Collection[NodeId]
    ) -> None:
        super().__init__(view, start)
        graph = view.document.graph
        self._held = held
        self._from: dict[NodeId, Point] = {node: graph.nodes[node].position for node in nodes}
        self._to = dict(self._from)
        self._box = self._box_of_all(held)
        self._guides = Guides(self._boxes_around())
        self._lines: tuple[Guide, ...] = ()
        self._can_be_inserted = self._fits_between(graph)
        self._leaves = self.leaves_frames
        self._is_member = bool(frames_of(graph, self._from))
        self._wire: WireItem | None = None
        self._frame = ""
        view.canvas.begin_shift(self._from, leaves_frames=self._leaves)

    def move(self, pointer: Pointer) -> None:
        over_shelf = self.view.light_shelf(pointer)
        dx, dy = (0.0, 0.0) if over_shelf else self._way(pointer)
        self._to = {node: (x + dx, y + dy) for node, (x, y) in self._from.items()}
        self.view.canvas.shift(self._to)
        if self._can_be_inserted:
            self._light(self.view.wire_below(self._held))
        if self._leaves or not self._is_member:
            self._light_frame(self._frame_around())
        self.repaint(self.area())

    def take_key(self, key: int) -> None:
        del key  # F: out of the frame, or back into it
        if not self.leaves_frames and self._is_member:
            self._leave(leaves=not self._leaves)

    def _leave(self, *, leaves: bool) -> None:
        """Take the cards out of their frames, which stay as they are, or take the frames along."""
        self._leaves = leaves
        self._light_frame("")
        self.view.canvas.begin_shift(self._from, leaves_frames=leaves)
        self.view.canvas.shift(self._to)

    def release(self, pointer: Pointer) -> None:
        if self.view.light_shelf(pointer):
            self.cancel()
            self.view.keep_on_shelf(tuple(self._from))
            return
        link = self._wire.link if self._wire is not None else None
        frame = self._frame
        self.clear()
        if self._to == self._from and link is None and self.step is None:
            self.view.canvas.settle()
            return
        self.view.document.edit(
            self.label(link), lambda graph: self.moved(graph, link, frame), gesture=self.step
        )

    def cancel(self) -> None:
        self.clear()
        self.view.canvas.settle()

    def clear(self) -> None:
        """Take away what shows where the cards would go."""
        self.view.light_shelf(None)
        self._light(None)
        self._light_frame("")
        self._lines = ()
        self.repaint(QRectF())

    def label(self, link: Link | None) -> str:
        """Return what the history calls it."""
        titles = layers_text(self.view.document, self._from)
        return f"Insert {titles}" if link else f"Move {titles}"

    def moved(self, graph: Graph, link: Link | None, frame: str) -> Graph:
        """Return the drawing with the cards at their new places, in a wire or in a frame."""
        graph = move(leave_frames(graph, self._from) if self._leaves else graph, self._to)
        x, y = self._from[self._held]
        to_x, to_y = self._to[self._held]
        graph = with_moved_bends(graph, self._from, to_x - x, to_y - y)
        if link is not None:
            return insert_existing(graph, self._held, link)
        return join_frame(graph, frame, self._to) if frame else graph

    def is_free(self, pointer: Pointer) -> bool:
        """Whether cards stop anywhere, not on the grid and in line with others."""
        return pointer.alt

    def area(self) -> QRectF:
        """Return what is painted besides the cards."""
        area = QRectF()
        for line in self._lines:
            box = QRectF(QPointF(*line.start), QPointF(*line.end))
            area = area.united(box.adjusted(-1, -1, 1, 1))
        return area

    def paint(self, painter: QPainter) -> None:
        pen = QPen(self.view.style_now().colours.accent, 1)
        pen.setCosmetic(True)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLines([QLineF(*line.start, *line.end) for line in self._lines])

    def _way(self, pointer: Pointer) -> Point:
        """Return how far the cards go: to a line of others, else to the grid."""
        delta = pointer.at - self.start.at
        x, y = self._from[self._held]
        free = self.is_free(pointer)
        dx = snapped(x, delta.x(), free=free) - x
        dy = snapped(y, delta.y(), free=free) - y
        if free:
            self._lines = ()
            return dx, dy
        asked = self._box.moved(delta.x(), delta.y())
        across, down = self._guides.pull(asked, _PULL_PX / self.view.zoom)
        dx = dx if across is None else delta.x() + across
        dy = dy if down is None else delta.y() + down
        self._lines = tuple(self._guides.lines(self._box.moved(dx, dy)))
        return dx, dy

    def _box_of_all(self, held: NodeId) -> Box:
        """Return the area of the cards that are moved, which snaps as one."""
        cards = self.view.canvas.nodes
        return around(cards[node].box() for node in self._from) or cards[held].box()

    def _boxes_around(self) -> list[Box]:
        canvas = self.view.canvas
        seen = (node for node in self.view.seen_nodes() if node not in self._from)
        return [canvas.nodes[node].box() for node in seen]

    def _fits_between(self, graph: Graph) -> bool:
        """Whether the one card that is held can be dropped into a wire."""
        if len(self._from) != 1:
            return False
        node = graph.nodes[self._held]
        return all(ports_of(graph, node)) and not self.keeps_wires(graph)

    def keeps_wires(self, graph: Graph) -> bool:
        """Whether the held card stays connected as it is."""
        return any(self._held in (link.source.node, link.target.node) for link in graph.links)

    def _frame_around(self) -> str:
        """Return the frame in which all cards that are moved stand."""
        (x, y), (to_x, to_y) = self._from[self._held], self._to[self._held]
        return self.view.canvas.frame_layer.around(self._box.moved(to_x - x, to_y - y))

    def _light_frame(self, frame: str) -> None:
        if frame != self._frame:
            self.view.canvas.frame_layer.light(frame)
        self._frame = frame

    def _light(self, wire: WireItem | None) -> None:
        if wire is self._wire:
            return
        for item, lit in ((self._wire, False), (wire, True)):
            if item is not None:
                item.set_look(replace(item.look, lit=lit))
        self._wire = wire
