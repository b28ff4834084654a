"""Which of several optimisers the selected layers or losses belong to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.document import Document
from app.inspector.editors import MIXED, ChoiceEditor
from app.inspector.form import Row
from app.widgets import Divider
from engine.graph.edits import set_learning
from engine.graph.elements import Node, NodeId
from nodes.catalogue import kind_named

_HELP = "The one that moves these layers, or that lowers this loss."


class OwnerPart(QWidget):
    """A choice of the optimisers that take turns; hidden where there is but one."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._nodes: tuple[NodeId, ...] = ()
        self._subject = ""
        self._made_for: tuple[str, ...] = ()
        self._row: Row | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(Divider())
        self.hide()
        document.recipe_changed.connect(self._refresh)

    def show_nodes(self, nodes: Sequence[Node], subject: str) -> None:
        """Show what these belong to; they are called ``subject`` where it is told."""
        self._nodes, self._subject = tuple(node.id for node in nodes), subject
        names = tuple(player.name for player in self._document.project.recipe.players)
        may_belong = not self._document.path and all(map(self._may_belong, nodes))
        self.setVisible(bool(names) and may_belong)
        if not names:
            return
        if names != self._made_for:
            self._make(names)
        owners = {node.learning.player or names[0] for node in nodes}
        assert self._row is not None, "made for the names"
        self._row.editor.set_value(owners.pop() if len(owners) == 1 else MIXED)

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

    def _make(self, names: tuple[str, ...]) -> None:
        if self._row is not None:
            self._row.hide()
            self._row.deleteLater()
        self._made_for = names
        editor = ChoiceEditor(self.tr("Optimiser"), tuple((name, name) for name in names))
        editor.committed.connect(self._on_chosen)
        self._row = Row(self.tr("Optimiser"), editor, self.tr(_HELP))
        self._column.addWidget(self._row)

    def _on_chosen(self, name: object) -> None:
        nodes = self._nodes
        label = self.tr("Optimiser of {0}").format(self._subject)
        self._document.edit(label, lambda graph: set_learning(graph, nodes, "player", name))
