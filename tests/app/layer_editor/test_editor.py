"""Writing a layer: what is said of its text, and what a save makes of the drawing."""

import pytest
from own_texts import SCALED, with_own_layer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from window_hands import answering

from app.document import Document
from app.layer_editor.editor import LayerEditor
from app.theme import theme_manager
from engine.own_layers.trust import is_trusted, trust
from nodes.own_code import with_name
from nodes.own_layer import Failed, Found, remember


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    trust([SCALED])
    return Document(with_own_layer(SCALED, "Scaled")[0])


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def editor(document: Document, parent: QWidget) -> LayerEditor:
    return LayerEditor(document, "Scaled", theme_manager(), parent)


def _code(document: Document) -> dict[str, str]:
    return dict(document.project.graph.code)


def test_it_shows_the_text_and_what_the_layer_takes(editor: LayerEditor) -> None:
    assert editor.text.toPlainText() + "\n" == SCALED
    assert editor.message == "It is being run to find its shape…"
    assert not editor.is_modified


def test_a_save_is_one_step_of_the_history_and_is_trusted(
    document: Document, editor: LayerEditor
) -> None:
    changed = SCALED.replace("x * self.weight", "x + self.weight")
    editor.text.setPlainText(changed)

    assert editor.save()

    assert _code(document) == {"Scaled": changed}
    assert is_trusted(changed)
    assert document.history.undo_label == "Edit code of Scaled"
    document.undo()
    assert _code(document) == {"Scaled": SCALED}
    assert editor.text.toPlainText() + "\n" == SCALED, "it follows what was not typed over"


def test_a_text_that_is_no_layer_stays_in_the_editor_with_its_line_marked(
    document: Document, editor: LayerEditor
) -> None:
    editor.text.setPlainText(SCALED + "\n\ndef (\n")

    assert not editor.save()

    assert editor.text.marked == (len(SCALED.splitlines()) + 3,)
    assert "Python cannot read this" in editor.message
    assert _code(document) == {"Scaled": SCALED}


def test_the_drawing_follows_a_new_name(document: Document, editor: LayerEditor) -> None:
    editor.text.setPlainText(with_name(SCALED, "Scaled", "Weighed"))

    assert editor.save()

    assert list(_code(document)) == ["Weighed"]
    assert editor.name == "Weighed"
    assert not editor.is_modified


def test_what_a_run_said_is_shown_on_its_line(document: Document, editor: LayerEditor) -> None:
    (question,) = document.report.questions
    remember(question, Failed(title="Scaled fails when it runs", why="Too warm.", line=9))
    document.look_again()

    assert editor.text.marked == (9,)
    assert editor.message == "Line 9: Scaled fails when it runs. Too warm."

    remember(question, Found(types=(question.entering[0][1][0],), parameters=16))
    document.look_again()

    assert editor.text.marked == ()
    assert editor.message == "Here: 16×28×28 → 16×28×28, 16 parameters"


def test_closing_asks_what_becomes_of_changes(document: Document, editor: LayerEditor) -> None:
    editor.text.setPlainText(SCALED + "\n# more\n")

    with answering("Cancel"):
        editor.reject()
    with answering("Save"):
        editor.reject()

    assert _code(document)["Scaled"].endswith("# more\n")


def test_a_line_begins_as_deep_as_the_one_before(editor: LayerEditor, qtbot: QtBot) -> None:
    editor.text.setPlainText("def f(x):")
    editor.text.moveCursor(editor.text.textCursor().MoveOperation.End)

    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClicks(editor.text, "y = 1")
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClick(editor.text, Qt.Key.Key_Tab)

    assert editor.text.toPlainText() == "def f(x):\n    y = 1\n        "
    editor.text.selectAll()
    QTest.keyClick(editor.text, Qt.Key.Key_Backtab)
    assert editor.text.toPlainText() == "def f(x):\ny = 1\n    "
