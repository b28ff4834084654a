"""qtpynodeeditor, on its fastest way: its search for circles is off while it is built."""

from __future__ import annotations

import sys

import qtpynodeeditor
from measuring import Editor, argument, measure, place, wires
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication


class Tensor(qtpynodeeditor.NodeData):
    """What flows."""

    data_type = qtpynodeeditor.NodeDataType("tensor", "tensor")


class Layer(qtpynodeeditor.NodeDataModel):
    """A node with two inputs and an output."""

    name = "Layer"
    caption = "Layer"
    num_ports = {"input": 2, "output": 1}  # noqa: RUF012 - its own way to declare ports
    data_type = Tensor.data_type
    port_caption_visible = False

    def out_data(self, port: int) -> Tensor:
        """Give something out."""
        del port
        return Tensor()


def build(count: int) -> Editor:
    """Show a chain with skips."""
    registry = qtpynodeeditor.DataModelRegistry()
    registry.register_model(Layer, category="Layers")
    scene = qtpynodeeditor.FlowScene(registry=registry, allow_node_creation=True)
    view = qtpynodeeditor.FlowView(scene)
    nodes = []
    for number in range(count):
        node = scene.create_node(Layer)
        node.position = place(number)
        nodes.append(node)
    for source, target, port in wires(count):
        output, entry = nodes[source]["output"][0], nodes[target]["input"][port]
        scene.create_connection(output, entry, check_cycles=False)

    def show(area: QRectF) -> None:
        view.setSceneRect(area)
        view.fitInView(area, Qt.AspectRatioMode.KeepAspectRatio)

    def drag(x: float, y: float) -> None:
        nodes[3].graphics_object.setPos(QPointF(x, y))

    def select_all() -> None:
        for node in nodes:
            node.graphics_object.setSelected(True)

    return Editor(view, show, drag, select_all)


if __name__ == "__main__":
    application = QApplication(sys.argv)
    measure("qtpynodeeditor", argument(), build)
