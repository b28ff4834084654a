"""How the selected layers learn, beside what the recipe says for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.document import Document, new_gesture
from app.inspector.editors import MIXED, Shown
from app.inspector.form import ParamForm
from app.widgets import Button
from engine.graph.edits import set_learning
from engine.graph.elements import Node, NodeId
from engine.graph.learning import Learning, is_shown, learning_fields
from nodes.params import Field

_LIVE: Final = frozenset({"rate_factor"})
"""What a run takes from its next step on."""


class LearningPart(QWidget):
    """Rows for the settings of ``Learning``; made when they are first shown."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._nodes: tuple[NodeId, ...] = ()
        self._subject = ""
        # Which optimiser it belongs to has a part of its own.
        fields = (field for field in learning_fields() if field.name != "player")
        self._fields = {field.name: field for field in fields}
        self._form = ParamForm(Learning, tuple(self._fields.values()), unfolded=False)
        self._form.committed.connect(self._on_committed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._form)
        self._choose = Button(self.tr("Load weights into this…"), "ghost", extent="small")
        self._choose.clicked.connect(self._on_choose)
        flush = QHBoxLayout()
        flush.addWidget(self._choose)
        flush.addStretch(1)
        column.addLayout(flush)

    def show_nodes(self, nodes: Sequence[Node], subject: str) -> None:
        """Show these layers, called ``subject`` where what is done to them is told."""
        self._nodes, self._subject = tuple(node.id for node in nodes), subject
        self._form.show_values({name: _shown(nodes, field) for name, field in self._fields.items()})
        for name in self._fields:
            row = self._form.row(name)
            if row is not None:
                row.setVisible(any(is_shown(node.learning, name) for node in nodes))

    def focus_initialiser(self) -> bool:
        """Put the keyboard into how weights begin; False where there are none."""
        self._form.set_unfolded(unfolded=True)
        row = self._form.row("initialiser")
        if row is None or not row.isVisible():
            return False
        row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def set_editable(self, *, editable: bool) -> None:
        """Let everything be changed, or only what a run takes from its next step on."""
        self._choose.setEnabled(editable)
        for name in self._fields.keys() - _LIVE:
            row = self._form.row(name)
            if row is not None:
                row.setEnabled(editable)

    def _on_choose(self) -> None:
        title = self.tr("Weights for {0}").format(self._subject)
        kinds = self.tr("Weights (*.safetensors)")
        file, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if file:
            self._on_committed("weights", file, new_gesture())

    def _on_committed(self, name: str, value: object, gesture: int) -> None:
        nodes = self._nodes
        label = self.tr("{0} of {1}").format(self._fields[name].param.label, self._subject)
        self._document.edit(
            label, lambda graph: set_learning(graph, nodes, name, value), gesture=gesture
        )


def _shown(nodes: Sequence[Node], field: Field) -> Shown:
    values = {getattr(node.learning, field.name) for node in nodes}
    return values.pop() if len(values) == 1 else MIXED
