"""Putting cards in order: by the layout, in columns, in line, at equal distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from app.canvas.gliding import Gliding
from app.canvas.words import layers_text
from engine.graph.alignment import Edge, Way, align, distribute, straighten
from engine.graph.bends import without_bends
from engine.graph.edits import move
from engine.graph.elements import Flow, Graph, NodeId

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


Layout: TypeAlias = Callable[[Graph], dict[NodeId, tuple[float, float]]]


class Arranging:
    """Each is one edit; the cards glide to their places."""

    def __init__(self, view: CanvasView) -> None:
        self.moves = True
        """Cards glide to their places; else they are there at once."""

        self._view = view
        self._gliding = Gliding(view.canvas, view)

    def arrange(self) -> None:
        """Put every card where the layout wants it."""
        # It comes with networkx, which the window does not wait for when it opens.
        from engine.graph.layout import arrange

        self._place("Arrange", arrange)

    def run(self, flow: Flow) -> None:
        """Let the drawing run down or to the right, and put every card where that wants it."""
        from engine.graph.layout import arrange

        self._place("Arrange to the right" if flow == "right" else "Arrange down", arrange, flow)

    def fold(self) -> None:
        """Break the drawing into columns that the view shows as large as it can, and show all."""
        from engine.graph.columns import fold

        size = self._view.viewport().size()
        ratio = max(1, size.width()) / max(1, size.height())
        flow = self._view.document.graph.flow
        label = "Fold into rows" if flow == "right" else "Fold into columns"
        self._place(label, lambda now: fold(now, ratio=ratio), shows_all=True)

    def settle(self) -> None:
        """Put cards that still glide to their places."""
        self._gliding.stop()

    def align(self, edge: Edge) -> None:
        """Bring an edge, or the middles, of the selected cards onto one line."""
        self._edit("Align", lambda graph, nodes: align(graph, nodes, edge))

    def distribute(self, way: Way) -> None:
        """Make the gaps between the selected cards equal."""
        self._edit("Distribute", lambda graph, nodes: distribute(graph, nodes, way))

    def straighten(self) -> None:
        """Put the selected cards that feed each other onto one axis; all where none is."""
        self._edit("Straighten", straighten, all_without_selection=True)

    def _place(
        self, label: str, layout: Layout, flow: Flow | None = None, *, shows_all: bool = False
    ) -> None:
        before = self._view.document.graph
        graph = replace(before, flow=flow or before.flow)
        placed = without_bends(move(graph, layout(graph)))
        stays = all(before.nodes[key] == node for key, node in placed.nodes.items())
        if not stays or graph.flow != before.flow:
            self._glide(label, lambda _: placed, shows_all=shows_all or graph.flow != before.flow)

    def _edit(
        self,
        verb: str,
        change: Callable[[Graph, list[NodeId]], Graph],
        *,
        all_without_selection: bool = False,
    ) -> None:
        document = self._view.document
        nodes = [node for node in document.graph.nodes if node in document.selection]
        if not nodes and all_without_selection:
            nodes = list(document.graph.nodes)
        if nodes:
            label = f"{verb} {layers_text(document, nodes)}"
            self._glide(label, lambda graph: change(graph, nodes))

    def _glide(
        self, label: str, change: Callable[[Graph], Graph], *, shows_all: bool = False
    ) -> None:
        before = self._gliding.places()
        if not self._view.document.edit(label, change):
            return
        if shows_all:
            self._view.fit_all()
        if self._view.isVisible() and self.moves:
            self._gliding.start(before, self._view.style())
