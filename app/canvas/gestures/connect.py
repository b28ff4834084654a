"""Drawing a wire from either end, with the verdict at the pointer while it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gestures.gesture import Pointer
from app.canvas.gestures.wire import WireGesture
from app.canvas.items import NodeItem
from app.canvas.wiring import draw_wire
from engine.analysis.verdict import Verdict, can_connect, first_fitting
from engine.graph.edits import disconnect
from engine.graph.elements import End, Graph, Link
from engine.graph.topology import downstream, upstream

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class ConnectGesture(WireGesture):
    """A loose wire: one end is fixed, the other follows the pointer.

    Args:
        fixed: The port that the wire hangs on.
        from_output: Whether that port is an output.
        pulled: The wire that was taken off an input, if one was.
    """

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
        own = frozenset((fixed.node,))
        super().__init__(view, start, (anchor,), seeks_input=from_output, own=own)
        self.fixed = fixed
        self.from_output = from_output
        self._pulled = pulled
        graph = view.document.graph
        self._graph: Graph = disconnect(graph, pulled) if pulled else graph
        reach = upstream if from_output else downstream
        self._related = {fixed.node} | reach(self._graph, fixed.node)
        if pulled is not None:
            view.canvas.wires[pulled].setVisible(False)
        self.judge_seen()

    def release(self, pointer: Pointer) -> None:
        landing = self.landing
        self.clear()
        document, pulled = self.view.document, self._pulled
        if landing is not None:
            source, target = self._ends(landing.end)
            document.edit(
                "Connect",
                lambda graph: draw_wire(graph, source, target, landing.verdict, instead_of=pulled),
            )
        elif pulled is not None:
            if self.view.canvas.hit(pointer.at).node is None:
                document.edit("Disconnect", lambda graph: disconnect(graph, pulled))
        elif self.view.canvas.hit(pointer.at).kind in ("nothing", "wire", "frame", "fold"):
            self.view.add_at_loose_end(self.fixed, pointer, from_output=self.from_output)

    def clear(self) -> None:
        super().clear()
        if self._pulled is not None and self._pulled in self.view.canvas.wires:
            self.view.canvas.wires[self._pulled].setVisible(True)

    def judge(self, other: End) -> Verdict:
        report = self.view.document.report
        source, target = self._ends(other)
        # Seen from an input, what depends on it may not feed it; seen from an output, what it
        # depends on may not take it.
        related = self._related if self.from_output else ()
        if not self.from_output and other.node in self._related:
            related = {target.node}
        return can_connect(self._graph, report, source, target, related=related)

    def best_port(self, item: NodeItem) -> End | None:
        if self.from_output:
            found = first_fitting(self._graph, self.view.document.report, self.fixed, item.node)
            if found is not None:
                return found[0]
        return super().best_port(item)

    def _ends(self, other: End) -> tuple[End, End]:
        return (self.fixed, other) if self.from_output else (other, self.fixed)
