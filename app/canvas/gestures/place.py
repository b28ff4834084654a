"""Carrying cards that were just pasted: they follow the pointer until a click puts them down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.canvas.clearing import off_others
from app.canvas.gestures.gesture import Pointer
from app.canvas.gestures.move import MoveGesture
from engine.graph.elements import Graph, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class PlaceGesture(MoveGesture):
    """Moves cards that a step brought, as a part of that step.

    Args:
        step: The gesture of the step.
    """

    def __init__(
        self, view: PointerView, start: Pointer, nodes: Sequence[NodeId], step: int
    ) -> None:
        super().__init__(view, start, nodes[0], nodes)
        self.step = step
        self._label = view.document.history.undo_label

    def moved(self, graph: Graph, link: Link | None, frame: str) -> Graph:
        graph = super().moved(graph, link, frame)
        return graph if link is not None else off_others(graph, tuple(self._from))

    def label(self, link: Link | None) -> str:
        del link  # what they are put into is a part of it
        return self._label
