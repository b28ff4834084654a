"""A file of weights dropped on the card of the layer that is to begin with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QDropEvent

from app.canvas.view import CanvasView
from engine.graph.edits import set_learning
from engine.graph.elements import NodeId

_SUFFIX = ".safetensors"


class WeightsDrop(QObject):
    """Takes such a file on a card; beside all cards it is left to what reads it as data."""

    passed_on = Signal(Path)
    """The file was dropped beside all layers: it may be data."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        kinds = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)
        if event.type() not in kinds or not isinstance(event, QDropEvent):
            return False
        file = weights_in(event.mimeData())
        if file is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            node = self._layer_at(event.position())
            # The program that the file comes from waits until the drop is over.
            QTimer.singleShot(0, lambda: self.take(file, node))
        return True

    def take(self, file: Path, node: NodeId | None) -> None:
        """Give the weights of a file to a layer, or pass the file on where there is none."""
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


def weights_in(data: QMimeData) -> Path | None:
    """Return the one file of weights that is dragged."""
    urls = data.urls() if data.hasUrls() else []
    file = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return file if file is not None and file.suffix.lower() == _SUFFIX else None
