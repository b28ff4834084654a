"""The canvas of Layerloom, measured as the other editors are.

As in its window, Python's garbage is collected from a timer and not while a drawing is opened.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]

from measuring import Editor, argument, measure, place, wires  # noqa: E402
from PySide6.QtCore import QPointF, QRectF  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.canvas.view import CanvasView  # noqa: E402
from app.document import Document  # noqa: E402
from app.gui_gc import GuiCollector  # noqa: E402
from app.theme import theme_manager  # noqa: E402
from engine.graph.elements import End, Graph, Link, Node, NodeId  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.project.recipe import Recipe  # noqa: E402


def build(count: int) -> Editor:
    """Show a drawing of additions."""
    nodes = {
        NodeId(f"node{number}"): Node(
            id=NodeId(f"node{number}"), kind="Add", name=f"add_{number}", position=place(number)
        )
        for number in range(count)
    }
    links = tuple(
        Link(End(NodeId(f"node{source}"), "y"), End(NodeId(f"node{target}"), "x"))
        for source, target, _ in wires(count)
    )
    graph = Graph(nodes=nodes, links=links)
    document = Document(Project(name="Large", graph=graph, recipe=Recipe()))
    view = CanvasView(document, theme_manager())
    held = NodeId("node3")

    def show(area: QRectF) -> None:
        room = view.viewport().rect()
        scale = min(room.width() / area.width(), room.height() / area.height())
        view.zoom_about(scale / view.zoom, QPointF(room.center()))
        view.centre_rect(area)

    def drag(x: float, y: float) -> None:
        view.canvas.shift({held: (x, y)})

    view.canvas.begin_shift([held])
    return Editor(view, show, drag, view.select_all)


if __name__ == "__main__":
    application = QApplication(sys.argv)
    theme_manager().choose("dark")
    collector = GuiCollector(application)
    measure("layerloom", argument(), build)
    collector.stop()
