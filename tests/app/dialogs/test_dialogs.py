"""Small dialogs: templates, the keyboard map, about."""

from pathlib import Path

import numpy as np
import pytest
from builders import a_project
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTreeWidget, QWidget
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file
from window_hands import Windows, words_of

from app.dialogs.about import AboutDialog
from app.dialogs.batch import BatchDialog
from app.dialogs.keys import KeysDialog
from app.dialogs.steps import StepsDialog
from app.plots.picture_grid import PictureGrid
from engine.runs.kept_batch import read_batch


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


def test_a_kept_batch_shows_its_samples_and_says_whether_they_are_numbers(
    tmp_path: Path, qtbot: QtBot
) -> None:
    images = np.zeros((3, 1, 4, 4), np.float32)
    fine, torn = tmp_path / "fine.safetensors", tmp_path / "torn.safetensors"
    save_file({"image": images}, fine)
    images[2, 0, 1, 1] = np.nan
    save_file({"image": images}, torn)

    dialogs = [BatchDialog(read_batch(file), file) for file in (fine, torn)]
    for dialog in dialogs:
        qtbot.addWidget(dialog)

    grid = dialogs[0].findChild(PictureGrid)
    assert grid is not None and len(grid.groups) == 3
    assert "All of its values are numbers" in words_of(dialogs[0])
    assert "1 in image" in words_of(dialogs[1])
