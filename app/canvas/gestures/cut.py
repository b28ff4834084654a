"""Cutting wires by drawing a line across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen

from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.items import WireItem
from app.canvas.wiring import without_wires
from engine.graph.elements import Link

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView

_LEAST_STEP_PX = 3.0


class CutGesture(Gesture):
    """A line that follows the pointer; the wires it crosses are lit, and cut once it is let go."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: PointerView, start: Pointer) -> None:
        super().__init__(view, start)
        self._points = [start.at]
        self._crossed: dict[Link, WireItem] = {}

    def move(self, pointer: Pointer) -> None:
        last = self._points[-1]
        if (pointer.at - last).manhattanLength() * self.view.zoom >= _LEAST_STEP_PX:
            self._cross(last, pointer.at)
            self._points.append(pointer.at)
        self.repaint(self._line().boundingRect().adjusted(-4, -4, 4, 4))

    def release(self, pointer: Pointer) -> None:
        del pointer
        links = tuple(self._crossed)
        self._clear()
        if links:
            label = "Cut a wire" if len(links) == 1 else f"Cut {len(links)} wires"
            self.view.document.edit(label, lambda graph: without_wires(graph, links))

    def cancel(self) -> None:
        self._clear()

    def paint(self, painter: QPainter) -> None:
        pen = QPen(self.view.style_now().colours.err, 1.5)
        pen.setCosmetic(True)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._line())

    def _cross(self, before: QPointF, after: QPointF) -> None:
        """Light the wires that the newest piece of the line crosses."""
        piece = QPainterPath(before)
        piece.lineTo(after)
        stroker = QPainterPathStroker()
        stroker.setWidth(1.0)
        strip = stroker.createStroke(piece)
        for item in self.view.canvas.near(piece.boundingRect().adjusted(-1, -1, 1, 1)):
            if not isinstance(item, WireItem) or item.link in self._crossed:
                continue
            if item.stroke().intersects(strip):
                self._crossed[item.link] = item
                item.set_look(replace(item.look, cut=True))

    def _line(self) -> QPainterPath:
        line = QPainterPath(self._points[0])
        for point in self._points[1:]:
            line.lineTo(point)
        return line

    def _clear(self) -> None:
        self.repaint(QRectF())
        for item in self._crossed.values():
            item.set_look(replace(item.look, cut=False))
        self._crossed = {}
