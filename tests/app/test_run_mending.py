"""What goes wrong in a run is told in every layout, and its buttons mend it."""

import os
from pathlib import Path

import pytest
from builders import Drawing, a_project, node_named
from PySide6.QtWidgets import QFileDialog
from trained_windows import train_on
from training_runs import FEW
from window_hands import wait_for_phase, wait_until

from app.main_window import MainWindow
from engine.training.events import HealthAct, HealthNoted, RunChanged
from engine.training.moving import ANOTHER_FOLDER
from engine.training.redrawing import LayerDrawn

pytestmark = pytest.mark.slow


@pytest.fixture
def window(trained_window: MainWindow) -> MainWindow:
    return trained_window


def told_on_canvas(window: MainWindow) -> list[str]:
    told: list[str] = []
    window.canvas.status.connect(told.append)
    return told


def test_a_run_that_is_moved_to_the_processor_goes_on_there(window: MainWindow) -> None:
    train_on(window)
    run, done = window.control.run, window.run_view.share_done
    window.choose_device("auto")

    act = HealthAct(label="Train on CPU", device="cpu")
    window.late.panels().training.act_requested.emit(act)
    wait_for_phase(window, "stopping")
    wait_for_phase(window, "training")

    assert window.device == "cpu" and window.control.run == run
    wait_until(lambda: window.run_view.share_done >= done > 0)


def test_a_run_that_holds_goes_on_with_the_batch_that_a_note_offers(window: MainWindow) -> None:
    train_on(window)
    window.pause()
    wait_for_phase(window, "paused")
    before = window.document.project.recipe

    half = {"batch_size": before.batch_size // 2, "accumulation": 2}
    act = HealthAct(label="Compute half at once", settings=half, resumes=True)
    window.late.panels().training.act_requested.emit(act)
    wait_for_phase(window, "training")

    trained = window.control.trained
    assert trained is not None and trained.recipe.batch_size == before.batch_size // 2
    window.document.undo()
    assert window.document.project.recipe == before


def test_a_run_without_room_goes_on_in_the_folder_that_is_chosen(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = iter(["", str(tmp_path / "one"), str(tmp_path / "two")])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(chosen))
    ask = window.late.panels().training.act_requested.emit
    train_on(window)
    run = window.control.run
    assert run is not None

    ask(ANOTHER_FOLDER)
    ask(ANOTHER_FOLDER)
    wait_until(run.is_symlink, "moved")
    window.stop()
    wait_for_phase(window, "ready")
    assert os.path.realpath(run) == str(tmp_path / "one" / run.name)
    done = window.run_view.share_done
    ask(ANOTHER_FOLDER)
    wait_for_phase(window, "training")

    assert os.path.realpath(run) == str(tmp_path / "two" / run.name) and window.control.run == run
    wait_until(lambda: window.run_view.share_done >= done > 0)


def test_a_run_that_lost_its_numbers_says_so_where_its_page_is_not_in_sight(
    window: MainWindow,
) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    log = drawing.add("Log", after=drawing.add("ReLU", after=flat))
    loss = drawing.add("CrossEntropyLoss", after=drawing.add("Linear", after=log, out_features=10))
    drawing.wire((digits, "label"), loss, "target")
    window.document.open(a_project(drawing.graph, batch_size=16))
    told = told_on_canvas(window)

    # The first run of all goes to its page.
    window.settings.set_done("train-layout")

    window.train()
    wait_for_phase(window, "paused")

    assert told == ["The loss is no longer a number. Train shows what mends it."]
    assert window.document.selection == {log.id}


def test_a_run_that_holds_because_it_is_not_saved_says_so_in_every_layout(
    window: MainWindow,
) -> None:
    told = told_on_canvas(window)

    window.control.arrived.emit([HealthNoted(code="unsaved", text="No room.", step=3)])

    assert len(told) == 1 and told[0].startswith("The last step is not saved")


def test_what_goes_wrong_is_said_in_build_too(window: MainWindow) -> None:
    told = told_on_canvas(window)
    act = HealthAct(label="Weight decay 0.001", settings={"weight_decay": 0.001})
    text = "The model learns the training data by heart: validation rose to 2.5. Seen at step 7."

    window.control.arrived.emit([HealthNoted(code="overfitting", text=text, acts=(act,))])

    assert told == [
        "The model learns the training data by heart: validation rose to 2.5. "
        "Train shows what mends it."
    ]


def test_layers_are_redrawn_in_one_undo_step_and_the_run_learns_so(window: MainWindow) -> None:
    train_on(window)
    before = window.document.graph
    conv, linear = (node_named(before, name) for name in ("conv2d", "linear"))
    act = HealthAct(
        label="Use ReLU in 1 place and begin anew",
        redraws=(
            LayerDrawn(node=conv, activation="GELU", initialiser="kaiming_uniform"),
            LayerDrawn(node=linear, initialiser="orthogonal"),
            LayerDrawn(node="not there any more", activation="GELU"),
        ),
    )
    changes: list[RunChanged] = []
    window.control.arrived.connect(
        lambda events: changes.extend(each for each in events if isinstance(each, RunChanged))
    )

    window.late.panels().training.act_requested.emit(act)
    wait_until(lambda: bool(changes), "the run learns with the other drawing")

    nodes = window.document.graph.nodes
    assert nodes[conv].params["activation"] == "GELU"
    assert nodes[linear].learning.initialiser == "orthogonal"
    assert (changes[0].title, set(changes[0].anew)) == (act.label, {conv, linear})
    assert window.control.phase == "training" and window.live.waiting is None
    told = told_on_canvas(window)
    window.document.undo()
    assert window.document.graph == before
    assert told == ["The run goes on as it was. Pause it to give it this change."]
