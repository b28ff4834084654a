"""Carrying all wires of one output to another output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gestures.gesture import Pointer
from app.canvas.gestures.wire import WireGesture
from app.canvas.wiring import judge_move, move_wires
from engine.analysis.verdict import Verdict
from engine.graph.elements import End, Link

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class CarryGesture(WireGesture):
    """The wires keep their inputs; their upper ends follow the pointer to another output."""

    def __init__(self, view: PointerView, start: Pointer, links: Sequence[Link]) -> None:
        anchors = [QPointF(*view.canvas.ends_of(link).target) for link in links]
        own = frozenset((links[0].source.node,))
        super().__init__(view, start, anchors, seeks_input=False, own=own)
        self._links = links
        for link in links:
            view.canvas.wires[link].setVisible(False)
        self.judge_seen()

    def release(self, pointer: Pointer) -> None:
        del pointer
        landing, links = self.landing, self._links
        self.clear()
        if landing is not None and not landing.verdict.refused:
            label = "Move wire" if len(links) == 1 else f"Move {len(links)} wires"
            self.view.document.edit(label, lambda graph: move_wires(graph, links, landing.end))

    def clear(self) -> None:
        super().clear()
        for link in self._links:
            if link in self.view.canvas.wires:
                self.view.canvas.wires[link].setVisible(True)

    def judge(self, other: End) -> Verdict:
        document = self.view.document
        return judge_move(document.graph, document.report, self._links, other)
