"""Find: what fits is selected and shown, Enter goes around."""

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, node_named
from canvas_hands import canvas_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_hands import Windows, wait_until

from app.main_window import MainWindow
from app.shell.find_bar import FindBar


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def finding(window: MainWindow, text: str) -> FindBar:
    window.actions_by_key["find"].trigger()
    bar = window.search.open_find()
    QTest.keyClicks(bar.field, text)
    return bar


def names(window: MainWindow) -> list[str]:
    graph = window.document.graph
    return sorted(graph.nodes[node].name for node in window.document.selection)


def test_all_that_fit_are_selected_while_one_types(window: MainWindow) -> None:
    bar = finding(window, "conv2d")
    convolutions = [n.name for n in window.document.graph.nodes.values() if n.kind == "Conv2d"]

    assert names(window) == sorted(convolutions)
    assert bar.count == f"{len(convolutions)} found"


def test_enter_goes_from_one_to_the_next_and_around(window: MainWindow) -> None:
    bar = finding(window, "conv2d")
    seen = []

    for _ in range(len(names(window)) + 1):
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        seen.append((bar.count, names(window)))

    assert seen[0] == seen[-1] and len({tuple(chosen) for _, chosen in seen}) == len(seen) - 1
    QTest.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert seen[-2] == (bar.count, names(window))


def test_the_layer_that_is_found_is_in_the_middle(window: MainWindow) -> None:
    window.canvas.zoom_to(2.0)

    finding(window, "cross")

    (node,) = window.document.selection
    assert window.canvas.seen_rect().contains(window.canvas.canvas.nodes[node].far_rect())


def test_none_found_is_said(window: MainWindow) -> None:
    assert finding(window, "zebra").count == "None found"


def test_a_layer_that_is_gone_is_not_gone_to(window: MainWindow) -> None:
    bar = finding(window, "conv2d")
    window.canvas.delete_selected()

    bar.step(1)

    assert bar.count == "None found"


def test_esc_closes_and_the_canvas_has_the_keyboard(window: MainWindow) -> None:
    bar = finding(window, "linear")
    chosen = window.document.selection

    QTest.keyClick(bar.field, Qt.Key.Key_Escape)

    wait_until(window.canvas.hasFocus)
    assert bar.isHidden() and window.document.selection == chosen


def test_what_stands_inside_of_composites_is_found_and_gone_to(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    view = canvas_of(graph)
    qtbot.addWidget(view)
    bar = FindBar(view.document, view)
    bar.found.connect(view.centre_on)
    bar.open()

    bar.field.setText("entry")
    assert view.document.path == () and bar.count == "1 found"
    bar.step(1)

    block = node_named(graph, "residual")
    assert view.document.path == (block,)
    assert view.document.selection == {node_named(view.document.graph, "input")}
