"""What is shown of the thing below the pointer: its wires, its ends, its whole way.

Where the pointer rests, all else steps back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.items import NodeItem, WireItem
from engine.analysis.derivation import derive
from engine.graph.elements import Graph, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene

_REST_MS = 400
_FAINT = 0.4


class Hovering:
    """Marks a card with its wires, a wire with its ends, and on demand all that leads there."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._over: NodeId | Link | None = None
        self._graph: Graph | None = None
        self._traces = False
        self._sizes = False
        self._nodes: set[NodeId] = set()
        self._wires: set[Link] = set()
        self._faint: list[QGraphicsItem] = []
        # At once it would flicker wherever the pointer passes.
        self._rest = QTimer(scene)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._dim_others)

    def over(
        self, item: NodeItem | WireItem | None, *, traces: bool = False, sizes: bool = False
    ) -> None:
        """Mark what the pointer is over.

        Args:
            traces: Follow it to input and output.
            sizes: Follow the sizes on a wire to the layers that forced them.
        """
        now: NodeId | Link | None = None
        if item is not None:
            now = item.node if isinstance(item, NodeItem) else item.link
        graph = self._scene.document.graph
        known = self._over, self._traces, self._sizes
        if (now, traces, sizes) == known and graph is self._graph:
            return
        self._over, self._traces, self._sizes, self._graph = now, traces, sizes, graph
        self._unmark()
        if now is not None:
            self._mark(graph, now)
            self._rest.start()

    def _mark(self, graph: Graph, now: NodeId | Link) -> None:
        nodes, wires = self._scene.nodes, self._scene.wires
        if isinstance(now, Link):
            ends, near = {now.source.node, now.target.node}, {now}
        else:
            ends, near = {now}, {link for link in graph.links if _touches(link, now)}
        traced = way_through(graph, now) if self._traces else set()
        if self._sizes and isinstance(now, Link):
            found = derive(self._scene.document.report, now.source)
            ends = {forced.node for forced in found.layers}
            traced = {now, *found.links}
        for node in ends & nodes.keys():
            nodes[node].set_state(hovered=node == now, linked=node != now)
        for link in (near | traced) & wires.keys():
            look = wires[link].look
            wires[link].set_look(replace(look, hovered=link in near, traced=link in traced))
        self._nodes, self._wires = ends, near | traced

    def _dim_others(self) -> None:
        """Let what has nothing to do with what the pointer rests on step back."""
        scene = self._scene
        if not self._wires or scene.is_heated or scene.shared.level == "far":
            return
        ends = {node for link in self._wires for node in (link.source.node, link.target.node)}
        cards = (item for node, item in scene.nodes.items() if node not in ends | self._nodes)
        wires = (item for link, item in scene.wires.items() if link not in self._wires)
        self._faint = [*cards, *wires]
        for item in self._faint:
            item.setOpacity(_FAINT)

    def brighten(self) -> None:
        """Let nothing step back until the pointer rests on something else."""
        self._rest.stop()
        for item in self._faint:
            item.setOpacity(1.0)
        self._faint = []

    def _unmark(self) -> None:
        self.brighten()
        for node in self._nodes & self._scene.nodes.keys():
            self._scene.nodes[node].set_state(hovered=False, linked=False)
        for link in self._wires & self._scene.wires.keys():
            item = self._scene.wires[link]
            item.set_look(replace(item.look, hovered=False, traced=False))
        self._nodes, self._wires = set(), set()


def way_through(graph: Graph, start: NodeId | Link) -> set[Link]:
    """Return the wires that lead to a node or wire from the inputs, and from it to the outputs."""
    if isinstance(start, Link):
        before, after = start.source.node, start.target.node
        return {start} | _leading_to(graph, before) | _leading_from(graph, after)
    return _leading_to(graph, start) | _leading_from(graph, start)


def _leading_to(graph: Graph, node: NodeId) -> set[Link]:
    into: dict[NodeId, list[Link]] = {}
    for link in graph.links:
        into.setdefault(link.target.node, []).append(link)
    return _walked(node, lambda at: into.get(at, ()), lambda link: link.source.node)


def _leading_from(graph: Graph, node: NodeId) -> set[Link]:
    out: dict[NodeId, list[Link]] = {}
    for link in graph.links:
        out.setdefault(link.source.node, []).append(link)
    return _walked(node, lambda at: out.get(at, ()), lambda link: link.target.node)


def _walked(
    start: NodeId,
    links: Callable[[NodeId], Iterable[Link]],
    onward: Callable[[Link], NodeId],
) -> set[Link]:
    found: set[Link] = set()
    seen, waiting = {start}, deque((start,))
    while waiting:
        for link in links(waiting.popleft()):
            found.add(link)
            if onward(link) not in seen:
                seen.add(onward(link))
                waiting.append(onward(link))
    return found


def _touches(link: Link, node: NodeId) -> bool:
    return node in (link.source.node, link.target.node)
