"""A file of weights dropped on the card of the layer that is to begin with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPointF, Signal

from app.canvas.view import CanvasView
from app.drops import FileDrops, only
from engine.graph.edits import set_learning
from engine.graph.elements import NodeId


class WeightsDrop(QObject):
    """Takes such a file on a card; beside all cards it is left to what reads it as data."""

    passed_on = Signal(Path)
    """The file was dropped beside all layers: it may be data."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        FileDrops(canvas.viewport(), only(_are_weights), self.take)

    def take(self, file: Path, place: QPointF) -> None:
        """Give the weights of a file to the layer at a place, or pass the file on."""
        node = self._layer_at(place)
        if node is None:
            self.passed_on.emit(file)
        else:
            self._give(file, node)

    def _give(self, file: Path, node: NodeId) -> None:
        """Let a layer begin with the weights of a file."""
        document = self._canvas.document
        title = document.report.nodes[node].title
        label = self.tr("Weights for {0}").format(title)
        document.edit(label, lambda graph: set_learning(graph, [node], "weights", str(file)))
        document.select([node])
        words = self.tr("{0} begins with the weights of {1}; the run says which of them fit")
        self._canvas.tell(words.format(title, file.name))

    def _layer_at(self, at: QPointF) -> NodeId | None:
        """Return the layer below a point that has weights to be given."""
        canvas = self._canvas
        node = canvas.canvas.hit(canvas.scene_point(at)).node
        report = canvas.document.report.nodes.get(node) if node is not None else None
        return node if report is not None and report.parameters else None


def _are_weights(file: Path) -> bool:
    return file.suffix.lower() == ".safetensors"
