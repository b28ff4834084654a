"""Connecting and disconnecting by keys: two selected layers, or places that letters name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.facts import with_ghosts
from app.canvas.growing import ports_of
from app.canvas.items import NodeItem
from app.canvas.lettering import Choice, Lettering
from app.canvas.wiring import draw_wire, join, without_wires
from app.canvas.words import title_of
from app.widgets.focus_return import FocusReturn
from engine.analysis.verdict import can_connect
from engine.graph.edits import disconnect
from engine.graph.elements import End, Link, NodeId
from engine.graph.rewiring import RANK_PITCH

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_EDGE_PX = 8
"""So near to the border of the view a letter could not be read."""


class Connecting:
    """Draws and removes wires without the pointer."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.letters = Lettering()
        self._focus = FocusReturn(view)
        view.document.changed.connect(self.close)
        view.document.selection_changed.connect(self.close)

    def connect(self) -> None:
        """Join two selected layers; for one, let letters name what it may feed."""
        chosen = sorted(self._view.document.selection, key=self._height)
        if len(chosen) == 2:
            self._join(*chosen)
        elif len(chosen) == 1:
            self._offer_from(chosen[0])
        else:
            self._view.tell("Select one layer to connect it, or two to join them")

    def connect_port(self, end: End, *, is_input: bool) -> None:
        """Let letters name what one port may be connected with."""
        if is_input:
            self._offer_outputs(end)
        else:
            self._offer_inputs(end)

    def disconnect_port(self, end: End, *, is_input: bool) -> None:
        """Take all wires of one port away."""
        document = self._view.document
        links = [
            link
            for link in document.graph.links
            if (link.target if is_input else link.source) == end
        ]
        document.edit("Disconnect", lambda graph: without_wires(graph, links))

    def disconnect(self) -> None:
        """Let letters name the wires of the selection, or all on screen where nothing is."""
        link = self._view.document.selected_link
        if link is not None:
            self._view.delete_selected()
            return
        choices = [
            Choice(item.path().pointAtPercent(0.5), self._removing(link))
            for link, item in self._view.canvas.wires.items()
            if self._is_meant(link) and self._is_seen(item.path().pointAtPercent(0.5))
        ]
        self._show(choices, "No wire is on screen here")

    def close(self) -> None:
        """Take the letters away."""
        if self.letters.is_shown:
            self.letters.close()
            self._view.viewport().update()

    def take(self, typed: str) -> None:
        """Go on with what was typed; anything but a letter shown closes them."""
        if not typed or not self.letters.take(typed):
            self.letters.close()
        self._view.viewport().update()

    def _join(self, upper: NodeId, lower: NodeId) -> None:
        document = self._view.document
        report = document.report
        label = f"Connect {title_of(document, upper)} to {title_of(document, lower)}"
        document.edit(label, lambda graph: join(graph, report, upper, lower))

    def _offer_from(self, node_id: NodeId) -> None:
        graph = self._view.document.graph
        names = ports_of(graph, graph.nodes[node_id])[1]
        places = {place.name for place in self._view.canvas.nodes[node_id].facts.outputs}
        ends = [End(node_id, name) for name in names if name in places]
        if len(ends) > 1:
            self._show([Choice(self._output(end), self._offering(end)) for end in ends], "")
        elif ends:
            self._offer_inputs(ends[0])
        else:
            self._offer_to(node_id)

    def _offer_to(self, node: NodeId) -> None:
        """Begin with a layer that puts nothing out: its first free input, else its first one."""
        targets = [target for target, _ in self._inputs() if target.node == node]
        used = {link.target for link in self._view.document.graph.links_into(node)}
        targets.sort(key=lambda target: target in used)
        if targets:
            self._offer_outputs(targets[0])
        else:
            self._view.tell(f"{title_of(self._view.document, node)} has nothing to connect")

    def _offering(self, source: End) -> Callable[[], None]:
        return lambda: self._offer_inputs(source)

    def _offer_inputs(self, source: End) -> None:
        tensor = self._view.document.report.at(source)
        choices = [
            Choice(at, self._drawing(source, target))
            for target, at in self._inputs()
            if self._fits(source, target)
        ]
        self._show(choices, f"Nothing on screen takes {tensor or 'this'}")

    def _offer_outputs(self, target: End) -> None:
        choices = [
            Choice(self._output(source), self._drawing(source, target))
            for source in self._outputs()
            if self._fits(source, target)
        ]
        self._show(choices, "Nothing on screen fits here")

    def _inputs(self) -> Iterator[tuple[End, QPointF]]:
        for item in self._cards_around():
            for place in with_ghosts(item.facts):
                yield End(item.node, place.name), item.port_point(place)

    def _outputs(self) -> Iterator[End]:
        for item in self._cards_around():
            for place in item.facts.outputs:
                yield End(item.node, place.name)

    def _cards_around(self) -> Iterator[NodeItem]:
        """Yield the cards on screen and those that lie half a screen beyond its borders."""
        seen = self._view.seen_rect()
        across, down = seen.width() / 2, seen.height() / 2
        for item in self._view.canvas.near(seen.adjusted(-across, -down, across, down)):
            if isinstance(item, NodeItem):
                yield item

    def _output(self, end: End) -> QPointF:
        item = self._view.canvas.nodes[end.node]
        place = next(place for place in item.facts.outputs if place.name == end.port)
        return item.port_point(place)

    def _fits(self, source: End, target: End) -> bool:
        graph, report = self._view.document.graph, self._view.document.report
        if Link(source, target) in graph.links:
            return False
        return can_connect(graph, report, source, target).ok

    def _drawing(self, source: End, target: End) -> Callable[[], object]:
        document = self._view.document
        verdict = can_connect(document.graph, document.report, source, target)
        return lambda: document.edit(
            "Connect", lambda graph: draw_wire(graph, source, target, verdict)
        )

    def _removing(self, link: Link) -> Callable[[], object]:
        document = self._view.document
        return lambda: document.edit("Disconnect", lambda graph: disconnect(graph, link))

    def _is_meant(self, link: Link) -> bool:
        chosen = self._view.document.selection
        return not chosen or link.source.node in chosen or link.target.node in chosen

    def _is_seen(self, at: QPointF) -> bool:
        edge = _EDGE_PX / self._view.zoom
        return self._view.seen_rect().adjusted(edge, edge, -edge, -edge).contains(at)

    def _height(self, node: NodeId) -> tuple[float, float]:
        graph = self._view.document.graph
        x, y = graph.nodes[node].position
        return (x, y) if graph.flow == "right" else (y, x)

    def _show(self, choices: list[Choice], otherwise: str) -> None:
        if choices and not any(self._is_seen(choice.at) for choice in choices):
            self._bring_nearest(choices)
        seen = [choice for choice in choices if self._is_seen(choice.at)]
        if seen:
            self._focus.remember()
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.letters.show([replace(choice, run=self._chosen(choice)) for choice in seen])
        else:
            self._view.tell(otherwise)
        self._view.viewport().update()

    def _chosen(self, choice: Choice) -> Callable[[], object]:
        """Return what a choice does, the keyboard back where it was before the letters came."""

        def run() -> None:
            choice.run()
            self._focus.give_back()

        return run

    def _bring_nearest(self, choices: list[Choice]) -> None:
        """Scroll to the choice that is nearest, with some room around it."""
        middle = self._view.seen_rect().center()
        nearest = min(choices, key=lambda choice: (choice.at - middle).manhattanLength())
        room = RANK_PITCH / 2
        self._view.reveal(QRectF(nearest.at, nearest.at).adjusted(-room, -room, room, room))
