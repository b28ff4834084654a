"""The history as a list, and what undo selects."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_hands import Windows

from app.main_window import MainWindow


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def edit_twice(window: MainWindow) -> None:
    document = window.document
    document.select([node_named(document.graph, "conv2d_2")])
    window.canvas.toggle_freeze()
    document.select([node_named(document.graph, "linear")])
    window.canvas.delete_selected()


def test_steps_are_listed_newest_first_and_the_present_one_is_marked(window: MainWindow) -> None:
    edit_twice(window)

    listed = window.search.open_history()

    assert listed.titles() == ["Delete Linear", "Freeze Conv2d", "Open"]
    assert listed.list.currentIndex().row() == 0


def test_a_step_that_is_chosen_is_shown(window: MainWindow) -> None:
    start = window.document.graph
    edit_twice(window)
    end = window.document.graph
    listed = window.search.open_history()

    QTest.keyClick(listed.field, Qt.Key.Key_Down)
    QTest.keyClick(listed.field, Qt.Key.Key_Down)
    QTest.keyClick(listed.field, Qt.Key.Key_Return)
    assert window.document.graph is start and listed.isVisible()
    QTest.keyClick(listed.field, Qt.Key.Key_Down)
    QTest.keyClick(listed.field, Qt.Key.Key_Return)

    assert window.document.graph is end, "one further down goes around to the newest"


def test_undo_selects_what_was_selected_and_redo_what_it_changes(window: MainWindow) -> None:
    edit_twice(window)
    document = window.document
    assert not document.selection

    document.undo()
    assert document.selection == {node_named(document.graph, "linear")}
    document.undo()
    assert document.selection == {node_named(document.graph, "conv2d_2")}
    document.redo()

    assert document.selection == {node_named(document.graph, "conv2d_2")}


def test_the_history_is_searched_as_one_types(window: MainWindow) -> None:
    edit_twice(window)
    listed = window.search.open_history()

    QTest.keyClicks(listed.field, "freeze")

    assert listed.titles() == ["Freeze Conv2d"]
