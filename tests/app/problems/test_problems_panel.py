from builders import a_project, a_residual_cnn, a_small_cnn, node_named
from msgspec.structs import replace
from own_texts import SHIFTED, with_own_layer
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from app.canvas.editing import Editing
from app.document import Document
from app.fix_choices import FixMenu
from app.problems import ProblemsPanel
from app.problems.row import ProblemRow, detail_of
from app.theme import theme_manager
from app.widgets import IconButton
from engine.analysis.report import Fix, Problem
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import remove_nodes, set_params
from engine.graph.elements import Graph


def with_two_problems() -> Graph:
    """Return a drawing whose Add gets two shapes, and that holds out nothing."""
    graph = a_residual_cnn()
    graph = set_params(graph, node_named(graph, "data"), {"validation_share": 0.0})
    return set_params(graph, node_named(graph, "conv2d_3"), {"out_channels": 32})


def shown(qtbot: QtBot, graph: Graph) -> tuple[Document, ProblemsPanel]:
    document = Document(a_project(graph))
    panel = ProblemsPanel(document, theme_manager())
    qtbot.addWidget(panel)
    editing = Editing(document)
    panel.fix_chosen.connect(lambda fix: editing.apply_in_model(fix))
    panel.resize(900, 168)
    panel.show()
    return document, panel


def rows(panel: ProblemsPanel) -> list[ProblemRow]:
    listed = panel.findChild(QListWidget)
    assert isinstance(listed, QListWidget)
    found = (listed.itemWidget(listed.item(row)) for row in range(listed.count()))
    return [row for row in found if isinstance(row, ProblemRow)]


def activated(panel: ProblemsPanel) -> list[Problem]:
    seen: list[Problem] = []
    panel.problem_activated.connect(seen.append)
    return seen


def test_errors_come_before_hints_with_their_values_and_place(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, with_two_problems())

    assert [problem.severity for problem in panel.problems] == ["error", "warning"]
    assert detail_of(panel.problems[0]) == "32×14×14 and 16×14×14"
    assert "Residual block, Add" in rows(panel)[0].accessibleName()
    assert (panel.errors, panel.hints) == (1, 1)


def test_what_mends_a_problem_is_whole_at_any_size_of_text(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, with_two_problems())
    theme_manager().dress(panel)
    theme_manager().choose("dark")
    try:
        theme_manager().choose_text_size(200)
        QApplication.processEvents()

        for row in rows(panel):
            button = row.findChildren(QPushButton)[0]
            assert button.height() >= button.sizeHint().height()
            assert button.width() >= button.sizeHint().width()
            assert row.height() >= button.height()
    finally:
        theme_manager().choose_text_size(100)


def test_a_drawing_in_order_says_so(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())

    with qtbot.waitSignal(panel.count_changed) as counted:
        for problem in panel.problems:
            document.edit(problem.fixes[0].label, problem.fixes[0].edit)

    assert panel.problems == () and rows(panel) == []
    assert counted.args is not None
    assert (panel.errors, panel.hints) == (0, 0)


def test_a_click_selects_the_node_and_asks_to_show_it(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())
    seen = activated(panel)
    listed = panel.findChild(QListWidget)
    assert isinstance(listed, QListWidget)

    place = QPoint(200, rows(panel)[0].height() + 10)
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert seen == [panel.problems[1]]
    assert document.selection == {node_named(document.graph, "data")}


def test_the_button_mends_the_problem_in_one_step(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())
    button = rows(panel)[0].findChild(QPushButton)
    assert isinstance(button, QPushButton)
    label = button.text()

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert not document.report.errors
    assert document.history.undo_label == label
    assert len(rows(panel)) == 1
    document.undo()
    assert len(rows(panel)) == 2


def press_first(panel: ProblemsPanel) -> None:
    button = rows(panel)[0].findChild(QPushButton)
    assert isinstance(button, QPushButton)
    button.click()


def test_a_fix_after_an_unrelated_edit_starts_from_the_newest_drawing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())
    linear = node_named(document.graph, "linear")
    document.edit("Move", lambda graph: set_params(graph, linear, {"bias": False}))

    press_first(panel)

    assert document.graph.nodes[linear].params["bias"] is False
    assert not document.report.errors


def test_next_and_previous_go_round(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, with_two_problems())
    seen = activated(panel)

    panel.next()
    panel.next()
    panel.next()
    panel.previous()

    first, second = panel.problems
    assert seen == [first, second, first, second]


def test_next_without_problems_does_nothing(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    seen = activated(panel)

    panel.next()

    assert seen == []


def test_a_problem_stays_chosen_while_another_comes(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())
    panel.previous()
    chosen = panel.problems[1].code

    flatten = node_named(document.graph, "conv2d")
    document.edit("Break", lambda graph: set_params(graph, flatten, {"out_channels": -1}))

    listed = panel.findChild(QListWidget)
    assert isinstance(listed, QListWidget)
    assert panel.problems[listed.currentRow()].code == chosen


def test_a_recipe_that_cannot_work_is_listed_and_mended_in_one_step(qtbot: QtBot) -> None:
    document = Document(a_project(a_residual_cnn(), batch_size=64))
    panel = ProblemsPanel(document, theme_manager())
    editing = Editing(document)
    panel.fix_chosen.connect(lambda fix: editing.apply_in_model(fix))
    qtbot.addWidget(panel)
    document.memory_bytes = 12_000_000
    assert not panel.problems

    recipe = replace(document.project.recipe, batch_size=128)
    document.set_recipe(recipe, "Larger batches")
    assert [problem.code for problem in panel.problems] == ["LL-A014"]

    press_first(panel)

    assert not panel.problems
    assert document.project.recipe.batch_size < 128
    document.undo()
    assert document.project.recipe == recipe


def test_the_code_that_a_problem_is_about_is_opened_from_its_row(qtbot: QtBot) -> None:
    project, _ = with_own_layer(SHIFTED.replace("Moves", "Pushes"), "shifted")
    panel = ProblemsPanel(Document(project), theme_manager())
    qtbot.addWidget(panel)
    (row,) = rows(panel)
    (button,) = row.findChildren(QPushButton)

    with qtbot.waitSignal(panel.code_requested) as asked:
        button.click()

    assert button.text() == "Look at the code…" and asked.args == ["shifted"]


def without_a_loss() -> Graph:
    graph = a_small_cnn()
    return remove_nodes(graph, [node_named(graph, "cross_entropy_loss")])


def opened(row: ProblemRow) -> FixMenu:
    (menu,) = row.findChildren(FixMenu)
    return menu


def test_every_way_to_mend_a_problem_is_in_the_menu_of_its_row(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, without_a_loss())
    (row,) = rows(panel)
    more = row.findChild(IconButton)
    assert isinstance(more, IconButton)
    pointed: list[Fix | None] = []
    panel.fix_pointed_at.connect(pointed.append)

    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    ways = {action.text().split("\t")[0]: action for action in opened(row).actions()}
    ways["Add Dice loss"].hover()
    ways["Add Dice loss"].trigger()

    assert set(ways) == {fix.label for fix in infer_shapes(without_a_loss()).problems[0].choices}
    assert [fix.label for fix in pointed if fix] == ["Add Dice loss"]
    assert document.history.undo_label == "Add Dice loss" and not document.report.errors


def test_the_menu_key_lists_the_ways_to_mend_the_current_row(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, with_two_problems())
    panel.next()
    key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())

    QApplication.sendEvent(panel, key)
    menu = opened(rows(panel)[0])
    menu.setActiveAction(menu.actions()[-1])
    qtbot.keyClick(menu, Qt.Key.Key_Return)

    labels = [fix.label for fix in infer_shapes(with_two_problems()).problems[0].fixes]
    assert len(labels) > 1 and document.history.undo_label == labels[-1]


def test_a_problem_with_one_way_out_has_no_menu(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, with_two_problems())

    row = next(row for row in rows(panel) if len(row.problem.fixes) == 1)

    assert row.findChild(IconButton) is None
