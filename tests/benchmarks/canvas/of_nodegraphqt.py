"""NodeGraphQt, on its fastest way: built without undo, signals and its check for circles.

That check follows every way through the drawing: each skip doubles them.
"""

from __future__ import annotations

import sys

from measuring import Editor, argument, measure, place, wires
from NodeGraphQt import BaseNode, NodeGraph
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QApplication


class Layer(BaseNode):
    """A node with two inputs and an output."""

    __identifier__ = "benchmark"
    NODE_NAME = "Layer"

    def __init__(self) -> None:
        super().__init__()
        self.add_input("x")
        self.add_input("skip")
        self.add_output("y")


def build(count: int) -> Editor:
    """Show a chain with skips."""
    graph = NodeGraph()
    graph.set_acyclic(False)
    graph.register_node(Layer)
    nodes = [
        graph.create_node(
            "benchmark.Layer", selected=False, pos=list(place(number)), push_undo=False
        )
        for number in range(count)
    ]
    for source, target, port in wires(count):
        entry = nodes[target].input(port)
        entry.connect_to(nodes[source].output(0), push_undo=False, emit_signal=False)
    view = graph.viewer()

    def show(area: QRectF) -> None:
        view._scene_range = QRectF(area)
        view.setSceneRect(area)
        view.fitInView(area, Qt.AspectRatioMode.KeepAspectRatio)

    def drag(x: float, y: float) -> None:
        nodes[3].view.setPos(x, y)

    return Editor(view, show, drag, graph.select_all)


if __name__ == "__main__":
    application = QApplication(sys.argv)
    measure("nodegraphqt", argument(), build)
