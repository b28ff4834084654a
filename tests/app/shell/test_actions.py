"""The table of actions: menus name what there is, and no key does two things."""

from collections import Counter

import pytest
from builders import a_project
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_hands import Windows

from app.main_window import MainWindow
from app.shell.actions import SEPARATOR
from app.shell.menus import MENUS, OTHER_PANELS, PANELS, SUBMENUS


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(), with_panels=False)


def keys_of(action: QAction) -> list[str]:
    portable = QKeySequence.SequenceFormat.PortableText
    return [sequence.toString(portable) for sequence in action.shortcuts()]


def test_every_entry_of_a_menu_is_an_action_or_a_submenu(window: MainWindow) -> None:
    entries = {key for keys in MENUS.values() for key in keys if key != SEPARATOR}

    assert entries - SUBMENUS.keys() <= set(window.actions_by_key)


def test_every_action_stands_in_a_menu(window: MainWindow) -> None:
    menus = (*MENUS.values(), *SUBMENUS.values())
    entries = {key for keys in menus for key in keys}

    assert set(window.actions_by_key) <= entries


def test_the_menu_bar_holds_what_the_table_says(window: MainWindow) -> None:
    bar = window.header.menu_bar.actions()

    assert [menu.text() for menu in bar] == list(MENUS)
    for menu, keys in zip(bar, MENUS.values(), strict=True):
        held = menu.menu()
        assert held is not None and len(held.actions()) == len(keys)  # type: ignore[attr-defined]


def test_f10_and_alt_lead_the_keyboard_into_the_menus(window: MainWindow) -> None:
    bar = window.header.menu_bar
    titles = [action.text() for action in bar.actions()]
    assert len({title[0] for title in titles}) == len(titles)
    window.show()
    window.canvas.setFocus()
    for key, opened in ((Qt.Key.Key_F10, 0), (Qt.Key.Key_V, 2)):
        alt = Qt.KeyboardModifier.AltModifier
        none = Qt.KeyboardModifier.NoModifier
        QTest.keyClick(window.canvas, key, none if key == Qt.Key.Key_F10 else alt)

        popup = QApplication.activePopupWidget()
        assert isinstance(popup, QMenu) and popup.menuAction() is bar.actions()[opened]
        QTest.keyClick(popup, Qt.Key.Key_Right)
        after = QApplication.activePopupWidget()
        assert isinstance(after, QMenu) and after.menuAction() is bar.actions()[opened + 1]
        QTest.keyClick(after, Qt.Key.Key_Escape)


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    used = Counter(keys for a in window.actions_by_key.values() for keys in keys_of(a))

    assert [keys for keys, count in used.items() if count > 1] == []


def test_every_panel_has_an_action(window: MainWindow) -> None:
    panels = {f"panel_{key}" for key, *_ in (*PANELS, *OTHER_PANELS)}

    assert panels <= set(window.actions_by_key)


def test_single_letters_act_on_the_canvas_alone(window: MainWindow) -> None:
    """Else they would be taken from every text field."""
    on_canvas = set(window.canvas.actions())
    typed = {*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Del", "Backspace", "Home", "End", "Return", "Space"}
    plain = [a for a in window.actions_by_key.values() if typed & set(keys_of(a))]

    assert plain and set(plain) <= on_canvas


def test_the_rail_names_the_keys_that_act(window: MainWindow) -> None:
    for key, _, name, keys in PANELS:
        assert keys in keys_of(window.actions_by_key[f"panel_{key}"]), name
