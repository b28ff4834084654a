"""Which of several optimisers the selected layers or losses belong to."""

from __future__ import annotations

from collections.abc import Sequence

from app.document import Document
from app.inspector.choice_part import ChoicePart
from app.inspector.editors import MIXED
from engine.graph.edits import set_learning
from engine.graph.elements import Node, NodeId
from nodes.catalogue import kind_named

_HELP = "The one that moves these layers, or that lowers this loss."


class OwnerPart(ChoicePart):
    """A choice of the optimisers that take turns; hidden where there is but one."""

    def __init__(self, document: Document) -> None:
        super().__init__(self.tr("Optimiser"), self.tr(_HELP))
        self._document = document
        self._nodes: tuple[NodeId, ...] = ()
        self._subject = ""
        self.chosen.connect(self._on_chosen)
        document.recipe_changed.connect(self._refresh)

    def show_nodes(self, nodes: Sequence[Node], subject: str) -> None:
        """Show what these belong to; they are called ``subject`` where it is told."""
        self._nodes, self._subject = tuple(node.id for node in nodes), subject
        names = tuple(player.name for player in self._document.project.recipe.players)
        may_belong = not self._document.path and all(map(self._may_belong, nodes))
        self.setVisible(bool(names) and may_belong)
        if names:
            owners = {node.learning.player or names[0] for node in nodes}
            owner = owners.pop() if len(owners) == 1 else MIXED
            self.show_choices(tuple((name, name) for name in names), owner)

    def _refresh(self) -> None:
        graph = self._document.graph
        nodes = [graph.nodes[node] for node in self._nodes if node in graph.nodes]
        if nodes:
            self.show_nodes(nodes, self._subject)

    def _may_belong(self, node: Node) -> bool:
        report = self._document.report.nodes.get(node.id)
        kind = kind_named(node.kind)
        is_loss = kind is not None and kind.info.role == "loss"
        return is_loss or (report is not None and report.parameters > 0)

    def _on_chosen(self, name: object) -> None:
        nodes = self._nodes
        label = self.tr("Optimiser of {0}").format(self._subject)
        self._document.edit(label, lambda graph: set_learning(graph, nodes, "player", name))
