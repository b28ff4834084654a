import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from builders import a_project
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.compare import ComparisonPanel
from app.compare.figures import figure_lines
from app.compare.shown import ShownRun
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Graph
from engine.project.project import Project
from engine.runs.compare import ComparedRun
from engine.runs.differing import Trained
from engine.runs.replay import Curves
from engine.training.insight import ClassFigures, Evaluated

GRAPH = a_project().graph


def curves(accuracies: list[float], losses: list[float]) -> Curves:
    count = len(losses)
    epochs, empty = np.arange(1.0, count + 1), np.full(count, np.nan)
    return Curves(
        metric="accuracy",
        steps=np.arange(1, count + 1),
        step_epochs=epochs,
        losses=np.asarray(losses) * 2,
        metrics=empty,
        learning_rates=empty,
        times=epochs,
        epochs=np.arange(1, count + 1),
        epoch_steps=np.arange(1, count + 1),
        training_losses=empty,
        training_metrics=empty,
        validation_losses=np.asarray(losses),
        validation_metrics=np.asarray(accuracies),
        epoch_seconds=10 * epochs,
    )


def a_run(
    number: int,
    accuracies: list[float],
    losses: list[float],
    *,
    graph: Graph = GRAPH,
    is_chosen: bool = True,
    seconds: float = 10.0,
    **recipe: object,
) -> ShownRun:
    project: Project = a_project(graph, **recipe)
    evaluated = Evaluated(
        epoch=1,
        step=1,
        kind="classes",
        samples=100,
        loss=losses[-1],
        accuracy=max(accuracies),
        confusion=((50, 2), (1, 47)),
        classes=tuple(
            ClassFigures(name=name, samples=50, precision=1.0, recall=1.0, f1=1.0)
            for name in ("cat", "dog")
        ),
    )
    run = ComparedRun(
        folder=Path(f"run-{number}"),
        state="finished",
        started=datetime(2026, 1, number, tzinfo=UTC),
        trained=Trained(project, infer_shapes(project.graph)),
        curves=curves(accuracies, losses),
        evaluated=evaluated,
        seconds=seconds,
    )
    return ShownRun(run=run, label=f"Run {number}", note="", place=number - 1, is_chosen=is_chosen)


@pytest.fixture
def panel(qtbot: QtBot) -> ComparisonPanel:
    panel = ComparisonPanel()
    qtbot.addWidget(panel)
    panel.resize(960, 900)
    panel.show()
    return panel


ONE = a_run(1, [0.8, 0.9], [0.5, 0.3], learning_rate=0.002)
TWO = a_run(2, [0.7, 0.95], [0.6, 0.4], learning_rate=0.001, seconds=20.0)
QUIET = a_run(3, [0.1, 0.2], [9.0, 8.0], is_chosen=False)


def test_one_run_alone_is_nothing_to_compare(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, QUIET])

    assert panel._empty.isVisible()
    assert not panel.actions_bar.isVisibleTo(panel)


def test_an_empty_panel_leads_to_where_runs_are_chosen(
    panel: ComparisonPanel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.choice_requested):
        panel._empty._button.click()

    panel.set_choosing(on=True)
    assert not panel._empty._button.isVisible()


def test_two_runs_lie_over_each_other_and_the_rest_stays_behind(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, TWO, QUIET])

    assert panel.page.loss_plot.isVisible()
    assert [curve.name for curve in panel.page.loss_plot.curves] == ["Run 1", "Run 2", "Run 3"]
    assert panel.page.loss_plot.table().heads == ("Epoch", "Run 1", "Run 2")
    assert panel.page.loss_plot.y_view[1] < 2, "the quiet run does not stretch the axis"
    assert panel.page.metric_plot.table().rows[-1] == ("2", "90.0", "95.0")


def test_only_what_differs_is_listed(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, TWO])

    (row,) = panel.page.table.rows
    assert row.values == ("0.002", "0.001")


def test_runs_that_were_trained_alike_say_so(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, a_run(4, [0.8], [0.5], learning_rate=0.002)])

    assert not panel.page.table.isVisible()
    assert panel.page.same.isVisible()


def test_the_better_value_is_told_for_each_figure() -> None:
    lines = {line.name: line for line in figure_lines([ONE.run, TWO.run])}

    assert lines["Best accuracy"].best == {1}
    assert lines["Best loss"].best == {0}
    assert lines["Wrong, best epoch"].values == ("10", "5")
    assert lines["Time"].best == {0}
    assert lines["Parameters"].best == frozenset(), "they are equally large"


def test_each_run_has_its_box_with_figures_and_confusions(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, TWO])

    first, second = panel.page.results.boxes
    assert first.figures["Best loss"] == "0.300"
    assert "Best loss" in first.better
    assert "Best accuracy" in second.better
    assert not first.matrix.isHidden()


def test_the_table_is_written_with_the_results(panel: ComparisonPanel, tmp_path: Path) -> None:
    panel.show_runs([ONE, TWO])

    panel.save_table(tmp_path / "runs.csv")

    with (tmp_path / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["", "", "Run 1", "Run 2"]
    assert ["Recipe", "Learning rate", "0.002", "0.001"] in rows
    assert ["Result", "Best loss", "0.300", "0.400"] in rows


def test_what_differs_is_copied_as_a_table(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, TWO])

    QTest.keyClick(panel.page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text().splitlines()[1] == (
        "Recipe\tLearning rate\t0.002\t0.001"
    )


def test_the_first_run_can_be_had_back(panel: ComparisonPanel, qtbot: QtBot) -> None:
    panel.show_runs([ONE, TWO])

    with qtbot.waitSignal(panel.restore_requested) as told:
        panel._restore.click()

    assert told.args == [Path("run-1")]


def test_what_could_not_be_read_is_named(panel: ComparisonPanel) -> None:
    panel.show_runs([ONE, TWO], ["run-9: This is not a training run"])

    assert panel.page.lost.isVisible()
    assert "run-9" in panel.page.lost.text()
