"""Small dialogs: templates, the keyboard map, about."""

import pytest
from builders import a_project
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTreeWidget, QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows, answering, words_of

from app.dialogs.about import AboutDialog
from app.dialogs.keys import KeysDialog
from app.dialogs.templates import choose_template, empty_project
from engine.analysis.shapes import infer_shapes
from engine.project.templates import open_template, templates


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize("number", range(len(templates())))
def test_a_template_that_is_chosen_is_opened(parent: QWidget, number: int) -> None:
    template = templates()[number]

    with answering(template.title, "Open"):
        chosen = choose_template(parent)

    assert chosen == open_template(template.key)


def test_the_first_template_is_chosen_already(parent: QWidget) -> None:
    with answering("Open"):
        assert choose_template(parent) == open_template(templates()[0].key)


def test_an_empty_project_has_data_and_a_loss_and_says_what_is_missing(parent: QWidget) -> None:
    with answering("Empty project", "Open"):
        chosen = choose_template(parent)

    assert chosen is not None
    kinds = [node.kind for node in chosen.graph.nodes.values()]
    assert kinds == ["Data", "CrossEntropyLoss"]
    assert infer_shapes(empty_project().graph).errors


@pytest.mark.parametrize("answers", [("Cancel",), ()])
def test_who_cancels_stays_with_what_is_open(parent: QWidget, answers: tuple[str, ...]) -> None:
    with answering(*answers):
        assert choose_template(parent) is None


def test_new_asks_about_unsaved_work_first(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    window.document.set_about(name="Mine")

    with answering("Cancel") as answers:
        window.new_project()
    assert len(answers.asked) == 1 and window.document.project.name == "Mine"
    with answering("Discard changes", "Empty project", "Open"):
        window.new_project()

    assert window.document.project.name == "Untitled"
    assert window.document.history.is_saved and window.files.path is None


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
