"""Copying layers as text, and adding what is copied: each is one edit of the document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.canvas.choosing import chosen_of
from app.canvas.clearing import beside_others, off_others
from app.canvas.geometry import Point
from app.canvas.growing import COLUMN_PITCH
from app.canvas.words import layers_text
from app.document import Document, new_gesture
from engine.graph.cards import RIGHT_ROW_PITCH
from engine.graph.edits import remove_nodes
from engine.graph.elements import Graph, NodeId
from engine.graph.fragments import paste_fragment, to_fragment
from nodes.errors import LoomError

Settle: TypeAlias = Callable[[Graph, Sequence[NodeId]], Graph]
"""Moves layers that were added to where they are to stand."""


class Pasting:
    """The clipboard of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def copy(self) -> bool:
        """Put the selected nodes into the clipboard as text."""
        nodes = chosen_of(self._document)
        if not nodes:
            return False
        data = QMimeData()
        data.setText(to_fragment(self._document.graph, nodes))
        QGuiApplication.clipboard().setMimeData(data)
        return True

    def cut(self) -> None:
        """Copy and delete."""
        nodes = chosen_of(self._document)
        if self.copy():
            label = f"Cut {layers_text(self._document, nodes)}"
            self._document.edit(label, lambda graph: remove_nodes(graph, nodes))

    def paste(self, at: Point, *, keeps_feeding: bool = False, stays: bool = False) -> int | None:
        """Add what the clipboard holds, its top left corner at a place.

        Layers come as the text of a part of a drawing, or as PyTorch source.

        Args:
            keeps_feeding: Let what fed the layers that were copied feed the new ones as well.
            stays: Put them there even where other cards stand: they are carried on from there.

        Returns:
            The gesture of the step, for what goes on with it; None where nothing was added.
        """
        from engine.importing.source import is_source

        settle: Settle = _as_pasted if stays else off_others
        text = QGuiApplication.clipboard().text()
        if is_source(text):
            return self._paste_source(text, at, settle)
        if text.strip():
            return self._paste(text, at, "Paste", settle, keeps_feeding=keeps_feeding)
        return None

    def copy_code(self) -> bool:
        """Put the selected nodes into the clipboard as PyTorch source."""
        # The writer of source comes with more than the window needs to open.
        from engine.importing.writing import source_of

        nodes, document = chosen_of(self._document), self._document
        if not nodes:
            return False
        try:
            text = source_of(document.graph, document.report, nodes, document.project.name)
        except LoomError as error:
            document.refused.emit(error)
            return False
        QGuiApplication.clipboard().setText(text)
        return True

    def duplicate(self) -> None:
        """Add the selected nodes once more, a little beside themselves."""
        nodes = chosen_of(self._document)
        if not nodes:
            return
        graph = self._document.graph
        left = min(graph.nodes[node].position[0] for node in nodes)
        top = min(graph.nodes[node].position[1] for node in nodes)
        label = f"Duplicate {layers_text(self._document, nodes)}"
        step = (0.0, RIGHT_ROW_PITCH) if graph.flow == "right" else (COLUMN_PITCH, 0.0)

        def settle(pasted: Graph, added: Sequence[NodeId]) -> Graph:
            return beside_others(pasted, added, step)

        self._paste(to_fragment(graph, nodes), (left, top), label, settle)

    def _paste_source(self, text: str, at: Point, settle: Settle) -> int | None:
        from engine.importing.source import Pasted, paste_source

        pasted: list[Pasted] = []

        def change(graph: Graph) -> Graph:
            pasted.append(paste_source(graph, text, at))
            return settle(pasted[-1].graph, pasted[-1].nodes)

        gesture = new_gesture()
        if not self._document.edit("Paste PyTorch code", change, gesture=gesture):
            return None
        self._document.select(pasted[-1].nodes)
        for note in pasted[-1].notes:
            self._document.noted.emit(note)
        return gesture

    def _paste(
        self, text: str, at: Point, label: str, settle: Settle, *, keeps_feeding: bool = False
    ) -> int | None:
        added: tuple[NodeId, ...] = ()

        def change(graph: Graph) -> Graph:
            nonlocal added
            graph, added = paste_fragment(graph, text, at, keeps_feeding=keeps_feeding)
            return settle(graph, added)

        gesture = new_gesture()
        if not self._document.edit(label, change, gesture=gesture):
            return None
        self._document.select(added)
        return gesture


def _as_pasted(graph: Graph, added: Sequence[NodeId]) -> Graph:
    del added
    return graph
