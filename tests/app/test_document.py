"""The open document: edits, history, selection, and an analysis that follows."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
from builders import a_chain, a_project, a_residual_cnn, a_small_cnn, node_named
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from app.document import Document, new_gesture
from engine.analysis.shapes import infer_shapes
from engine.graph.difference import Difference
from engine.graph.edits import move, remove_nodes, set_params
from engine.graph.elements import Graph, NodeId
from engine.project.project import Project
from nodes.errors import LoomError

Open = Callable[[Graph], Document]


@pytest.fixture
def open_document(qtbot: QtBot) -> Iterator[Open]:
    opened: list[Document] = []

    def make(graph: Graph) -> Document:
        opened.append(Document(a_project(graph)))
        return opened[-1]

    yield make
    for document in opened:
        document.close()


def wider(document: Document, channels: int) -> Callable[[Graph], Graph]:
    """Return the edit that gives the first convolution other channels."""
    node = node_named(document.graph, "conv2d")
    return lambda graph: set_params(graph, node, {"out_channels": channels})


def channels_of(document: Document) -> object:
    return document.graph.nodes[node_named(document.graph, "conv2d")].params["out_channels"]


def labels(document: Document) -> list[str]:
    return list(document.history.labels())[1:]


def heard(signal: object) -> list[object]:
    said: list[object] = []
    signal.connect(said.append)  # type: ignore[attr-defined]
    return said


def test_an_edit_is_one_step_and_undo_brings_the_very_drawing_back(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    before = document.graph

    document.edit("Widen", wider(document, 8))
    assert (channels_of(document), labels(document)) == (8, ["Widen"])
    document.undo()
    assert document.graph is before
    document.redo()

    assert channels_of(document) == 8


def test_edits_of_one_gesture_are_one_step(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    gesture, other = new_gesture(), new_gesture()

    for channels in (5, 6, 7):
        document.edit("Drag", wider(document, channels), gesture=gesture)
    document.edit("Drag again", wider(document, 9), gesture=other)

    assert labels(document) == ["Drag", "Drag again"]
    document.undo()
    assert channels_of(document) == 7
    document.undo()
    assert channels_of(document) == 4


def test_a_refused_edit_changes_nothing_and_says_why(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    before = document.project
    refusals, changes = heard(document.refused), heard(document.changed)

    def refuse(graph: Graph) -> Graph:
        raise LoomError("A loss has no output", why="Losses end a network.")

    assert document.edit("Connect", refuse) is False
    assert document.project is before
    assert (labels(document), changes) == ([], [])
    assert [str(error) for error in refusals] and isinstance(refusals[0], LoomError)


def test_an_edit_that_changes_nothing_is_no_step(open_document: Open) -> None:
    document = open_document(a_small_cnn())

    assert document.edit("Nothing", lambda graph: graph) is False
    assert labels(document) == [] and document.history.is_saved


def test_selecting_is_not_part_of_the_history(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    node = node_named(document.graph, "linear")
    told = heard(document.selection_changed)

    document.select([node, NodeId("no such node")])
    document.select([node])

    assert document.selection == {node}
    assert told == [frozenset({node})]
    assert labels(document) == [] and not document.history.can_undo


def test_what_is_deleted_is_no_longer_selected(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    node, other = (node_named(document.graph, name) for name in ("linear", "flatten"))
    document.select([node, other])

    document.edit("Delete", lambda graph: remove_nodes(graph, [node]))

    assert document.selection == {other}


def test_a_wire_that_is_gone_is_no_longer_selected(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    node = node_named(document.graph, "linear")
    link = next(link for link in document.graph.links if link.target.node == node)
    document.select((), link=link)

    document.edit("Delete", lambda graph: remove_nodes(graph, [node]))

    assert document.selected_link is None


def test_undo_and_redo_tell_what_differs(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    node = node_named(document.graph, "linear")
    document.edit("Delete", lambda graph: remove_nodes(graph, [node]))
    told = heard(document.changed)

    document.undo()
    document.redo()

    back, again = told
    assert isinstance(back, Difference) and isinstance(again, Difference)
    assert (set(back.added), set(back.removed)) == ({node}, set())
    assert (set(again.added), set(again.removed)) == (set(), {node})


def test_the_report_follows_the_drawing(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    told = heard(document.report_changed)

    document.edit("Widen", wider(document, 8))

    assert document.report.graph is document.graph
    assert told[-1] is document.report
    expected = infer_shapes(document.graph)
    assert document.report.totals == expected.totals


def test_moving_a_card_asks_for_no_analysis(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    node = node_named(document.graph, "linear")
    told = heard(document.report_changed)

    document.edit("Move", lambda graph: move(graph, {node: (500.0, 500.0)}))

    assert labels(document) == ["Move"] and told == []


def test_on_a_large_drawing_the_newest_analysis_wins(
    open_document: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.newest._QUICK_S", 0.0)
    document = open_document(a_chain(400))
    node = node_named(document.graph, "linear")
    told = heard(document.report_changed)

    for features in range(1, 21):
        document.edit(
            "Widen", lambda graph, n=features: set_params(graph, node, {"out_features": n})
        )
    assert document.report.graph is not document.graph
    qtbot.waitUntil(lambda: document.report.graph is document.graph, timeout=20_000)

    assert told[-1] is document.report
    assert len(told) < 20
    assert document.report.totals == infer_shapes(document.graph).totals


def test_an_analysis_on_its_thread_keeps_no_document_alive(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the thread could be the last to let go of it, and an object of Qt must not end there."""
    document = Document(a_project(a_small_cnn()))
    monkeypatch.setattr("app.newest._QUICK_S", 0.0)
    report, may_end = document.report, threading.Event()
    monkeypatch.setattr("app.document.infer_shapes", lambda *_: may_end.wait() and report)
    document.edit("Widen", wider(document, 24))
    kept = weakref.ref(document)

    del document
    gc.collect()

    try:
        assert kept() is None
    finally:
        may_end.set()


def test_only_a_new_error_of_the_persons_own_is_raised(open_document: Open) -> None:
    document = open_document(a_residual_cnn())
    second = node_named(document.graph, "conv2d_2")
    raised = heard(document.problem_raised)

    document.edit("Stride", lambda graph: set_params(graph, second, {"stride": 2}))
    assert [problem.node for problem in raised] == [node_named(document.graph, "add")]  # type: ignore[attr-defined]
    document.edit("Wider", lambda graph: set_params(graph, second, {"kernel_size": 5}))
    document.undo()
    document.undo()
    document.redo()

    assert document.report.errors
    assert len(raised) == 1


def test_opening_a_project_with_errors_raises_nothing(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    broken = a_residual_cnn()
    broken = set_params(broken, node_named(broken, "conv2d_2"), {"stride": 2})
    raised = heard(document.problem_raised)

    document.open(Project(name="Broken", graph=broken))

    assert document.report.errors and raised == []
    assert document.history.is_saved and not document.history.can_undo


def test_the_recipe_has_steps_of_its_own(open_document: Open) -> None:
    document = open_document(a_small_cnn())
    told, drawings = heard(document.recipe_changed), heard(document.changed)

    document.set_recipe(replace(document.project.recipe, epochs=7), "Set epochs")
    document.undo()

    assert [recipe.epochs for recipe in told] == [7, 1]  # type: ignore[attr-defined]
    assert drawings == []


def test_name_and_notes_are_steps_and_equal_ones_are_not(open_document: Open) -> None:
    document = open_document(a_small_cnn())

    document.set_about(name="Mine")
    document.set_about(name="Mine")
    document.set_about(notes="A note")

    assert labels(document) == ["Rename project", "Change notes"]
    document.undo()
    assert (document.project.name, document.project.notes) == ("Mine", "")
