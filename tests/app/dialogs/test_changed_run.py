from builders import node_named
from pytestqt.qtbot import QtBot
from training_runs import a_network_with_memory, with_graph

from app.dialogs.changed_run import ChangedRunDialog
from app.widgets import FlowText, Label
from engine.graph.edits import set_params
from engine.project.project import Project
from engine.training.changes import outlook
from engine.training.foreseeing import ChangeForeseen
from engine.training.questions import NotAnswered


def projects() -> tuple[Project, Project]:
    before = a_network_with_memory()
    linear = node_named(before.graph, "linear_2")
    return before, with_graph(before, set_params(before.graph, linear, {"bias": False}))


def a_dialog(qtbot: QtBot, *, has_errors: bool = False) -> ChangedRunDialog:
    before, after = projects()
    found = outlook(before, after)
    dialog = ChangedRunDialog(found, before, after, has_errors=has_errors)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def lines(dialog: ChangedRunDialog) -> list[str]:
    shown = [label for label in dialog.findChildren(Label) if label.isVisible()]
    return [each._words if isinstance(each, FlowText) else each.text() for each in shown]


def test_what_becomes_of_the_layers_stands_there_before_the_worker_answers(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)

    told = lines(dialog)

    assert told[0] == "Linear: bias off"
    assert told[1:3] == ["Grow, or begin anew (1)", "linear_2"]
    assert told[3:] == ["Keep what they learned (2)", "linear, batch_norm1d"]


def test_what_the_worker_foresees_takes_its_place(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)
    graph = dialog._before.graph
    kept, new = (node_named(graph, name) for name in ("linear", "linear_2"))

    why = {new: "It is narrower than before."}
    dialog.show_events([ChangeForeseen(kept=(kept,), new=(new,), why=why)])

    told = ["Begin with new weights (1)", "linear_2", "Keep what they learned (1)", "linear"]
    told += ["Why the loss may jump", "linear_2: It is narrower than before."]
    qtbot.waitUntil(lambda: lines(dialog)[1:] == told)


def test_a_drawing_that_cannot_be_taken_says_why(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)

    refused = NotAnswered(question="foresee_change", title="There is no data", why="No Data layer.")
    dialog.show_events([refused])

    qtbot.waitUntil(lambda: lines(dialog)[1:] == ["There is no data", "No Data layer."])


def test_a_drawing_with_errors_cannot_be_taken(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot, has_errors=True)

    assert not dialog._take.isEnabled()
    assert "errors" in lines(dialog)[1]


def test_the_answer_is_the_button_that_was_pressed(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)
    assert dialog.answer == "cancel"

    dialog._take.click()

    assert dialog.answer == "take"
