"""Selecting by a box: to the right what lies inside, to the left what it touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.geometry import Box
from app.canvas.gestures.gesture import Gesture, Pointer
from app.theme import faded
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class BoxGesture(Gesture):
    """Draws a box; Shift adds to the selection, Alt takes away, Ctrl turns it around."""

    def __init__(self, view: PointerView, start: Pointer) -> None:
        super().__init__(view, start)
        self._before = view.document.selection
        self._link = view.document.selected_link
        self._box = QRectF()
        self._crossing = False

    def move(self, pointer: Pointer) -> None:
        self._crossing = pointer.at.x() < self.start.at.x()
        self._box = QRectF(self.start.at, pointer.at).normalized()
        self.repaint(self._box)
        found = self._found()
        if pointer.alt:
            found = self._before - found
        elif pointer.control:
            found = self._before ^ found
        elif pointer.shift:
            found = self._before | found
        self.view.document.select(found)

    def cancel(self) -> None:
        self.repaint(QRectF())
        self.view.document.select(self._before, link=self._link)

    def release(self, pointer: Pointer) -> None:
        del pointer
        self.repaint(QRectF())

    def paint(self, painter: QPainter) -> None:
        colours = self.view.style_now().colours
        pen = QPen(colours.accent, 1)
        pen.setCosmetic(True)
        if self._crossing:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(faded(colours.accent, 0.1))
        painter.drawRect(self._box)

    def _found(self) -> frozenset[NodeId]:
        area = Box(self._box.left(), self._box.top(), self._box.right(), self._box.bottom())
        cards = ((node, item.box()) for node, item in self.view.canvas.nodes.items())
        if self._crossing:
            return frozenset(node for node, card in cards if area.meets(card))
        return frozenset(node for node, card in cards if area.holds(card))
