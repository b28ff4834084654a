from pathlib import Path

import pytest
from builders import a_project
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.document import Document
from app.runs import RunsPanel
from app.runs.words import best_words, facts_words, spoken
from app.theme import theme_manager
from engine.runs.marks import RunMarks, write_marks
from engine.runs.record import Branch, RunRecord
from engine.runs.store import RunStore
from engine.training.config import TrainingConfig
from engine.training.events import (
    EpochEnded,
    Outcome,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERLOOM_RUNS", str(tmp_path))
    return tmp_path


def started(folder: Path, epochs: int = 1) -> RunStarted:
    return RunStarted(
        run=str(folder),
        project="p",
        device="CPU",
        threads=1,
        parameters=1,
        epochs=epochs,
        steps=1,
        batch_size=1,
        training_samples=1,
        validation_samples=1,
        metric="accuracy",
    )


def a_run(
    folder: Path, accuracies: list[float], *, outcome: Outcome | None = "finished"
) -> RunRecord:
    record = RunRecord.create(a_project(), TrainingConfig(run_folder=str(folder)))
    store = RunStore(record.metrics_file)
    store.write(started(folder, len(accuracies)))
    for epoch, accuracy in enumerate(accuracies, start=1):
        store.write(
            EpochEnded(
                epoch=epoch,
                step=epoch,
                training_loss=1.0,
                validation_loss=1.0,
                validation_metric=accuracy,
                seconds=10.0 * epoch,
            )
        )
    store.close()
    if outcome is not None:
        seconds = 10.0 * len(accuracies)
        record.change(
            ended=RunEnded(run=str(folder), outcome=outcome, step=1, epoch=1.0, seconds=seconds)
        )
    return record


def shown(qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel(Document(a_project()), theme_manager())
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    return panel


def listed(qtbot: QtBot, count: int) -> RunsPanel:
    panel = shown(qtbot)
    qtbot.waitUntil(lambda: len(panel.lines) == count)
    return panel


def test_without_runs_the_panel_says_what_will_be_here(qtbot: QtBot) -> None:
    panel = shown(qtbot)

    assert not panel.tree.isVisible()
    texts = [label.accessibleName() for label in panel.findChildren(QLabel)]
    assert "Each training run is kept here." in texts


def test_a_run_is_listed_with_its_best_value_not_its_last(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.9, 0.98, 0.95])

    (line,) = listed(qtbot, 1).lines

    assert best_words(line) == "98.0\u202f%"
    assert facts_words(line) == "3 epochs · 0:30"
    assert spoken(line).startswith("A test project, finished, accuracy 98.0")


def test_a_run_that_met_a_problem_says_which(qtbot: QtBot, root: Path) -> None:
    record = a_run(root / "1", [], outcome="failed")
    record.change(problem=RunFailed(title="The loss is no longer a number"))

    (line,) = listed(qtbot, 1).lines

    assert line.reason == "The loss is no longer a number"
    assert best_words(line) == "–"


def test_a_run_under_way_is_marked_and_followed(qtbot: QtBot, root: Path) -> None:
    record = a_run(root / "1", [0.5], outcome=None)
    panel = listed(qtbot, 1)
    assert panel.lines[0].state == "running"

    ended = RunEnded(run=str(root / "1"), outcome="finished", step=1, epoch=1.0, seconds=5.0)
    record.change(ended=ended)
    panel.show_events([ended])

    qtbot.waitUntil(lambda: panel.lines[0].state == "finished")


def test_a_run_that_holds_is_told_from_one_that_trains(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.5], outcome=None)
    panel = listed(qtbot, 1)
    panel.show_events([started(root / "1")])
    assert spoken_row(panel).startswith("A test project, training")

    panel.show_events([RunPaused(step=3)])
    assert spoken_row(panel).startswith("A test project, paused")

    panel.show_events([RunResumed(step=3)])
    assert spoken_row(panel).startswith("A test project, training")


def spoken_row(panel: RunsPanel) -> str:
    index = panel.tree.model().index(0, 0)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_click_chooses_a_run(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.9])
    panel = listed(qtbot, 1)
    place = panel.tree.visualRect(panel.tree.model().index(0, 0)).center()

    with qtbot.waitSignal(panel.run_chosen) as told:
        qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert told.args == [root / "1"]


def test_a_run_that_the_window_opened_is_marked(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.9])
    a_run(root / "2", [0.8])
    panel = listed(qtbot, 2)

    panel.select(root / "1")
    panel.refresh()

    qtbot.waitUntil(lambda: panel.tree.currentIndex().isValid())
    row = panel.tree.currentIndex().row()
    assert panel.lines[row].folder == root / "1"


def test_a_new_run_appears_by_itself(qtbot: QtBot, root: Path) -> None:
    panel = listed(qtbot, 0)

    a_run(root / "1", [0.9])

    qtbot.waitUntil(lambda: len(panel.lines) == 1)


def test_while_runs_are_compared_a_click_adds_one_and_the_next_takes_it_away(
    qtbot: QtBot, root: Path
) -> None:
    a_run(root / "1", [0.9])
    panel = listed(qtbot, 1)
    panel.set_choosing(on=True)
    place = panel.tree.visualRect(panel.tree.model().index(0, 0)).center()

    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.compared == (root / "1",)

    qtbot.keyClick(panel.tree, Qt.Key.Key_Space)
    assert panel.compared == ()


def test_of_more_runs_than_have_colours_the_first_chosen_makes_room(
    qtbot: QtBot, root: Path
) -> None:
    panel = shown(qtbot)

    for number in range(8):
        panel.toggle(root / str(number))

    assert panel.compared == tuple(root / str(number) for number in range(2, 8))


def test_the_filter_lists_what_has_all_its_words(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.9])
    a_run(root / "2", [0.8])
    write_marks(root / "1", RunMarks(note="two pools"))
    panel = listed(qtbot, 2)

    panel.filter.setText("pools test")

    assert panel.tree.model().rowCount() == 1
    assert "two pools" in spoken(panel.lines[1])


def names(panel: RunsPanel) -> list[str]:
    model = panel.tree.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    return [Path(row.data(Qt.ItemDataRole.UserRole)).name for row in rows]


def test_runs_are_listed_in_the_order_that_is_chosen(qtbot: QtBot, root: Path) -> None:
    for name, accuracies in (("1", [0.9]), ("2", [0.7, 0.8]), ("3", [0.6]), ("4", [])):
        a_run(root / name, accuracies)
    write_marks(root / "3", RunMarks(starred=True))
    panel = listed(qtbot, 4)
    found = {}

    for order in ("newest", "best", "longest", "starred"):
        panel.order.set_value(order)
        panel.order.committed.emit(order)
        found[order] = "".join(names(panel))

    assert found["best"] == "1234"
    assert found["longest"][0] == "2" and found["longest"][-1] == "4"
    assert found["starred"][0] == "3" and sorted(found["newest"]) == list("1234")
    assert panel.order.isVisible()


def test_a_run_says_where_it_was_branched_from(qtbot: QtBot, root: Path) -> None:
    a_run(root / "1", [0.9])
    a_run(root / "2", [0.8]).change(
        started="2999-01-01T00:00:00+00:00", branched=Branch(run="1", step=120, epoch=1.5)
    )
    panel = listed(qtbot, 2)

    tip = panel.tree.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)

    assert "Branched from Run 1 at epoch 1.5, step 120" in tip
