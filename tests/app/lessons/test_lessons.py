"""Lessons, walked through as a person would, with runs that are told and not trained."""

import pytest
from builders import a_project, a_small_cnn
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_hands import Windows

from app.lessons import LESSONS
from app.lessons.guide import HERE
from app.lessons.lesson import Lesson, Situation
from app.main_window import MainWindow
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import connect, set_params
from engine.graph.elements import End
from engine.graph.sharing import set_repeat
from engine.project.templates import templates
from engine.training.events import EpochEnded, RunEnded, RunStarted, TrainingEvent


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_small_cnn()), with_panels=False)


def run_started() -> RunStarted:
    sizes = {"batch_size": 16, "training_samples": 80, "validation_samples": 20}
    return RunStarted(
        run="r", project="p", device="cpu", threads=1, parameters=1, epochs=2, steps=10, **sizes
    )


def epoch(training: float, validation: float) -> EpochEnded:
    return EpochEnded(
        epoch=1, step=5, training_loss=training, validation_loss=validation, seconds=1.0
    )


def run_ended() -> RunEnded:
    return RunEnded(run="r", outcome="finished", step=10, epoch=2.0, seconds=1.0)


def tell(window: MainWindow, *events: TrainingEvent) -> None:
    window.lessons._on_arrived(events)


def add(window: MainWindow, after: str, kind: str, **params: object) -> None:
    nodes = window.document.graph.nodes.values()
    window.document.select([node.id for node in nodes if node.kind == after][:1])
    window.canvas.add_layer(kind, params)


def words(window: MainWindow) -> str:
    assert window.lessons.card is not None
    return window.lessons.card.accessibleName()


def test_a_first_network_is_drawn_trained_and_tried(window: MainWindow) -> None:
    window.actions_by_key["lesson_first-network"].trigger()
    assert words(window).startswith("Your first network · 1 of 6. Here are pictures")

    add(window, "Data", "Flatten")
    assert "2 of 6" in words(window)
    add(window, "Flatten", "Linear", out_features=10)
    assert "3 of 6" in words(window)
    ids = {node.kind: node.id for node in window.document.graph.nodes.values()}
    source, target = End(ids["Linear"], "y"), End(ids["CrossEntropyLoss"], "x")
    window.document.edit("Connect", lambda graph: connect(graph, source, target))
    assert "4 of 6" in words(window)
    assert window.lessons.ring is not None and window.lessons.ring.marked is window.header.train

    tell(window, run_started())
    assert "5 of 6" in words(window)
    tell(window, epoch(0.5, 0.4))
    assert "6 of 6" in words(window)
    window.run_view.looking.named.emit("")
    assert "6 of 6" in words(window)
    window.run_view.looking._name("Your drawing")
    assert "Done" in words(window)
    assert window.settings.is_done("lesson-first-network")


def test_overfitting_waits_for_the_gap_between_the_curves(window: MainWindow) -> None:
    window.begin_lesson("overfitting")
    tell(window, run_started())

    tell(window, epoch(0.5, 0.55))
    assert "2 of 6" in words(window)
    tell(window, epoch(0.1, 0.5))
    assert "3 of 6" in words(window)
    tell(window, run_ended())
    assert "4 of 6" in words(window)
    add(window, "Linear", "Dropout", p=0.5)
    assert "5 of 6" in words(window)
    tell(window, run_started())
    assert "6 of 6" in words(window)
    tell(window, run_ended())
    assert "Done" in words(window)
    window.run_view.ended.emit(run_ended())
    assert window.hints.card("after-first-run") is None


def test_a_convolution_is_put_before_what_had_no_places(window: MainWindow) -> None:
    window.begin_lesson("convolution")

    add(window, "Data", "Conv2d", out_channels=8)
    add(window, "Conv2d", "MaxPool2d")
    assert "3 of 6" in words(window)
    assert not window.document.model_report.errors
    nodes = window.document.graph.nodes.values()
    window.document.select([node.id for node in nodes if node.kind == "Conv2d"])
    assert "4 of 6" in words(window)


def test_a_lesson_is_skipped_through_and_left_by_key(window: MainWindow) -> None:
    window.begin_lesson("convolution")
    card = window.lessons.card
    assert card is not None

    card.skip.click()
    assert "2 of 6" in words(window)
    QTest.keyClick(card, Qt.Key.Key_Escape)

    assert window.lessons.card is None and not window.settings.is_done("lesson-convolution")
    add(window, "Data", "Conv2d", out_channels=8)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_nothing_of_a_lesson_is_done_when_it_begins(lesson: Lesson) -> None:
    project = lesson.project()
    start = Situation(
        graph=project.graph, report=infer_shapes(project.graph), recipe=project.recipe
    )

    assert [step.words for step in lesson.steps if step.is_done(start, start)] == []


def test_shapes_are_broken_and_mended(window: MainWindow) -> None:
    window.begin_lesson("shapes")
    frame = window.document.graph.frames[0]
    conv = frame.nodes[0]
    window.document.edit("Stride", lambda graph: set_params(graph, conv, {"stride": 2}))
    assert "2 of 6" in words(window)
    fix = window.document.report.errors[0].fixes[0]
    window.canvas.editing.apply(fix)
    assert "3 of 6" in words(window)
    window.undo()
    assert "4 of 6" in words(window)
    window.undo()
    assert "5 of 6" in words(window)
    flat = next(node for node in window.document.graph.nodes.values() if node.kind == "Flatten")
    (wire,) = window.document.graph.links_into(flat.id)
    window.document.select((), link=wire)
    window.canvas.delete_selected()
    assert "6 of 6" in words(window)
    window.document.edit("Connect", lambda graph: connect(graph, wire.source, wire.target))
    assert "Done" in words(window)


def test_a_block_is_made_entered_and_repeated(window: MainWindow) -> None:
    window.begin_lesson("blocks")
    canvas = window.canvas
    window.document.select(window.document.graph.frames[0].nodes)
    canvas.composing.make()
    assert "2 of 6" in words(window)
    canvas.levels.open_selected()
    assert "3 of 6" in words(window)
    canvas.levels.leave()
    assert "4 of 6" in words(window)
    block = tuple(window.document.selection)
    window.document.edit("Repeat", lambda graph: set_repeat(graph, block, 3))
    assert "5 of 6" in words(window)
    assert not window.document.model_report.errors


def test_a_rate_is_set_too_high_and_then_right(window: MainWindow) -> None:
    window.begin_lesson("rate")
    for rate, told in ((1.0, "2 of 6"), (0.003, "5 of 6")):
        recipe = replace(window.document.project.recipe, learning_rate=rate)
        window.document.set_recipe(recipe, "Rate")
        assert told in words(window)
        if rate == 1.0:
            tell(window, run_started())
            tell(window, run_ended())
    tell(window, run_started())
    tell(window, epoch(0.5, 0.4))
    assert "Done" in words(window)


def test_a_run_that_is_on_when_a_lesson_begins_is_the_first_that_it_asks_for(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.begin_with(next(one for one in templates() if one.key == "churn"))
    monkeypatch.setattr(type(window.control), "is_running", property(lambda _: True))

    window.begin_lesson(HERE)
    assert "1 of" in words(window) and "Three of four customers" in words(window)
    assert window.lessons.card is not None and window.lessons.card.skip.text() == "Next"
    while "again" not in words(window):
        window.lessons.card.skipped.emit()

    assert window.lessons.card.skip.text() == "Skip"
    before = window.lessons.step
    tell(window, run_started())
    assert window.lessons.step > before


def test_a_run_before_a_change_that_is_asked_for_is_not_the_one_after_it(
    window: MainWindow,
) -> None:
    window.begin_lesson("rate")
    tell(window, run_started(), run_ended())

    recipe = window.document.project.recipe
    window.document.set_recipe(replace(recipe, learning_rate=1.0), "Rate")

    assert "2 of 6" in words(window)
    assert window.lessons.card is not None and window.lessons.card.skip.text() == "Skip"


def test_a_run_that_begins_while_a_layer_is_looked_for_need_not_be_begun_again(
    window: MainWindow,
) -> None:
    window.begin_with(next(one for one in templates() if one.key == "letters-gpt"))
    tell(window, run_started())
    assert "1 of" in words(window)

    nodes = window.document.graph.nodes.values()
    window.document.select([node.id for node in nodes if node.name == "gpt_block"])

    assert "2 of" in words(window) and "about a minute" in words(window)
    assert window.lessons.card is not None and window.lessons.card.skip.text() == "Next"
