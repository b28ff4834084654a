"""Questions that the person answers in words, and those before something is done for good."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from window_hands import answering, button_of

from app.dialogs.asking import AgreeDialog, WordsDialog, agrees, ask_words
from app.dialogs.blocks import may_delete, may_replace


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def shown(qtbot: QtBot, dialog: QDialog) -> QDialog:
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.focusWidget() is not None)
    return dialog


def a_field(dialog: QDialog) -> QLineEdit:
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    return field


def test_words_are_written_over_those_before_and_taken_with_enter(
    qtbot: QtBot, parent: QWidget
) -> None:
    dialog = WordsDialog(parent, "Note on a run", "What is it for?", "old", "Save")
    field = a_field(shown(qtbot, dialog))
    assert field.accessibleName() == "What is it for?"

    QTest.keyClicks(field, " a lower rate ")
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert dialog.words == "a lower rate" and dialog.result() == QDialog.DialogCode.Accepted


def test_escape_takes_nothing(qtbot: QtBot, parent: QWidget) -> None:
    dialog = WordsDialog(parent, "Rename block", "Name", "Residual", "Rename")
    field = a_field(shown(qtbot, dialog))

    QTest.keyClick(field, Qt.Key.Key_Escape)

    assert not dialog.isVisible() and dialog.result() == QDialog.DialogCode.Rejected


@pytest.mark.parametrize("may_be_empty", [True, False])
def test_nothing_is_taken_only_where_it_says_something(
    qtbot: QtBot, parent: QWidget, may_be_empty: bool
) -> None:
    dialog = WordsDialog(parent, "Note", "What for?", "old", "Save", may_be_empty=may_be_empty)
    field = a_field(shown(qtbot, dialog))

    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert dialog.isVisible() != may_be_empty
    assert button_of(dialog, "Save").isEnabled() == may_be_empty
    dialog.close()


def test_what_is_asked_for_comes_back(parent: QWidget) -> None:
    with answering("Save", "Cancel"):
        assert ask_words(parent, "Note on a run", "What is it for?", "a try", "Save") == "a try"
        assert ask_words(parent, "Note on a run", "What is it for?", "a try", "Save") is None


def test_only_the_named_button_does_it(parent: QWidget) -> None:
    with answering("Delete", "Cancel", "Delete", "Replace"):
        assert agrees(parent, "Delete it?", "It is gone then.", "Delete")
        assert not agrees(parent, "Delete it?", "It is gone then.", "Delete")
        assert may_delete("Residual", parent)
        assert may_replace("Residual", parent)


def test_enter_leaves_what_would_be_gone(qtbot: QtBot, parent: QWidget) -> None:
    dialog = shown(qtbot, AgreeDialog(parent, "Delete it?", "It is gone then.", "Delete"))
    focused = dialog.focusWidget()
    assert focused is not None

    QTest.keyClick(focused, Qt.Key.Key_Return)

    assert not dialog.isVisible() and dialog.result() == QDialog.DialogCode.Rejected
