"""Selecting by what feeds what and by kind; none of it is part of the history."""

from __future__ import annotations

from app.document import Document
from engine.graph.elements import NodeId
from engine.graph.topology import downstream, upstream


def chosen_of(document: Document) -> list[NodeId]:
    """Return the selected nodes in the order of the drawing."""
    selection = document.selection
    return [node for node in document.graph.nodes if node in selection]


class Choosing:
    """What the selection of one document can be made to be."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def all(self) -> None:
        """Select every layer."""
        self._document.select(self._document.graph.nodes)

    def invert(self) -> None:
        """Select the layers that are not selected."""
        self._document.select(self._document.graph.nodes.keys() - self._document.selection)

    def upstream(self) -> None:
        """Select also all that the selected layers depend on."""
        graph, chosen = self._document.graph, self._document.selection
        self._document.select(chosen.union(*(upstream(graph, node) for node in chosen)))

    def downstream(self) -> None:
        """Select also all that depends on the selected layers."""
        graph, chosen = self._document.graph, self._document.selection
        self._document.select(chosen.union(*(downstream(graph, node) for node in chosen)))

    def same_kind(self) -> None:
        """Select all layers of the kinds that are selected."""
        nodes, chosen = self._document.graph.nodes, self._document.selection
        kinds = {nodes[node].kind for node in chosen}
        self._document.select([node for node, found in nodes.items() if found.kind in kinds])
