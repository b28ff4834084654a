"""Keys of one's own: given, taken from others, remembered, taken back."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from window_hands import Windows, answering, wait_until

from app.dialogs.preferences import PreferencesDialog
from app.main_window import MainWindow
from app.shell.keymap import RESERVED, native


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def keys(text: str) -> QKeySequence:
    return QKeySequence(text)


def is_bypassed(window: MainWindow) -> bool:
    return window.document.graph.nodes[node_named(window.document.graph, "conv2d_2")].bypassed


def press_on_canvas(window: MainWindow, key: Qt.Key) -> None:
    window.document.select([node_named(window.document.graph, "conv2d_2")])
    window.canvas.setFocus()
    wait_until(window.canvas.hasFocus)
    QTest.keyClick(window.canvas, key)


def test_another_key_does_it_and_the_old_one_no_longer(window: MainWindow) -> None:
    window.keymap.set_keys("bypass", [keys("B")])

    press_on_canvas(window, Qt.Key.Key_M)
    assert not is_bypassed(window)
    press_on_canvas(window, Qt.Key.Key_B)
    assert is_bypassed(window)


def test_a_key_is_taken_from_whoever_had_it(window: MainWindow) -> None:
    keymap = window.keymap
    assert keymap.holder_of(keys("Ctrl+D")) == "duplicate"

    keymap.set_keys("export", [keys("Ctrl+D")])

    assert keymap.holder_of(keys("Ctrl+D")) == "export"
    assert keymap.keys_of("duplicate") == ()


def test_a_key_that_begins_a_longer_one_is_in_its_way(window: MainWindow) -> None:
    window.keymap.set_keys("about", [keys("Ctrl+B, Ctrl+A")])

    assert window.keymap.holder_of(keys("Ctrl+B")) == "about"


def test_keys_outlive_the_window(windows: Windows, window: MainWindow) -> None:
    window.keymap.set_keys("export", [keys("Ctrl+Alt+X"), keys("F12")])
    window.keymap.set_keys("quit", [])

    later = windows(a_project(), with_panels=False)

    assert later.keymap.keys_of("export") == (keys("Ctrl+Alt+X"), keys("F12"))
    assert later.keymap.keys_of("quit") == ()


def test_what_was_changed_can_be_taken_back(window: MainWindow) -> None:
    keymap = window.keymap
    keymap.set_keys("export", [keys("Ctrl+D")])

    keymap.reset("duplicate")
    assert keymap.keys_of("duplicate") == (), "its key is in use elsewhere"
    keymap.reset_all()

    assert keymap.keys_of("duplicate") == (keys("Ctrl+D"),)
    assert keymap.keys_of("export") == (keys("Ctrl+E"),)
    assert all(keymap.is_default(key) for key in window.actions_by_key)


def test_tooltips_name_the_keys_in_force(window: MainWindow) -> None:
    window.keymap.set_keys("train", [keys("F4")])
    window.keymap.set_keys("panel_library", [keys("F3")])
    window.keymap.set_keys("zoom_in", [keys("Ctrl+Alt+I")])
    window.keymap.set_keys("zoom_100", [])

    assert window.header.train._train.toolTip() == "Train this network (F4)"
    assert window.rail._buttons["library"].toolTip() == "Library (F3)"
    zoom = window.canvas.overlays.zoom
    assert zoom._buttons["zoom_in"][0].toolTip() == "Zoom in (Ctrl+Alt+I)"
    assert zoom._percent.toolTip() == "The zoom"


def opened(window: MainWindow) -> PreferencesDialog:
    dialog = PreferencesDialog(window.preferences, window.keymap, window.actions_by_key, window)
    dialog.show_page("keys")
    dialog.show()
    return dialog


def test_the_page_gives_a_key_that_is_pressed(window: MainWindow) -> None:
    dialog = opened(window)

    dialog.keys.choose("export")
    QTest.keyClick(dialog.keys.catcher, Qt.Key.Key_F12, Qt.KeyboardModifier.AltModifier)

    assert native(window.keymap.keys_of("export")) == "Alt+F12"
    assert "Alt+F12" in dialog.keys.said
    dialog.deleteLater()


def test_the_page_names_whose_a_key_is_before_it_is_taken(window: MainWindow) -> None:
    dialog = opened(window)
    dialog.keys.choose("export")

    QTest.keyClick(dialog.keys.catcher, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert dialog.keys.said == "Ctrl+D belongs to “Duplicate”."
    assert native(window.keymap.keys_of("export")) == "Ctrl+E"
    dialog.keys._use.click()

    assert native(window.keymap.keys_of("export")) == "Ctrl+D"
    dialog.deleteLater()


def test_keys_of_the_canvas_and_of_all_windows_stay_theirs(window: MainWindow) -> None:
    for text in RESERVED:
        assert window.keymap.reserved_for(keys(text)), text
        # Else a default could not be given back.
        assert not window.keymap.holder_of(keys(text)), text


def test_the_keyboard_map_leads_to_where_keys_are_changed(window: MainWindow) -> None:
    with answering("Change keys…", "Close") as answers:
        window.actions_by_key["keys"].trigger()

    assert ["Keyboard map" in answers.asked[0], "Preferences" in answers.asked[1]] == [True, True]


def test_preferences_open_from_the_menu(window: MainWindow) -> None:
    with answering("Close") as answers:
        window.actions_by_key["preferences"].trigger()

    assert "Preferences" in answers.asked[0]
