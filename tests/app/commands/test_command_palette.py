"""The palette over a real window: what it lists, finds and does."""

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_hands import Windows, wait_until

from app.commands import Command, CommandPalette
from app.main_window import MainWindow
from nodes.catalogue import LAYERS


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def opened(window: MainWindow, text: str = "") -> CommandPalette:
    palette = window.search.open_palette()
    QTest.keyClicks(palette.field, text)
    return palette


def first(window: MainWindow, text: str) -> Command:
    return opened(window, text).commands[0]


def enter(palette: CommandPalette) -> None:
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    QTest.qWait(1)


def test_it_lists_every_entry_of_the_menus_with_its_keys(window: MainWindow) -> None:
    listed = {c.key: c for c in opened(window).commands if c.group == "action"}
    missing = {f"action:{key}" for key in window.actions_by_key} - set(listed)

    assert missing == {"action:commands"}
    assert listed["action:save_as"].keys == "Ctrl+Shift+S"


def test_it_finds_actions_layers_nodes_and_templates(window: MainWindow) -> None:
    assert first(window, "full scr").key == "action:full_screen"
    window.search.open_palette()
    assert first(window, "batchnorm2d").key == "layer:BatchNorm2d"
    window.search.open_palette()
    assert first(window, "conv2d_2").key == "node:conv2d_2"
    window.search.open_palette()
    assert first(window, "read handwritten").key == "template:digits"
    window.search.open_palette()
    assert first(window, "driving").key == "template:driving"


def test_a_chosen_layer_is_added_with_the_numbers_behind_its_name(window: MainWindow) -> None:
    before = set(window.document.graph.nodes)

    enter(opened(window, "conv2d 24 5x5"))

    (added,) = set(window.document.graph.nodes) - before
    assert window.document.graph.nodes[added].params == {"out_channels": 24, "kernel_size": 5}


def test_a_chosen_node_is_selected(window: MainWindow) -> None:
    enter(opened(window, "conv2d_2"))

    assert window.document.selection == {node_named(window.document.graph, "conv2d_2")}


def test_layers_inside_of_composites_are_offered_and_gone_to(windows: Windows) -> None:
    graph = a_nested_cnn()
    window = windows(a_project(graph), with_panels=False)

    palette = opened(window, "conv2d_2")
    offered = [one for one in palette.commands if one.group == "drawing"]
    next(one for one in offered if one.note == "Residual").run()

    assert window.document.path == (node_named(graph, "residual"),)
    assert window.document.selection == {node_named(window.document.graph, "conv2d_2")}


def test_what_was_used_last_comes_first(window: MainWindow) -> None:
    enter(opened(window, "zoom out"))

    assert opened(window).commands[0].key == "action:zoom_out"


def test_a_miss_says_what_was_searched(window: MainWindow) -> None:
    palette = opened(window, "qqzz")

    said = palette._miss.accessibleName()
    nodes = len(window.document.graph.nodes)
    assert not palette.commands and palette._miss.isVisible()
    assert "“qqzz”" in said and f"{nodes} layers of the drawing" in said


@pytest.mark.parametrize("text", ["", "batch", "qqzz"])
def test_it_is_as_high_as_what_it_shows(window: MainWindow, text: str) -> None:
    opened(window, "qqzz")
    window.search.open_palette()
    palette = opened(window, text)

    shown = palette.list if palette.commands else palette._miss
    assert shown.isVisible() and shown.height() > 20
    assert palette.rect().contains(shown.geometry()) and palette.rect().contains(
        palette.field.geometry()
    )


def test_esc_gives_the_keyboard_back(window: MainWindow) -> None:
    window.canvas.setFocus()
    wait_until(window.canvas.hasFocus)

    QTest.keyClick(opened(window).field, Qt.Key.Key_Escape)

    assert window.canvas.hasFocus()


def test_arrows_walk_the_list_and_go_around(window: MainWindow) -> None:
    palette = opened(window, "zoom")
    QTest.keyClick(palette.field, Qt.Key.Key_Up)

    assert palette.list.currentIndex().row() == len(palette.commands) - 1


def test_what_cannot_be_done_now_stays_in_the_list_and_does_nothing(window: MainWindow) -> None:
    palette = opened(window, "undo")
    assert palette.commands[0].key == "action:undo" and not palette.commands[0].can_run

    enter(palette)

    assert palette.isVisible()


def test_no_layer_is_offered_that_a_drawing_cannot_take_by_hand(window: MainWindow) -> None:
    offered = {c.key for c in opened(window).commands if c.group == "layer"}

    assert offered <= {f"layer:{kind}" for kind in LAYERS}
    assert "layer:Conv2d" in offered
