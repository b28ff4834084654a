"""Whose weights the selected layer uses: its own, or those of another of its kind."""

from __future__ import annotations

from app.document import Document
from app.inspector.choice_part import ChoicePart
from engine.graph.elements import Graph, Node, NodeId
from engine.graph.sharing import share, unshare

_HELP = (
    "A layer that uses the weights of another has its parameters as well, and learns with it: "
    "a discriminator sees what is real and what was made, two views pass through one network."
)
_OWN = ""


class SharingPart(ChoicePart):
    """A choice of the layers whose weights may be shared; hidden where there is none."""

    def __init__(self, document: Document) -> None:
        super().__init__(self.tr("Shares with"), self.tr(_HELP))
        self._document = document
        self._node: NodeId | None = None
        self._subject = ""
        self.chosen.connect(self._on_chosen)

    def show_node(self, node: Node | None, subject: str) -> None:
        """Show whose weights one layer uses; nothing where several are selected."""
        choices = self._lenders(node) if node is not None else ()
        self._node, self._subject = node.id if node is not None else None, subject
        self.setVisible(len(choices) > 1)
        if node is not None and len(choices) > 1:
            self.show_choices(choices, node.shares or _OWN)

    def _lenders(self, node: Node) -> tuple[tuple[str, str], ...]:
        graph = self._document.graph
        alike = [other for other in graph.nodes.values() if self._may_lend(other, node)]
        return ((_OWN, self.tr("no other layer")), *((other.id, _called(other)) for other in alike))

    def _may_lend(self, other: Node, node: Node) -> bool:
        if other.id == node.id or (other.kind, other.definition) != (node.kind, node.definition):
            return False
        report = self._document.report.nodes.get(other.id)
        has_weights = report is not None and report.parameters > 0
        # Of those that borrow themselves the lender is offered; the one chosen stays told.
        return other.id == node.shares or (other.shares is None and has_weights)

    def _on_chosen(self, chosen: object) -> None:
        node, owner = self._node, NodeId(str(chosen))
        if node is None:
            return

        def change(graph: Graph) -> Graph:
            return share(graph, node, owner) if owner else unshare(graph, node)

        label = self.tr("Share weights of {0}") if owner else self.tr("Part weights of {0}")
        self._document.edit(label.format(self._subject), change)


def _called(node: Node) -> str:
    return f"{node.title} · {node.name}" if node.title else node.name
