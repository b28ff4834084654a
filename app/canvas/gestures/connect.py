"""Drawing a wire from either end, with the verdict at the pointer while it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from app.canvas.facts import ghost_place
from app.canvas.geometry import PORT_REACH, PortPlace
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.growing import insert_on
from app.canvas.items import NodeItem, wire_path
from app.canvas.routing import WireEnds, curve
from app.canvas.style import draw_text, text_width
from engine.analysis.verdict import Verdict, can_connect, first_fitting
from engine.graph.edits import connect, disconnect
from engine.graph.elements import End, Graph, Link, NodeId
from engine.graph.topology import downstream, upstream
from nodes.errors import GraphError

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView

SNAP_PX = 24.0
_TIP_OFFSET = QPointF(16, 18)
_TIP_HEIGHT = 26.0


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the wire would end if it were let go now."""

    end: End
    at: QPointF
    verdict: Verdict
    item: NodeItem
    place: PortPlace


class ConnectGesture(Gesture):
    """A loose wire: one end is fixed, the other follows the pointer.

    Args:
        fixed: The port that the wire hangs on.
        from_output: Whether that port is an output.
        pulled: The wire that was taken off an input, if one was.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        view: PointerView,
        start: Pointer,
        fixed: End,
        *,
        from_output: bool,
        anchor: QPointF,
        pulled: Link | None = None,
    ) -> None:
        super().__init__(view, start)
        self.fixed = fixed
        self.from_output = from_output
        self._anchor = anchor
        self._pulled = pulled
        graph = view.document.graph
        self._graph: Graph = disconnect(graph, pulled) if pulled else graph
        reach = upstream if from_output else downstream
        self._related = {fixed.node} | reach(self._graph, fixed.node)
        self._verdicts: dict[End, Verdict] = {}
        self._judged: dict[NodeId, NodeItem] = {}
        self._ghosted: NodeItem | None = None
        self._tip = QPointF(start.at)
        self._landing: Landing | None = None
        if pulled is not None:
            view.canvas.wires[pulled].setVisible(False)
        self._judge_seen()

    def move(self, pointer: Pointer) -> None:
        self._judge_seen()
        self._landing = self._find_landing(pointer)
        self._show_ghost()
        self._tip = pointer.at
        self.repaint(self._area())

    def release(self, pointer: Pointer) -> None:
        landing = self._landing
        self._clear()
        document = self.view.document
        if landing is not None:
            document.edit("Connect", lambda graph: self._connected(graph, landing))
        elif self._pulled is not None:
            pulled = self._pulled
            if self.view.canvas.hit(pointer.at).node is None:
                document.edit("Disconnect", lambda graph: disconnect(graph, pulled))
        elif self.view.canvas.hit(pointer.at).kind in ("nothing", "wire", "frame"):
            self.view.add_at_loose_end(self.fixed, pointer, from_output=self.from_output)

    def cancel(self) -> None:
        self._clear()

    def paint(self, painter: QPainter) -> None:
        style = self.view.style_now()
        landing = self._landing
        good = landing is None or landing.verdict.ok
        pen = QPen(style.colours.accent if good else style.colours.err, 2.2)
        if not good:
            pen.setDashPattern([length / 2.2 for length in style.theme.wire.invalid_dash])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path())
        painter.setPen(QPen(pen.color(), 1.75))
        painter.setBrush(style.colours.canvas)
        reach = style.theme.size.port_hover
        painter.drawEllipse(self._free_end(), reach, reach)
        if landing is not None and landing.verdict.text:
            self._paint_tip(painter, landing.verdict)

    def _connected(self, graph: Graph, landing: Landing) -> Graph:
        source, target = self._ends(landing.end)
        if landing.verdict.refused:
            raise GraphError(landing.verdict.text or "This wire leads nowhere")
        if self._pulled is not None:
            graph = disconnect(graph, self._pulled)
        if any(link == Link(source, target) for link in graph.links):
            return self.view.document.graph
        graph = connect(graph, source, target)
        if landing.verdict.fix is None:
            return graph
        return insert_on(graph, landing.verdict.fix, {}, Link(source, target))[0]

    def _ends(self, other: End) -> tuple[End, End]:
        return (self.fixed, other) if self.from_output else (other, self.fixed)

    # What fits.

    def _judge_seen(self) -> None:
        for node in self.view.seen_nodes():
            item = self.view.canvas.nodes[node]
            if node in self._judged:
                continue
            self._judged[node] = item
            names = {place.name for place in self._places(item)}
            fitting = frozenset(
                (self.from_output, name) for name in names if self._verdict(End(node, name)).ok
            )
            item.set_state(lit=fitting, dimmed=not fitting and node != self.fixed.node)

    def _places(self, item: NodeItem) -> tuple[PortPlace, ...]:
        return item.facts.inputs if self.from_output else item.facts.outputs

    def _verdict(self, other: End) -> Verdict:
        if other not in self._verdicts:
            self._verdicts[other] = self._judge(other)
        return self._verdicts[other]

    def _judge(self, other: End) -> Verdict:
        report = self.view.document.report
        source, target = self._ends(other)
        # Seen from an input, what depends on it may not feed it; seen from an output, what it
        # depends on may not take it.
        related = self._related if self.from_output else ()
        if not self.from_output and other.node in self._related:
            related = {target.node}
        return can_connect(self._graph, report, source, target, related=related)

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
            if isinstance(item, NodeItem) and item.node != self.fixed.node:
                for place in self._places_with_ghost(item):
                    port = self._port_point(item, place)
                    distance = (port - at).manhattanLength()
                    if abs(port.x() - at.x()) <= reach and abs(port.y() - at.y()) <= reach:
                        end = End(item.node, place.name)
                        found.append(
                            (distance, Landing(end, port, self._verdict(end), item, place))
                        )
        found.sort(key=lambda pair: pair[0])
        yield from found

    def _places_with_ghost(self, item: NodeItem) -> list[PortPlace]:
        """Return a card's ports; those of a list input end at a free place."""
        places: dict[str, PortPlace] = {}
        for place in self._places(item):
            if place.many and place.link is not None:
                places[place.name] = ghost_place(item.facts, place.name)
            else:
                places[place.name] = place
        return list(places.values())

    def _on_body(self, at: QPointF) -> Landing | None:
        hit = self.view.canvas.hit(at)
        if hit.node is None or hit.node == self.fixed.node:
            return None
        item = self.view.canvas.nodes[hit.node]
        places = {place.name: place for place in self._places_with_ghost(item)}
        end, verdict = self._best_port(item)
        if end is None or end.port not in places:
            return None
        place = places[end.port]
        return Landing(end, self._port_point(item, place), verdict, item, place)

    def _best_port(self, item: NodeItem) -> tuple[End | None, Verdict]:
        nothing = Verdict(ok=False, text="")
        if self.from_output:
            found = first_fitting(self._graph, self.view.document.report, self.fixed, item.node)
            if found is not None:
                return found
            first = next(iter(item.facts.inputs), None)
        else:
            ends = [End(item.node, place.name) for place in item.facts.outputs]
            fitting = next((end for end in ends if self._verdict(end).ok), None)
            if fitting is not None:
                return fitting, self._verdict(fitting)
            first = next(iter(item.facts.outputs), None)
        if first is None:
            return None, nothing
        end = End(item.node, first.name)
        return end, self._verdict(end)

    def _port_point(self, item: NodeItem, place: PortPlace) -> QPointF:
        y = item.y() if place.is_input else item.y() + item.facts.height
        return QPointF(item.x() + place.offset, y)

    def _show_ghost(self) -> None:
        landing = self._landing
        item = landing.item if landing and landing.place.many else None
        if self._ghosted is not None and self._ghosted is not item:
            self._ghosted.set_state(ghost=None)
        if item is not None and landing is not None:
            item.set_state(ghost=landing.place)
        self._ghosted = item

    # What is painted.

    def _free_end(self) -> QPointF:
        return self._landing.at if self._landing else self._tip

    def _path(self) -> QPainterPath:
        start, end = self._anchor, self._free_end()
        if not self.from_output:
            start, end = end, start
        ends = WireEnds(Link(self.fixed, self.fixed), start.toTuple(), end.toTuple())
        return wire_path(curve(ends))

    def _area(self) -> QRectF:
        area = self._path().boundingRect().adjusted(-12, -12, 12, 12)
        if self._landing is not None:
            area = area.united(self._tip_area(self._landing.verdict.text))
        return area

    def _tip_area(self, text: str) -> QRectF:
        """Return the words' place on the canvas; their size on screen is always the same."""
        scale = self.view.zoom
        size = QPointF(text_width(text, "small") + 22, _TIP_HEIGHT + 4) / scale
        return QRectF(self._tip + _TIP_OFFSET / scale, self._tip + _TIP_OFFSET / scale + size)

    def _paint_tip(self, painter: QPainter, verdict: Verdict) -> None:
        style = self.view.style_now()
        colours = style.colours
        painter.save()
        painter.translate(self._tip)
        painter.scale(1 / self.view.zoom, 1 / self.view.zoom)
        painter.translate(_TIP_OFFSET)
        box = QRectF(0, 0, text_width(verdict.text, "small") + 20, _TIP_HEIGHT)
        painter.setPen(QPen(colours.line2 if verdict.ok else colours.err, 1))
        painter.setBrush(colours.raised)
        painter.drawRoundedRect(box, style.theme.radius.button, style.theme.radius.button)
        ink = colours.text if verdict.ok else colours.err
        draw_text(painter, 10, _TIP_HEIGHT / 2, verdict.text, "small", ink)
        painter.restore()

    def _clear(self) -> None:
        self.repaint(QRectF())
        for item in self._judged.values():
            item.set_state(lit=frozenset(), dimmed=False, ghost=None)
        if self._pulled is not None and self._pulled in self.view.canvas.wires:
            self.view.canvas.wires[self._pulled].setVisible(True)
        self._landing = None
