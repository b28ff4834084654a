"""How long the canvas takes for a drawing of 1,000 layers, as JSON.

Times are CPU milliseconds of this thread: they vary far less under load than wall time. Each is
the median of several rounds; ``of_budget`` is its share of what it may take, and ``naive`` the
full repaint of a scene with an item for every part, as most node editors have it.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/canvas_speed.py
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from builders import a_chain  # noqa: E402
from PySide6.QtCore import QPointF, QRectF  # noqa: E402
from PySide6.QtGui import QBrush, QImage, QPainter, QPen  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QApplication,
    QGraphicsEllipseItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSimpleTextItem,
    QGraphicsView,
)

from app.canvas.view import CanvasView  # noqa: E402
from app.document import Document  # noqa: E402
from app.theme import load_theme, theme_manager  # noqa: E402
from engine.graph.edits import move, set_params  # noqa: E402
from engine.graph.elements import Graph  # noqa: E402
from engine.graph.layout import arrange  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.project.recipe import Recipe  # noqa: E402

NODES = 1000
ROUNDS = 9
PER_COLUMN = 50
COLUMN = 380.0
BUDGET_MS = {
    "open": 1000.0,
    "pan_all": 16.0,
    "zoom_all": 16.0,
    "pan_middle": 16.0,
    "zoom_middle": 16.0,
    "pan_near": 16.0,
    "zoom_near": 16.0,
    "drag_step": 16.0,
    "edit_with_shapes": 20.0,
    "arrange": 1000.0,
}


def _folded(graph: Graph) -> Graph:
    """Stand the layers in columns, so that all of them fit a screen."""
    places = {
        node: (COLUMN * (number // PER_COLUMN), 94.0 * (number % PER_COLUMN))
        for number, node in enumerate(graph.nodes)
    }
    return move(graph, places)


def _timed(act: Callable[[int], object], rounds: int = ROUNDS) -> float:
    times = []
    for number in range(rounds):
        started = time.thread_time()
        act(number)
        times.append((time.thread_time() - started) * 1000)
    return statistics.median(times)


def _grab(view: QGraphicsView, image: QImage) -> None:
    view.viewport().render(image)


def _moves(view: CanvasView, image: QImage) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, zoom in (("all", 0.19), ("middle", 0.4), ("near", 0.9)):
        view.fit_all()
        view.zoom_to(zoom)

        def pan(number: int) -> None:
            view.pan_by(-40, 30 if number % 2 else -30)
            QApplication.processEvents()

        def zoom_in(number: int) -> None:
            view.zoom_about(1.05 if number % 2 else 1 / 1.05, QPointF(700, 400))
            _grab(view, image)

        found[f"pan_{name}"] = _timed(pan)
        found[f"zoom_{name}"] = _timed(zoom_in)
    return found


def _drag_step(view: CanvasView) -> float:
    view.fit_all()
    view.zoom_to(0.9)
    node = view.seen_nodes()[0]
    x, y = view.document.graph.nodes[node].position
    view.canvas.begin_shift([node])

    def step(number: int) -> None:
        view.canvas.shift({node: (x + number * 5, y)})
        QApplication.processEvents()

    took = _timed(step)
    view.canvas.settle()
    return took


def _edit(document: Document) -> float:
    """Change a width in the last column and wait for the shapes: all threads are counted."""
    nodes = [node for node, found in document.graph.nodes.items() if found.kind == "Linear"]
    late = nodes[-30]
    took = []
    for number in range(ROUNDS):
        value = 32 if number % 2 else 48
        started = time.process_time()
        document.edit("Width", lambda graph: set_params(graph, late, {"out_features": value}))  # noqa: B023
        while document.report.graph is not document.graph:
            QApplication.processEvents()
            time.sleep(0.005)
        took.append((time.process_time() - started) * 1000)
    return statistics.median(took)


def _naive(graph: Graph) -> QGraphicsView:
    """Return a view of a scene with child items for ports and texts, and no levels of detail."""
    view = QGraphicsView()
    scene = QGraphicsScene(view)
    colours = load_theme("dark").colours
    for node in graph.nodes.values():
        card = QGraphicsRectItem(QRectF(0, 0, 300, 58))
        card.setPos(*node.position)
        card.setBrush(QBrush(colours.raised))
        card.setPen(QPen(colours.line2))
        for place, text in enumerate((node.kind, node.name)):
            words = QGraphicsSimpleTextItem(text, card)
            words.setPos(48, 10 + 18 * place)
            words.setBrush(QBrush(colours.text))
        for y in (0, 58):
            port = QGraphicsEllipseItem(QRectF(146, y - 4, 8, 8), card)
            port.setBrush(QBrush(colours.canvas))
            port.setPen(QPen(colours.wire, 1.75))
        scene.addItem(card)
    view.setScene(scene)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.resize(1600, 1000)
    view.show()
    QApplication.processEvents()
    view.fitInView(scene.itemsBoundingRect())
    return view


def main() -> None:
    """Measure and print."""
    application = QApplication(sys.argv)
    theme_manager().choose("dark")
    graph = _folded(a_chain(NODES))
    image = QImage(1600, 1000, QImage.Format.Format_RGB32)
    image.fill(0)
    started = time.thread_time()
    document = Document(Project(name="Large", graph=graph, recipe=Recipe()))
    view = CanvasView(document, theme_manager())
    view.resize(1600, 1000)
    view.show()
    view.fit_all()
    _grab(view, image)
    took = {"open": (time.thread_time() - started) * 1000}
    took |= _moves(view, image)
    took["drag_step"] = _drag_step(view)
    view.fit_all()
    took["repaint_all"] = _timed(lambda _number: _grab(view, image))
    took["edit_with_shapes"] = _edit(document)
    took["arrange"] = _timed(lambda _number: arrange(graph), 3)
    naive = _naive(graph)
    took["naive_repaint_all"] = _timed(lambda _number: _grab(naive, image))
    report = {
        "nodes": NODES,
        "ms": {name: round(value, 2) for name, value in took.items()},
        "of_budget": {name: round(took[name] / budget, 3) for name, budget in BUDGET_MS.items()},
        "faster_than_naive": round(took["naive_repaint_all"] / took["repaint_all"], 1),
    }
    print(json.dumps(report, indent=1))
    document.close()
    view.close()
    naive.close()
    application.processEvents()


if __name__ == "__main__":
    main()
