"""Stepping and time travel in the whole window, with a real worker that all tests here share."""

import shutil
from pathlib import Path

import pytest
from builders import Drawing, a_project, node_named
from training_runs import FEW
from window_hands import wait_for_phase, wait_until

from app.beginning import project_in
from app.data.importing import is_data
from app.main_window import MainWindow
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.runs.replay import read_curves

pytestmark = pytest.mark.slow


def a_short_run(epochs: int = 2) -> Project:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, epochs=epochs, batch_size=16)


@pytest.fixture(scope="module")
def window(window_with_worker: MainWindow) -> MainWindow:
    """A window whose run of two epochs is over."""
    window_with_worker.document.open(a_short_run())
    window_with_worker.train()
    wait_for_phase(window_with_worker, "ready")
    return window_with_worker


def notes_of(window: MainWindow) -> dict[str, str]:
    nodes, wires = window.document.graph.nodes, window.canvas.canvas.wires
    return {nodes[link.source.node].kind: item.look.text for link, item in wires.items()}


def test_stepping_writes_values_on_the_wires_that_were_reached(window: MainWindow) -> None:
    stepping = window.late.panels().stepping
    window.step_through("take")
    wait_until(lambda: bool(stepping.walk.stops))

    window.step_through("next")
    window.step_through("next")

    linear = node_named(window.document.graph, "linear")
    assert window.document.selection == frozenset({linear})
    assert "±" in notes_of(window)["Flatten"] and "±" in notes_of(window)["Linear"]
    stepping.back()
    assert notes_of(window)["Linear"] == "10"


def test_no_numbers_of_another_sample_stay_on_the_wires(window: MainWindow) -> None:
    stepping = window.late.panels().stepping
    window.step_through("take")
    wait_until(lambda: bool(stepping.walk.stops))
    window.step_through("next")
    assert "±" in notes_of(window)["Flatten"]
    window.open_panel("activations")

    window.run_view.looking.show_sample(3)

    assert "±" not in notes_of(window)["Flatten"]
    assert not stepping.walk.stops
    window.run_view.looking.show_sample(0)


def test_a_moment_moves_curves_canvas_and_evaluation_together(window: MainWindow) -> None:
    panels = window.late.panels()
    first = panels.slider.moments[0].step
    window.open_panel("evaluation")
    now = panels.evaluation.shown

    panels.slider.track._choose(0)
    wait_until(lambda: panels.evaluation.shown is not now)

    shown = panels.evaluation.shown
    assert shown is not None and now is not None and shown.step == first
    assert (shown.accuracy or 0) < (now.accuracy or 0)
    assert panels.training.page.loss_plot._cursor == 0.0
    assert "Epoch 0.00" in window.canvas.overlays.live.accessibleName()
    panels.slider.track._choose(len(panels.slider.moments))
    wait_until(lambda: panels.evaluation.shown is now)


def test_a_branch_goes_on_in_a_run_of_its_own(window: MainWindow) -> None:
    panels, parent = window.late.panels(), window.control.run
    assert parent is not None
    moment = panels.slider.moments[0]
    panels.slider.go_to(moment.step)

    panels.slider._branch.click()
    wait_for_phase(window, "ready")

    child = window.control.run
    assert child is not None and child != parent
    branched = RunRecord.open(child).info.branched
    assert branched is not None and branched.run == parent.name
    assert branched.step == moment.step


def test_a_run_from_the_list_is_looked_into_like_one_that_has_just_ended(
    window: MainWindow, tmp_path: Path
) -> None:
    panels, run = window.late.panels(), window.control.run
    assert run is not None
    window.run_view._held_run = ""
    panels.stepping.show_events([])

    window.show_run(run)
    wait_until(lambda: window.run_view._held_run == str(run))
    stepping = panels.stepping
    wait_until(lambda: not stepping.walk.stops)
    window.step_through("take")
    wait_until(lambda: bool(stepping.walk.stops))

    assert panels.slider.moments
    assert len(stepping.walk.stops) == 6


def test_a_sample_is_relabelled_where_it_is_looked_at_and_the_data_lists_it(
    window: MainWindow,
) -> None:
    panels = window.late.panels()
    window.open_panel("evaluation")
    window.run_view.show_kept_aside(3)
    bar = panels.evaluation.sample_bar
    wait_until(lambda: bar.number >= 0)
    number, before = bar.number, window.document.project.graph

    bar.relabelled.emit(number, 7, 1)

    wait_until(lambda: len(panels.data.corrections.table.rows) == 1)
    assert panels.data.corrections.table.rows[0].cells[0] == str(number)
    assert f"Relabel sample {number}" in "\n".join(panels.log.lines)
    window.document.undo()
    assert window.document.project.graph == before


def test_the_curves_of_another_run_are_laid_behind(window: MainWindow) -> None:
    panels, run = window.late.panels(), window.control.run
    assert run is not None

    panels.runs.refresh()
    wait_until(lambda: any(line.folder == run for line in panels.runs.lines))

    panels.runs.overlay_requested.emit(run)

    page = panels.training.page
    (curve,) = page.loss_plot.others.curves
    assert curve.name in ("Run 1", "Run 2")
    assert curve.values.tolist() == page.loss_plot._validation.y.tolist()
    page.loss_plot.others.clear()
    page.metric_plot.others.clear()


def test_a_run_is_opened_from_its_folder_wherever_that_lies(
    window: MainWindow, tmp_path: Path
) -> None:
    assert window.control.run is not None
    folder = Path(shutil.copytree(window.control.run, tmp_path / "of last week"))
    window.document.open(a_short_run())

    window.beginning.open_dropped(folder)
    wait_until(lambda: window.run_view._held_run == str(folder))
    window.open_panel("gradients")
    gradients = window.late.panels().gradients
    wait_until(lambda: bool(gradients.flow.table().rows))

    record = RunRecord.open(folder)
    assert window.document.project.graph == record.project().graph
    assert window.run_view._course.losses == pytest.approx(read_curves(folder).losses)
    assert gradients.flow.table().rows[0][0] == "linear"
    assert project_in([folder]) == folder and not is_data(folder)
