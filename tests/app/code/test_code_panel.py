import pytest
from builders import a_project, a_residual_cnn, a_small_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from pytestqt.qtbot import QtBot

from app.code import CodePanel
from app.document import Document
from app.theme import theme_manager
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph.edits import remove_nodes, set_params
from engine.graph.elements import EMPTY, Graph
from engine.project.project import Project


def shown(qtbot: QtBot, graph: Graph) -> tuple[Document, CodePanel]:
    document = Document(a_project(graph))
    panel = CodePanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(560, 500)
    panel.show()
    return document, panel


def source_of(document: Document) -> str:
    plan = make_plan(document.graph, document.report, document.project.name, without_loss=True)
    return write_source(plan).text


def set_in(document: Document, name: str, **params: object) -> None:
    node = node_named(document.graph, name)
    document.edit("Set", lambda graph: set_params(graph, node, params))


def test_the_source_follows_the_drawing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    assert panel.view.toPlainText() == source_of(document).rstrip("\n")

    set_in(document, "conv2d", out_channels=7)

    qtbot.waitUntil(lambda: "nn.Conv2d(1, 7" in panel.view.toPlainText())
    assert panel.view.toPlainText() == source_of(document).rstrip("\n")


def test_the_lines_of_the_selected_layer_are_highlighted(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())

    document.select((node_named(document.graph, "conv2d_2"),))

    lines = panel.view.toPlainText().split("\n")
    marked = [lines[line - 1] for line in panel.view.marked]
    assert len(marked) == 2 and all("conv2d_2" in line for line in marked)


def test_a_click_on_a_line_selects_its_layer(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())
    lines = panel.view.toPlainText().split("\n")
    number = next(n for n, line in enumerate(lines) if line.strip().startswith("self.conv2d_3"))
    cursor = QTextCursor(panel.view.document().findBlockByNumber(number))
    place = panel.view.cursorRect(cursor).center()

    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert document.selection == {node_named(document.graph, "conv2d_3")}


def test_a_line_of_no_layer_selects_nothing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    cursor = QTextCursor(panel.view.document().findBlockByNumber(0))

    place = panel.view.cursorRect(cursor).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert document.selection == frozenset()


def test_with_an_error_the_last_valid_source_stays_and_says_so(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())
    before = panel.view.toPlainText()
    assert panel.note == ""

    set_in(document, "conv2d_3", out_channels=32)
    qtbot.waitUntil(lambda: panel.note == "Code before the error in Add")
    assert panel.view.toPlainText() == before

    document.undo()
    qtbot.waitUntil(lambda: panel.note == "")


def test_a_panel_that_is_opened_after_the_error_still_shows_what_was_before(qtbot: QtBot) -> None:
    document = Document(a_project(a_residual_cnn()))
    panel = CodePanel(document, theme_manager())
    qtbot.addWidget(panel)
    set_in(document, "conv2d_3", out_channels=32)

    panel.show()

    assert panel.note == "Code before the error in Add"
    assert "nn.Conv2d(16, 16" in panel.view.toPlainText()


def test_another_project_with_an_error_does_not_show_the_source_of_the_first(
    qtbot: QtBot,
) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    graph = a_residual_cnn()
    broken = set_params(graph, node_named(graph, "conv2d_3"), {"out_channels": 32})

    document.open(Project(name="Other", graph=broken))

    qtbot.waitUntil(lambda: panel.source is None)
    assert not panel.view.isVisible()


def test_an_empty_drawing_says_what_would_be_here(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    document.edit("Clear", lambda graph: remove_nodes(graph, tuple(graph.nodes)))

    qtbot.waitUntil(lambda: not panel.view.isVisible())
    assert document.graph.nodes == EMPTY.nodes


def test_copy_puts_the_whole_source_on_the_clipboard(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    with qtbot.waitSignal(panel.copied):
        qtbot.mouseClick(panel._copy, Qt.MouseButton.LeftButton)

    assert QGuiApplication.clipboard().text() == source_of(document)


def test_renaming_the_project_renames_the_class(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    document.set_about(name="Tiny reader")

    qtbot.waitUntil(lambda: "class TinyReader(" in panel.view.toPlainText())


@pytest.mark.parametrize("slow", [False, True])
def test_source_written_beside_the_window_is_the_same(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    if slow:
        monkeypatch.setattr("app.newest._QUICK_S", 0.0)
    document, panel = shown(qtbot, a_residual_cnn())

    set_in(document, "linear", bias=False)

    qtbot.waitUntil(lambda: panel.view.toPlainText() == source_of(document).rstrip("\n"))
