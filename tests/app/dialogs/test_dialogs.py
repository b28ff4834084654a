"""Small dialogs: templates, the keyboard map, about."""

import pytest
from builders import a_project
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTreeWidget, QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows, words_of

from app.dialogs.about import AboutDialog
from app.dialogs.keys import KeysDialog
from app.dialogs.steps import StepsDialog


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def rows_of(dialog: KeysDialog) -> dict[str, str]:
    tree = dialog.findChild(QTreeWidget)
    assert tree is not None
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return {item.text(0): item.text(1) for item in items if item and not item.isHidden()}


def test_the_keyboard_map_lists_every_action_with_keys(windows: Windows, qtbot: QtBot) -> None:
    window = windows(a_project(), with_panels=False)
    actions = list(window.actions_by_key.values())
    dialog = KeysDialog(actions)
    qtbot.addWidget(dialog)

    listed = rows_of(dialog)

    with_keys = [action for action in actions if action.shortcuts()]
    assert {action.text().rstrip("…") for action in with_keys} <= listed.keys()
    assert listed["Train"].startswith("F5") and "Quick add" in listed


def test_the_keyboard_map_is_searched_by_name_and_by_key(qtbot: QtBot) -> None:
    first, second = QAction("Zoom In"), QAction("Quit")
    first.setShortcut("Ctrl++")
    second.setShortcut("Ctrl+Q")
    dialog = KeysDialog([first, second])
    qtbot.addWidget(dialog)

    dialog._search.setText("ZOOM")
    assert list(rows_of(dialog)) == ["Zoom In"]
    dialog._search.setText("ctrl+q")
    assert list(rows_of(dialog)) == ["Quit"]
    dialog._search.setText("")

    assert len(rows_of(dialog)) > 2


def test_about_names_versions_and_licences(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)

    words = words_of(dialog)

    for name in ("Layerloom 0.", "PyTorch 2.", "Qt 6.", "Python 3.", "Apache", "Inter", "MNIST"):
        assert name in words


def test_a_number_of_steps_is_typed_and_enter_takes_it(qtbot: QtBot) -> None:
    dialog = StepsDialog()
    qtbot.addWidget(dialog)
    dialog.show()

    dialog.field.selectAll()
    qtbot.keyClicks(dialog.field, "1500")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)

    assert dialog.result() == StepsDialog.DialogCode.Accepted
    assert dialog.field.value == 1500
    assert "1\u202f500" in dialog.run.text()
