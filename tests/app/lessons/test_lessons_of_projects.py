"""The lesson of each built-in project speaks of what is there, and is gone through step by step."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from builders import a_project
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tryout_hands import samples
from window_hands import Windows

from app.lessons.acts import at_once, nodes_named
from app.lessons.card import LessonCard
from app.lessons.lesson import Lesson, Situation
from app.lessons.projects import LESSONS_BY_PROJECT, lesson_of
from app.main_window import MainWindow
from app.tryout.drive_pad import DrivePad
from engine.analysis.shapes import infer_shapes
from engine.data import road
from engine.graph.edits import set_params
from engine.project.templates import Template, open_template, templates
from engine.training.events import RunEnded, RunStarted, TrainingEvent
from engine.training.insight import InputField, Subject
from nodes.catalogue import LAYERS
from nodes.params import fields_of

NAMES = {"Build", "Train", "Try", "Compare", "Data", "Map", "Plane", "Evaluation", "Weights"}
NAMES |= {
    "Forecast",
    "Drive",
    "Occlusion",
    "Properties",
    "Balance classes",
    "Enter",
    "Load weights into this",
}
"""What else a window has of these names."""

CAMERA = InputField(name="image", kind="image", sizes=(3, road.HEIGHT, road.WIDTH))

each = pytest.mark.parametrize("template", templates(), ids=lambda template: template.key)


def taught(template: Template) -> Lesson:
    lesson = lesson_of(open_template(template.key))
    assert lesson is not None and lesson.key == template.key
    return lesson


@cache
def at_the_start(template: Template) -> Situation:
    project = open_template(template.key)
    return Situation(graph=project.graph, report=infer_shapes(project.graph), recipe=project.recipe)


def deeds(now: Situation) -> list[Situation]:
    """Return what is there after each thing that a person may do next."""
    seen = frozenset({"weights", "map", "data"})
    chosen = [replace(now, selection=frozenset({node}), panels=seen) for node in now.graph.nodes]
    changed = [
        replace(now, graph=set_params(now.graph, node, {"title_of_a_test": 1}))
        for node in now.graph.nodes
    ]
    run = replace(now, runs=now.runs + 1, has_ended=False)
    done = [replace(now, **{name: True}) for name in ("has_ended", "has_tried", "has_driven")]
    return [run, *done, *chosen, *changed]


def known(template: Template) -> set[str]:
    start = at_the_start(template)
    titles = {node.title for node in start.report.nodes.values()}
    kinds = [LAYERS[node.kind] for node in start.graph.nodes.values() if node.kind in LAYERS]
    return titles | {field.param.label for kind in kinds for field in fields_of(kind)}


def test_every_project_that_learns_has_a_lesson() -> None:
    assert set(LESSONS_BY_PROJECT) == {template.key for template in templates()}
    assert lesson_of(a_project()) is None


@each
def test_a_lesson_names_what_the_drawing_and_the_window_have(template: Template) -> None:
    lesson = taught(template)
    words = " ".join([*(step.words for step in lesson.steps), lesson.ending])

    assert set(re.findall(r"\*\*(.+?)\*\*", words)) <= known(template) | NAMES
    assert "**Train**" in words


@each
def test_each_step_is_read_or_done_by_one_deed_and_not_before(template: Template) -> None:
    now = at_the_start(template)

    for step in taught(template).steps:
        assert step.is_done(now, now) == (step.is_done is at_once)
        now = next(after for after in (now, *deeds(now)) if step.is_done(after, now))


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(), with_panels=False)


def test_a_project_offers_its_lesson_once_and_help_brings_it_back(window: MainWindow) -> None:
    by_key: Mapping[str, Template] = {template.key: template for template in templates()}

    window.begin_with(by_key["two-moons"])
    assert window.lessons.card is not None
    assert window.lessons.card.accessibleName().startswith("Two moons · 1 of 8")

    window.begin_with(by_key["vowels"])
    assert window.lessons.card.accessibleName().startswith("Who is speaking? · 1 of")
    window.lessons.leave()
    window.begin_with(by_key["two-moons"])
    assert window.lessons.card is None

    window.actions_by_key["lesson_here"].trigger()
    assert window.lessons.card.accessibleName().startswith("Two moons · 1 of 8")
    window.beginning.show_project(a_project())
    assert window.lessons.card is None
    window.actions_by_key["lesson_here"].trigger()
    assert window.lessons.card is None


def a_run() -> list[TrainingEvent]:
    """Return how a run begins and ends."""
    sizes = {"batch_size": 16, "training_samples": 80, "validation_samples": 20}
    began = RunStarted(
        run="r", project="p", device="cpu", threads=1, parameters=1, epochs=2, steps=10, **sizes
    )
    return [began, RunEnded(run="r", outcome="finished", step=10, epoch=2.0, seconds=1.0)]


def begun(window: MainWindow, key: str) -> LessonCard:
    (found,) = (template for template in templates() if template.key == key)
    window.begin_with(found)
    assert window.lessons.card is not None
    return window.lessons.card


def test_what_is_done_already_is_read_and_left_by_a_button(window: MainWindow) -> None:
    card = begun(window, "bank-credit")
    card.skip.click()
    window.lessons._on_arrived(a_run())
    assert "4 of 5" in card.accessibleName() and card.skip.text() == "Next"

    window.lessons._on_arrived(a_run())
    assert "4 of 5" in card.accessibleName() and card.skip.text() == "Next"
    card.skip.click()
    assert "5 of 5" in card.accessibleName() and card.skip.text() == "Next"


def test_nobody_is_told_to_wait_for_a_run_that_has_ended(window: MainWindow) -> None:
    card = begun(window, "two-moons")
    window.lessons._on_arrived(a_run())

    card.skip.click()
    card.skip.click()

    assert "5 of 8" in card.accessibleName()


def test_what_is_to_be_seen_in_a_panel_is_seen_once_the_panel_is_there(window: MainWindow) -> None:
    card = begun(window, "two-moons")
    window.docks["inspection"].add_panel("activations", "Activations", QWidget())
    window.docks["inspection"].add_panel("map", "Map", QWidget())
    window.lessons._on_arrived(a_run()[:1])

    last = nodes_named(window.document.graph, ("linear_3",))
    window.document.select([node.id for node in last])
    window.show_layout("train")
    assert "2 of 8" in card.accessibleName()

    window.docks["inspection"].show_panel("map")
    assert "3 of 8" in card.accessibleName()


def test_the_way_to_a_part_that_is_out_of_sight_is_ringed(window: MainWindow) -> None:
    (moons,) = (template for template in templates() if template.key == "two-moons")
    window.begin_with(moons)
    card, ring = window.lessons.card, window.lessons.ring
    assert card is not None and ring is not None and ring.marked is window.header.train

    card.skip.click()
    assert ring.marked is window.header.layouts
    window.show_layout("train")
    assert ring.marked is window.docks["inspection"]
    page = window.beginning.open_page()
    assert ring.marked is None
    page.close_page()
    assert ring.marked is window.docks["inspection"]


def test_what_is_laid_over_the_canvas_does_not_hide_what_is_to_be_done(
    window: MainWindow, qtbot: QtBot
) -> None:
    (moons,) = (template for template in templates() if template.key == "two-moons")
    window.begin_with(moons)
    card, canvas = window.lessons.card, window.canvas
    assert card is not None

    over = QWidget(canvas)
    over.setGeometry(canvas.rect())
    over.show()

    def is_seen() -> bool:
        found = canvas.childAt(card.geometry().center())
        return found is card or card.isAncestorOf(found)

    qtbot.waitUntil(is_seen)


def test_a_car_is_driven_once_it_moves_and_stands_when_another_project_is_opened(
    windows: Windows,
) -> None:
    window = windows(a_project())
    card, tryout = begun(window, "driving"), window.late.panels().tryout
    window.show_layout("try")
    tryout.show_events([samples(CAMERA, CAMERA.sizes)])
    for _ in range(4):
        card.skip.click()
    assert isinstance(tryout.pad, DrivePad) and "5 of 5" in card.accessibleName()
    window.run_view.looking.show_subject(Subject(key="a"), "What the camera sees")
    assert "5 of 5" in card.accessibleName(), "looking is not driving"

    tryout.pad.toggle()
    window.lessons._on_arrived([])  # as an answer of the model comes
    assert "Done" in card.accessibleName()

    window.beginning.show_project(a_project())
    assert not tryout.pad.is_driving
    assert not window.run_view.looking.name
