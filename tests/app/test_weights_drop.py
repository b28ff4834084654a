"""Files of weights dropped on the canvas."""

from pathlib import Path

from builders import a_project, a_small_cnn, node_named
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from window_hands import Windows, wait_until

from app.main_window import MainWindow
from engine.graph.elements import NodeId


def _drop(window: MainWindow, file: str, at: QPointF) -> bool:
    """Drop a file from elsewhere on the canvas; say whether it was taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(file)])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
    port = window.canvas.viewport()
    enter = QDragEnterEvent(at.toPoint(), *how)
    QApplication.sendEvent(port, enter)
    if enter.isAccepted():
        QApplication.sendEvent(port, QDropEvent(at, *how))
    return enter.isAccepted()


def _card(window: MainWindow, node: NodeId) -> QPointF:
    view = window.canvas
    return QPointF(view.view_rect(view.canvas.nodes[node].far_rect()).center())


def test_a_layer_begins_with_the_weights_that_are_dropped_on_it(windows: Windows) -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")
    window = windows(a_project(graph), with_panels=False)

    assert _drop(window, "/elsewhere/trained.safetensors", _card(window, conv))

    document = window.document
    wait_until(lambda: document.graph.nodes[conv].learning.weights != "")
    assert Path(document.graph.nodes[conv].learning.weights) == Path(
        "/elsewhere/trained.safetensors"
    )
    assert document.selection == {conv}
    document.undo()
    assert document.graph == graph


def test_beside_layers_with_weights_the_file_is_passed_on(windows: Windows) -> None:
    graph = a_small_cnn()
    window = windows(a_project(graph), with_panels=False)
    passed: list[Path] = []
    window.weights_drop.passed_on.connect(passed.append)

    for place in (QPointF(3, 3), _card(window, node_named(graph, "flatten"))):
        _drop(window, "/elsewhere/trained.safetensors", place)

    wait_until(lambda: len(passed) == 2)
    assert window.document.graph == graph


def test_other_files_on_a_card_are_left_to_others(windows: Windows) -> None:
    graph = a_small_cnn()
    window = windows(a_project(graph), with_panels=False)
    others: list[str] = []
    window.canvas.status.connect(others.append)

    _drop(window, "/elsewhere/trained.txt", _card(window, node_named(graph, "conv2d")))

    wait_until(lambda: others)
    assert others[0].startswith("trained.txt") and window.document.graph == graph
