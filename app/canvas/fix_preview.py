"""What a quick fix would change, drawn over the canvas; neither document nor history know of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.card import paint_card
from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts, card_facts
from app.canvas.geometry import Box, axis_of
from app.canvas.growing import with_room, with_room_throughout
from app.canvas.items import NodeItem
from app.canvas.routes import Route, WireEnds
from app.canvas.routing import Router
from app.canvas.style import Style
from app.canvas.wire_paths import wire_path
from app.theme import faded
from engine.analysis.insides import inside_of
from engine.analysis.report import Fix, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.composites import at, reachable, replace_at
from engine.graph.difference import Difference, difference
from engine.graph.elements import Graph, Link, NodeId
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_VEIL = 0.72
_RING_PX = 1.75


class FixPreview(QObject):
    """Shows a change while a button is pointed at: cards move aside, new ones stand in place."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._change: _Change | None = None
        view.document.changed.connect(self._forget)
        view.document.level_changed.connect(self._forget)

    @property
    def change(self) -> Difference | None:
        """What is shown; None while nothing is."""
        return self._change.difference if self._change is not None else None

    def show_on_level(self, fix: Fix | None) -> None:
        """Show what a fix would do to the level on show; no fix takes it away."""
        self.clear()
        document = self._view.document
        after = _tried(fix, document.graph)
        if fix is not None and after is not None:
            after = with_room(document.graph, after, fix.link)
            self._show(after, replace_at(document.project.graph, document.path, after))

    def show_in_model(self, fix: Fix | None) -> None:
        """Show what a fix of the whole drawing would do on the level on show."""
        self.clear()
        document = self._view.document
        before = document.project.graph
        model = _tried(fix, before)
        if fix is None or model is None:
            return
        model = with_room_throughout(before, model, fix.link)
        if reachable(model, document.path) == document.path:
            self._show(at(model, document.path), model)

    def clear(self) -> None:
        """Take everything away; the cards go back to where they stand."""
        change, self._change = self._change, None
        if change is not None:
            self._show_wires(change.difference.links_removed, shown=True)
            if change.difference.moved:
                self._view.canvas.settle()
            self._view.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint over the canvas, in its coordinates."""
        if self._change is not None:
            self._change.paint(painter, self._view.style_now(), self._view.zoom)

    def _show(self, level: Graph, model: Graph) -> None:
        document, canvas = self._view.document, self._view.canvas
        report = infer_shapes(model, document.model_report)
        inside = inside_of(report, document.path, level)
        change = _Change(document.graph, level, inside, canvas.nodes)
        moved = change.difference.moved
        if moved:
            canvas.begin_shift(moved)
            canvas.shift({node: level.nodes[node].position for node in moved})
        self._show_wires(change.difference.links_removed, shown=False)
        self._change = change
        self._view.viewport().update()

    def _show_wires(self, links: Iterable[Link], *, shown: bool) -> None:
        wires = self._view.canvas.wires
        for link in links:
            if link in wires:
                wires[link].setVisible(shown)

    def _forget(self) -> None:
        """The document has changed: the canvas has followed it already."""
        if self._change is not None:
            self._show_wires(self._change.difference.links_removed, shown=True)
            self._change = None
            self._view.viewport().update()


class _Change:
    """What differs between the level as it is and as it would be, ready to be painted."""

    def __init__(
        self, before: Graph, after: Graph, report: ShapeReport, cards: Mapping[NodeId, NodeItem]
    ) -> None:
        self.difference = difference(before, after)
        self._after = after
        self._removed = [cards[node].box() for node in self.difference.removed if node in cards]
        incoming: dict[NodeId, list[Link]] = {}
        outgoing: dict[NodeId, set[str]] = {}
        for link in after.links:
            incoming.setdefault(link.target.node, []).append(link)
            outgoing.setdefault(link.source.node, set()).add(link.source.port)
        self._facts = {
            node.id: card_facts(
                node,
                report.nodes.get(node.id),
                incoming=incoming.get(node.id, ()),
                outgoing=outgoing.get(node.id, frozenset()),
                problems=report.of_node(node.id),
                flow=after.flow,
            )
            for node in (after.nodes[key] for key in self._concerned(before))
        }
        # Those of cards that are there already and would say something else.
        self._others = [
            node
            for node, facts in self._facts.items()
            if node in cards and _said(facts) != _said(cards[node].facts)
        ]
        self._paths = [wire_path(route) for route in self._routes()]

    def paint(self, painter: QPainter, style: Style, zoom: float) -> None:
        """Paint what goes, what comes and what becomes another."""
        pen = QPen(style.colours.accent, _RING_PX / zoom)
        pen.setDashPattern([4, 3])
        gone = QPen(style.colours.err, _RING_PX / zoom)
        gone.setDashPattern([4, 3])
        radius = style.theme.radius.card
        for box in self._removed:
            rect = QRectF(box.left, box.top, box.width, box.height)
            painter.setPen(gone)
            painter.setBrush(faded(style.colours.canvas, _VEIL))
            painter.drawRoundedRect(rect, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        for path in self._paths:
            painter.drawPath(path)
        for node in (*self.difference.added, *self._others):
            facts, place = self._facts[node], self._after.nodes[node].position
            painter.save()
            painter.translate(axis_of(place), place[1])
            paint_card(painter, style, facts, CardState())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen)
            around = QRectF(-facts.width / 2, 0, facts.width, facts.height).adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(around, radius + 2, radius + 2)
            painter.restore()

    def _concerned(self, before: Graph) -> list[NodeId]:
        change, after = self.difference, self._after
        ends = [end for link in change.links_added for end in (link.source.node, link.target.node)]
        users = [
            node.id
            for node in after.nodes.values()
            if node.definition in change.definitions and node.id in before.nodes
        ]
        return list(dict.fromkeys((*change.added, *change.changed, *ends, *users)))

    def _routes(self) -> Iterator[Route]:
        boxes = {node: self._box(node, facts) for node, facts in self._facts.items()}
        router = Router(boxes, (), self._after.flow)
        for link in self.difference.links_added:
            yield router.course(self._ends(link))

    def _box(self, node: NodeId, facts: CardFacts) -> Box:
        x, y = axis_of(self._after.nodes[node].position), self._after.nodes[node].position[1]
        half = facts.width / 2
        return Box(x - half, y, x + half, y + facts.height)

    def _ends(self, link: Link) -> WireEnds:
        first, last = self._facts[link.source.node], self._facts[link.target.node]
        above, below = self._box(link.source.node, first), self._box(link.target.node, last)
        outputs = (p for p in first.outputs if p.name == link.source.port)
        out_x, out_y = next(((p.x, p.y) for p in outputs), (0.0, first.height))
        in_x, in_y = next(((p.x, p.y) for p in last.inputs if p.link == link), (0.0, 0.0))
        source = above.axis + out_x, above.top + out_y
        target = below.axis + in_x, below.top + in_y
        return WireEnds(link, source, target, flow=self._after.flow)


def _said(facts: CardFacts) -> CardFacts:
    """Return what a card says, without which wires end at it."""
    return replace(facts, inputs=(), outputs=(), loose=())


def _tried(fix: Fix | None, graph: Graph) -> Graph | None:
    """Return a drawing with a fix, or None where there is none or it is refused."""
    if fix is None:
        return None
    try:
        after = fix.edit(graph)
    except LoomError:
        return None
    return None if after is graph else after
