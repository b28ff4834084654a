"""The Compare layout in the window: runs chosen in the list, shown beside and on the canvas."""

from pathlib import Path

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows, answering

from app.canvas.chips import FloatingBar
from app.comparing import Comparing
from app.late_panels import RunPanels
from app.lessons.acts import read
from app.lessons.card import LessonCard
from app.lessons.lesson import Lesson
from app.main_window import MainWindow
from engine.graph.edits import remove_and_rejoin, set_params
from engine.graph.elements import Graph
from engine.project.beginning import empty_project
from engine.runs.marks import read_marks
from engine.runs.record import RunRecord
from engine.runs.store import RunStore
from engine.training.config import TrainingConfig
from engine.training.events import EpochEnded, RunEnded, RunStarted

BEFORE = a_residual_cnn()
POOL, LINEAR = node_named(BEFORE, "max_pool2d"), node_named(BEFORE, "linear")
AFTER = set_params(remove_and_rejoin(BEFORE, [POOL]), LINEAR, {"bias": False})


def a_run(folder: Path, graph: Graph, *, hour: int) -> Path:
    record = RunRecord.create(a_project(graph), TrainingConfig(run_folder=str(folder)))
    store = RunStore(record.metrics_file)
    store.write(
        RunStarted(
            run=str(folder),
            project="p",
            device="CPU",
            threads=1,
            parameters=1,
            epochs=1,
            steps=1,
            batch_size=1,
            training_samples=1,
            validation_samples=1,
            metric="accuracy",
        )
    )
    store.write(
        EpochEnded(
            epoch=1,
            step=1,
            training_loss=1.0,
            validation_loss=1.0,
            validation_metric=0.9,
            seconds=1.0,
        )
    )
    store.close()
    ended = RunEnded(run=str(folder), outcome="finished", step=1, epoch=1.0, seconds=1.0)
    record.change(started=f"2026-01-01T{hour:02d}:00:00+00:00", ended=ended)
    return folder


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    monkeypatch.setenv("LAYERLOOM_RUNS", str(tmp_path))
    return (
        a_run(tmp_path / "1", BEFORE, hour=1),
        a_run(tmp_path / "2", AFTER, hour=2),
        a_run(tmp_path / "3", AFTER, hour=3),
    )


@pytest.fixture
def window(windows: Windows, runs: tuple[Path, ...], qtbot: QtBot) -> MainWindow:
    window = windows(a_project(BEFORE))
    window.show_layout("compare")
    qtbot.waitUntil(lambda: len(panels(window).runs.lines) == len(runs))
    return window


def panels(window: MainWindow) -> RunPanels:
    return window.late.panels()


def boxes(window: MainWindow) -> list[str]:
    return [box.accessibleName() for box in panels(window).comparison.page.results.boxes]


def test_runs_are_compared_and_looked_after_in_one_window(
    window: MainWindow,
    runs: tuple[Path, Path, Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = runs
    listed, comparing = panels(window).runs, window.findChild(Comparing)

    # The two newest are there to begin with.
    qtbot.waitUntil(lambda: boxes(window) == ["Run 2", "Run 3"])
    assert comparing.view is not None and not comparing.view.found.removed

    listed.toggle(third)
    listed.toggle(first)
    qtbot.waitUntil(lambda: boxes(window) == ["Run 1", "Run 2"])
    found = comparing.view.found
    assert (found.added, found.removed) == (frozenset(), {POOL})
    assert LINEAR in found.changed
    assert comparing.view.isVisible()
    assert comparing.view.size() == window.canvas.size()
    differing = {row.name: row.values for row in panels(window).comparison.page.table.rows}
    assert differing["MaxPool2d"][1] == ""

    listed.toggle(third)
    qtbot.waitUntil(lambda: len(boxes(window)) == 3)
    assert comparing.view is None, "three drawings are not laid over each other"

    listed.toggle(second)
    qtbot.waitUntil(lambda: comparing.view is not None)
    window.show_layout("build")
    assert comparing.view is None
    qtbot.waitUntil(lambda: not panels(window).comparison.isVisible())

    listed.act_requested.emit("star", first)
    assert read_marks(first).starred
    qtbot.waitUntil(lambda: [line.starred for line in listed.lines] == [False, False, True])

    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    with answering() as said:
        listed.act_requested.emit("report", second)
    assert opened == [str(second / "report.html")]
    assert "data:image/svg" in (second / "report.html").read_text(), "with its drawing"
    assert said.asked, "no program opened it: that is told"

    with answering("Cancel") as asked:
        listed.act_requested.emit("delete", first)
    assert asked.asked and first.is_dir()

    listed.act_requested.emit("restore", second)
    assert window.document.graph == AFTER
    assert window.document.project.recipe == RunRecord.open(second).project().recipe


def test_newer_runs_take_the_place_of_those_that_nobody_chose(
    window: MainWindow, runs: tuple[Path, Path, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    first, _, third = runs
    listed = panels(window).runs
    qtbot.waitUntil(lambda: boxes(window) == ["Run 2", "Run 3"])

    window.show_layout("build")
    fourth = a_run(tmp_path / "4", BEFORE, hour=4)
    window.show_layout("compare")
    qtbot.waitUntil(lambda: boxes(window) == ["Run 3", "Run 4"])
    assert listed.compared == (third, fourth)

    listed.compare((first, third))
    window.show_layout("build")
    a_run(tmp_path / "5", BEFORE, hour=5)
    window.show_layout("compare")
    qtbot.waitUntil(lambda: len(listed.lines) == 5)
    assert listed.compared == (first, third), "a person chose these"


def test_a_project_that_is_opened_is_not_covered_by_what_was_compared(
    window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.findChild(Comparing).view is not None)

    window.files.show(a_project(AFTER))

    assert window.layouts.current == "build"
    assert window.findChild(Comparing).view is None


def test_a_lesson_leaves_free_what_the_compared_drawings_have_in_their_corners(
    window: MainWindow, qtbot: QtBot
) -> None:
    comparing = window.findChild(Comparing)
    qtbot.waitUntil(lambda: comparing.view is not None)
    lesson = Lesson(
        key="k", title="One", project=empty_project, ending="", steps=(read("W " * 60),)
    )
    card = LessonCard(lesson, window.canvas)
    card.show_step(0)

    def covered() -> list[QWidget]:
        bars = comparing.view.viewport().findChildren(FloatingBar)
        return [bar for bar in bars if bar.geometry().intersects(card.geometry())]

    for name in ("build", "compare"):
        window.show_layout(name)
    qtbot.waitUntil(lambda: comparing.view is not None and comparing.view.isVisible())
    qtbot.waitUntil(lambda: len(covered()) == 0)
    card.put_away()
