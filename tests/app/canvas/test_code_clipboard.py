"""Layers as PyTorch code: copied from the canvas, and pasted onto it."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtGui import QGuiApplication
from window_hands import Windows

from app.main_window import MainWindow


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def test_selected_layers_are_copied_as_code(window: MainWindow) -> None:
    window.document.select([node_named(window.document.graph, "linear")])

    window.actions_by_key["copy_code"].trigger()

    assert QGuiApplication.clipboard().text().startswith("nn.Linear(")


def test_pasted_code_becomes_layers_in_one_step(window: MainWindow) -> None:
    before = window.document.graph
    QGuiApplication.clipboard().setText("nn.Sequential(nn.Linear(8, 4), nn.ReLU(), Odd())")
    notes: list[str] = []
    window.document.noted.connect(notes.append)

    window.actions_by_key["paste"].trigger()

    added = [window.document.graph.nodes[node] for node in window.document.selection]
    assert {node.kind for node in added} == {"Linear", "ReLU"}
    assert notes == ["Not known and left out: Odd."]
    window.document.undo()
    assert window.document.graph is before


def test_code_of_a_drawing_with_errors_says_what_is_in_the_way(window: MainWindow) -> None:
    graph = window.document.graph
    chosen = [node_named(graph, "add"), node_named(graph, "conv2d_2")]
    window.document.select([node_named(graph, "conv2d")])
    window.canvas.delete_selected()
    window.document.select(chosen)
    refused: list[object] = []
    window.document.refused.connect(refused.append)

    window.actions_by_key["copy_code"].trigger()

    assert len(refused) == 1 and "cannot be written as code" in str(refused[0])
