"""The base of gestures that carry the loose ends of wires to a port, with the verdict in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.facts import with_ghosts
from app.canvas.geometry import PORT_REACH, PortPlace
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.items import NodeItem
from app.canvas.routes import WireEnds, curve
from app.canvas.style import draw_text, text_width
from app.canvas.wire_paths import wire_path
from engine.analysis.verdict import Verdict
from engine.graph.elements import End, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView

SNAP_PX = 24.0
_TIP_OFFSET = QPointF(16, 18)
_TIP_HEIGHT = 26.0
_TIP_INSET = 6.0


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the wires would end if they were let go now."""

    end: End
    at: QPointF
    verdict: Verdict
    item: NodeItem
    place: PortPlace


class WireGesture(Gesture):
    """Loose wires: some ends are fixed, the others follow the pointer and snap to what fits.

    Args:
        anchors: Where the fixed ends are.
        seeks_input: Whether the loose end fits inputs; else it fits outputs.
        own: The nodes that the wires hang on; they are never dimmed and take no wire.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        view: PointerView,
        start: Pointer,
        anchors: Iterable[QPointF],
        *,
        seeks_input: bool,
        own: frozenset[NodeId],
    ) -> None:
        super().__init__(view, start)
        self._anchors = tuple(anchors)
        self._seeks_input = seeks_input
        self._own = own
        self._verdicts: dict[End, Verdict] = {}
        self._judged: dict[NodeId, NodeItem] = {}
        self._raised: NodeItem | None = None
        self._tip = QPointF(start.at)
        self.landing: Landing | None = None

    def judge(self, other: End) -> Verdict:
        """Say whether the wires may end at a port."""
        raise NotImplementedError

    def best_port(self, item: NodeItem) -> End | None:
        """Return the port that wires dropped on a card go to."""
        ends = [End(item.node, place.name) for place in self._places(item)]
        return next((end for end in ends if self.verdict(end).ok), next(iter(ends), None))

    def move(self, pointer: Pointer) -> None:
        self.judge_seen()
        self.landing = self._find_landing(pointer)
        self._show_landing()
        self._tip = pointer.at
        self.repaint(self._area())

    def cancel(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Show everything as it was."""
        self.repaint(QRectF())
        for item in self._judged.values():
            item.set_state(lit=frozenset(), dimmed=False, hovered=False, ghost=None)
        self.landing = None

    def paint(self, painter: QPainter) -> None:
        style = self.view.style_now()
        landing = self.landing
        good = landing is None or landing.verdict.ok
        pen = QPen(style.colours.accent if good else style.colours.err, 2.2)
        if not good:
            pen.setDashPattern([length / 2.2 for length in style.theme.wire.invalid_dash])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path in self._paths():
            painter.drawPath(path)
        painter.setPen(QPen(pen.color(), 1.75))
        painter.setBrush(style.colours.canvas)
        reach = style.theme.size.port_hover
        painter.drawEllipse(self._free_end(), reach, reach)
        if landing is not None and landing.verdict.text:
            self._paint_tip(painter, landing.verdict)

    # What fits.

    def judge_seen(self) -> None:
        """Let the ports on screen that fit glow, and dim the cards that have none."""
        for node in self.view.seen_nodes():
            item = self.view.canvas.nodes[node]
            if node in self._judged:
                continue
            self._judged[node] = item
            names = {place.name for place in self._places(item)}
            fitting = frozenset(
                (self._seeks_input, name) for name in names if self.verdict(End(node, name)).ok
            )
            item.set_state(lit=fitting, dimmed=not fitting and node not in self._own)

    def verdict(self, other: End) -> Verdict:
        """Return what ``judge`` says, asked once for each port."""
        if other not in self._verdicts:
            self._verdicts[other] = self.judge(other)
        return self._verdicts[other]

    def _places(self, item: NodeItem) -> tuple[PortPlace, ...]:
        return item.facts.inputs if self._seeks_input else item.facts.outputs

    def _find_landing(self, pointer: Pointer) -> Landing | None:
        reach = SNAP_PX / self.view.zoom
        near = list(self._near_ports(pointer.at, reach))
        under = [landing for distance, landing in near if distance <= PORT_REACH / self.view.zoom]
        if under:
            return under[0]
        fitting = [landing for _, landing in near if landing.verdict.ok]
        return fitting[0] if fitting else self._on_body(pointer.at)

    def _near_ports(self, at: QPointF, reach: float) -> Iterator[tuple[float, Landing]]:
        found: list[tuple[float, Landing]] = []
        area = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        for item in self.view.canvas.near(area):
            if isinstance(item, NodeItem) and item.node not in self._own:
                for place in self._places_with_ghost(item):
                    port = item.port_point(place)
                    distance = (port - at).manhattanLength()
                    if abs(port.x() - at.x()) <= reach and abs(port.y() - at.y()) <= reach:
                        end = End(item.node, place.name)
                        found.append((distance, Landing(end, port, self.verdict(end), item, place)))
        found.sort(key=lambda pair: pair[0])
        yield from found

    def _places_with_ghost(self, item: NodeItem) -> list[PortPlace]:
        return with_ghosts(item.facts) if self._seeks_input else list(item.facts.outputs)

    def _on_body(self, at: QPointF) -> Landing | None:
        hit = self.view.canvas.hit(at)
        if hit.node is None or hit.node in self._own:
            return None
        item = self.view.canvas.nodes[hit.node]
        places = {place.name: place for place in self._places_with_ghost(item)}
        end = self.best_port(item)
        if end is None or end.port not in places:
            return None
        place = places[end.port]
        return Landing(end, item.port_point(place), self.verdict(end), item, place)

    def _show_landing(self) -> None:
        """Raise the card that takes the wires, and show where one more of a list ends."""
        landing = self.landing
        item = landing.item if landing else None
        if self._raised is not None and self._raised is not item:
            self._raised.set_state(hovered=False, ghost=None)
        if landing is not None:
            ghost = landing.place if landing.place.many else None
            landing.item.set_state(hovered=landing.verdict.ok, ghost=ghost)
        self._raised = item

    # What is painted.

    def _free_end(self) -> QPointF:
        return self.landing.at if self.landing else self._tip

    def _paths(self) -> Iterator[QPainterPath]:
        nowhere, flow = End(NodeId(""), ""), self.view.document.graph.flow
        for anchor in self._anchors:
            start, end = anchor, self._free_end()
            if not self._seeks_input:
                start, end = end, start
            ends = WireEnds(Link(nowhere, nowhere), start.toTuple(), end.toTuple(), flow=flow)
            yield wire_path(curve(ends))

    def _area(self) -> QRectF:
        area = QRectF()
        for path in self._paths():
            area = area.united(path.boundingRect().adjusted(-12, -12, 12, 12))
        if self.landing is not None:
            area = area.united(self._tip_area(self.landing.verdict.text))
        return area

    def _tip_area(self, text: str) -> QRectF:
        """Return the words' place on the canvas; their size on screen is always the same."""
        scale = self.view.zoom
        box = self._tip_box(text).adjusted(0, 0, 2, 4)
        return QRectF(self._tip + box.topLeft() / scale, box.size() / scale)

    def _tip_box(self, text: str) -> QRectF:
        """Return where the words stand beside the pointer, on screen: whole, and never covered."""
        port = self.view.viewport()
        pointer = self.view.viewportTransform().map(self._tip)
        box = QRectF(_TIP_OFFSET, QSizeF(text_width(text, "small") + 20, _TIP_HEIGHT))
        box.translate(pointer)
        if box.bottom() > port.height() - _TIP_INSET:
            box.moveBottom(pointer.y() - _TIP_OFFSET.y())
        limit = min([float(port.width()), *_floating_from(port, box)]) - _TIP_INSET
        box.moveLeft(max(_TIP_INSET, min(box.left(), limit - box.width())))
        return box.translated(-pointer)

    def _paint_tip(self, painter: QPainter, verdict: Verdict) -> None:
        style = self.view.style_now()
        colours = style.colours
        painter.save()
        painter.translate(self._tip)
        painter.scale(1 / self.view.zoom, 1 / self.view.zoom)
        box = self._tip_box(verdict.text)
        painter.setPen(QPen(colours.line2 if verdict.ok else colours.err, 1))
        painter.setBrush(colours.raised)
        painter.drawRoundedRect(box, style.theme.radius.button, style.theme.radius.button)
        ink = colours.text if verdict.ok else colours.err
        draw_text(painter, box.left() + 10, box.center().y(), verdict.text, "small", ink)
        painter.restore()


def _floating_from(port: QWidget, box: QRectF) -> Iterator[float]:
    """Yield where what floats over the canvas, and would cover a place, begins."""
    only = Qt.FindChildOption.FindDirectChildrenOnly
    for widget in port.findChildren(QWidget, options=only):
        if widget.isVisible() and box.intersects(QRectF(widget.geometry())):
            yield float(widget.x())
