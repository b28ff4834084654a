"""A run as the whole window shows it, trained by a real worker that all tests here share."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import Drawing, a_project, a_residual_block, node_named
from msgspec.structs import replace
from PySide6.QtWidgets import QLabel
from trained_windows import a_project_that_is_soon_trained, train_on
from training_runs import FEW, a_plain_project
from window_hands import Windows, answering, wait_for_phase, wait_until

from app.dialogs.rate import RateDialog
from app.main_window import MainWindow
from app.previews import CurvePreview, MapsPreview
from app.shell.train_buttons import TrainButtons
from app.tryout.drawing import Stroke
from app.tryout.sketch_pad import SketchPad
from app.widgets import FlowText
from engine.graph.edits import move, set_params
from engine.training.changes import Outlook
from engine.training.events import TrainingEvent, WorkerReady

pytestmark = pytest.mark.slow


@pytest.fixture
def window(trained_window: MainWindow) -> MainWindow:
    return trained_window


def buttons(window: MainWindow) -> SimpleNamespace:
    """Return which buttons of the header can be seen."""
    train: TrainButtons = window.header.train
    seen = {name: not getattr(train, f"_{name}").isHidden() for name in ("train", "pause", "stop")}
    return SimpleNamespace(**seen)


def log_of(window: MainWindow) -> str:
    return "\n".join(window.late.panels().log.lines)


def sentences(window: MainWindow) -> list[str]:
    return [label.accessibleName() for label in window.findChildren(FlowText)]


def previews_of(window: MainWindow) -> dict[str, object]:
    nodes, items = window.document.graph.nodes, window.canvas.canvas.nodes.items()
    return {nodes[node].kind: item.state.preview for node, item in items if item.state.preview}


def test_a_run_reaches_every_panel(window: MainWindow) -> None:
    panels = window.late.panels()

    window.train()
    wait_for_phase(window, "ready")

    state = panels.training._state
    assert state is not None and state.ended is not None and state.ended.outcome == "finished"
    assert window.run_view.share_done == 1
    assert "The run finished" in log_of(window)
    assert window.control.run is not None
    wait_until(lambda: window.control.run in [line.folder for line in panels.runs.lines])
    assert panels.training.caption.isVisibleTo(panels.training.caption.parentWidget())


def test_header_and_status_follow_the_phases(window: MainWindow) -> None:
    assert buttons(window).train and not buttons(window).stop

    train_on(window)
    wait_until(lambda: "Step" in window.bar.text_of("step"))
    assert (buttons(window).train, buttons(window).pause, buttons(window).stop) == (
        False,
        True,
        True,
    )
    assert "Training" in window.bar.text_of("state")
    assert "of 100000" in window.header.train._epoch.text()
    window.pause()
    wait_for_phase(window, "paused")
    assert "Paused" in window.bar.text_of("state")
    live = window.canvas.overlays.live
    assert live.accessibleName().startswith("Paused") and "step" in live.accessibleName()
    assert live.toolTip().startswith("Resume goes on with step")
    assert window.header.train._pause.text() == "Resume"
    window.stop()
    wait_for_phase(window, "ready")

    assert buttons(window).train
    assert window.bar.text_of("step") == "" and "Ready" in window.bar.text_of("state")


def test_previews_and_the_loss_reach_the_canvas(window: MainWindow) -> None:
    window.show_layout("build")
    window.canvas.zoom_to_100()
    window.canvas.fit_all()

    window.document.open(a_project_that_is_soon_trained(100_000))
    window.train()
    wait_until(lambda: {"Conv2d", "CrossEntropyLoss"} <= previews_of(window).keys(), "previews")

    assert isinstance(previews_of(window)["Conv2d"], MapsPreview)
    assert isinstance(previews_of(window)["CrossEntropyLoss"], CurvePreview)


def test_layers_inside_of_a_row_show_what_they_put_out_in_the_round_looked_at(
    window: MainWindow,
) -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=4)
    digits = drawing.add("Data", **FEW)
    conv = drawing.add("Conv2d", after=digits, out_channels=4)
    block = drawing.use("residual", after=conv, repeat=2)
    flat = drawing.add("Flatten", after=block)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    window.document.open(a_project(drawing.graph, epochs=1, batch_size=16))
    window.show_layout("train")

    window.train()
    wait_for_phase(window, "ready")
    window.document.show_level((block.id,))
    wait_until(lambda: "Conv2d" in previews_of(window))
    window.document.select([node_named(window.document.graph, "conv2d")])
    add = node_named(window.document.graph, "add")
    first = previews_of(window)["Add"]
    window.document.show_round(1)
    wait_until(lambda: previews_of(window).get("Add") not in (None, first))

    activations = window.late.panels().activations
    wait_until(lambda: activations._title.text() == "residual, round 2 › conv2d")
    wait_until(lambda: activations.node in activations._newest)
    probes = window.run_view.previews._probes
    row, last = probes[str(block.id)], probes[str(window.document.told(add))]
    assert (row.low, row.high) == (last.low, last.high)


def test_a_run_steps_once_while_paused_and_goes_on(window: MainWindow) -> None:
    train_on(window)
    window.pause()
    wait_for_phase(window, "paused")
    before = window.run_view.share_done

    window.step()
    wait_until(lambda: window.run_view.share_done > before)
    wait_for_phase(window, "paused")
    window.train()  # F5 goes on after a pause
    wait_for_phase(window, "training")

    assert window.control.is_running


def test_a_stopped_run_goes_on_with_the_button_of_its_page(window: MainWindow) -> None:
    train_on(window)
    wait_until(lambda: "<b>1</b>" not in window.header.train._epoch.text())
    run = window.control.run
    window.stop()
    wait_for_phase(window, "ready")
    caption = window.late.panels().training.caption
    name, _, _ = caption.text.partition(" · ")

    window.late.panels().training.resume_requested.emit()
    wait_for_phase(window, "training")

    assert window.control.run == run
    assert "<b>1</b>" not in window.header.train._epoch.text()
    assert name.startswith("Run ") and caption.text.startswith(f"{name} · ")


def test_properties_say_what_a_run_must_be_paused_for(window: MainWindow) -> None:
    said: list[str] = []
    window.run_view.lock_changed.connect(said.append)

    train_on(window)
    window.stop()
    wait_for_phase(window, "ready")

    assert said[0] == "Pause the run to edit what is grey." and said[-1] == ""


def test_properties_say_once_what_a_run_locks(window: MainWindow) -> None:
    why = "Pause the run to edit what is grey."

    window.run_view.lock_changed.emit(why)

    labels = window.properties.findChildren(QLabel)
    said = [label for label in labels if why in (label.text(), label.accessibleName())]
    assert len([label for label in said if label.isVisibleTo(window.properties)]) == 1


def test_the_train_layout_comes_by_itself_once_only(window: MainWindow) -> None:
    window.settings.set_done("train-layout")
    train_on(window)
    assert window.layouts.current == "build"


def test_train_is_no_longer_the_next_step_until_something_changes(window: MainWindow) -> None:
    window.train()
    wait_for_phase(window, "ready")
    wait_until(lambda: window.header.train._train.property("kind") == "plain")

    window.document.set_about(name="Another")
    node = node_named(window.document.graph, "conv2d")
    window.document.edit("Move", lambda graph: move(graph, {node: (-400.0, 0.0)}))
    assert window.header.train._train.property("kind") == "plain"
    window.document.edit("Widen", lambda graph: set_params(graph, node, {"out_channels": 2}))

    assert window.header.train._train.property("kind") == "primary"


def test_the_layer_looked_into_follows_the_selection(window: MainWindow) -> None:
    panel = window.late.panels().activations
    graph = window.document.graph

    for name in ("linear", "conv2d"):
        window.document.select([node_named(graph, name)])
        assert panel.node == node_named(graph, name)
    panel.pin.click()
    window.document.select([node_named(graph, "linear")])

    assert panel.node == node_named(graph, "conv2d")
    panel.pin.click()


def test_an_earlier_run_is_shown_again(window: MainWindow) -> None:
    window.train()
    wait_for_phase(window, "ready")
    first = window.control.run
    assert first is not None
    window.document.open(a_project_that_is_soon_trained(2))
    window.train()
    wait_for_phase(window, "ready")
    assert window.control.run != first

    window.late.panels().runs.run_chosen.emit(first)

    state = window.late.panels().training._state
    assert state is not None and state.started.run == str(first)
    assert window.control.run == first


def test_a_run_that_cannot_be_read_is_told(window: MainWindow, tmp_path: Path) -> None:
    with answering("OK") as answers:
        window.late.panels().runs.run_chosen.emit(tmp_path / "gone")

    assert len(answers.asked) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_killed_worker_costs_the_run_and_nothing_else(windows: Windows) -> None:
    window = windows(a_project_that_is_soon_trained(), warm=True)
    events: list[TrainingEvent] = []
    window.control.arrived.connect(events.extend)
    wait_until(lambda: any(isinstance(event, WorkerReady) for event in events))
    worker = next(event for event in events if isinstance(event, WorkerReady))
    train_on(window)
    drawing = window.document.project

    os.kill(worker.pid, signal.SIGKILL)
    wait_for_phase(window, "ready")

    assert window.document.project is drawing
    assert "The process that trains is gone" in log_of(window)
    assert not window.late.panels().training.page.banner.isHidden()
    assert buttons(window).train
    window.document.open(a_project_that_is_soon_trained())
    window.train()
    wait_until(lambda: "The run finished" in log_of(window))


def test_a_run_that_begins_before_the_panels_are_made_is_shown_whole(windows: Windows) -> None:
    """Enter pressed in the first moment."""
    window = windows(a_project_that_is_soon_trained(), with_panels=False, warm=True)
    window.train()

    wait_until(lambda: window.run_view.has_panels)
    wait_for_phase(window, "ready")

    state = window.late.panels().training._state
    assert state is not None and state.ended is not None
    assert "The run finished" in log_of(window)


def test_events_that_came_before_the_panels_reach_them(windows: Windows) -> None:
    window = windows(a_project_that_is_soon_trained(), with_panels=False)
    window.run_view.note("A note of the first moment")
    window.run_view._on_arrived([WorkerReady(pid=1, torch="9.9", devices=("CPU · 2 cores",))])

    wait_until(lambda: window.run_view.is_told)

    assert "A note of the first moment" in log_of(window)
    assert "9.9" in log_of(window)


def test_a_rate_set_in_the_form_reaches_the_run_that_goes_on(window: MainWindow) -> None:
    train_on(window)
    form = window.late.panels().training.form

    form.recipe_changed.emit(replace(form.recipe, learning_rate=0.25), "Set learning rate", None)

    wait_until(lambda: "Learning rate 0.25" in log_of(window))
    assert window.control.trained == window.document.project


def test_a_layer_frozen_on_the_canvas_is_frozen_in_the_run(window: MainWindow) -> None:
    train_on(window)
    window.document.select([node_named(window.document.graph, "linear")])

    window.canvas.toggle_freeze()

    wait_until(lambda: "Linear frozen" in log_of(window))


def test_a_paused_run_asks_whether_it_takes_the_changed_drawing(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_on(window)
    window.pause()
    wait_for_phase(window, "paused")
    conv = node_named(window.document.graph, "conv2d")
    window.document.edit("Widen", lambda graph: set_params(graph, conv, {"out_channels": 6}))
    wait_until(lambda: window.document.report.nodes[conv].parameters == 60)
    asked: list[Outlook] = []

    def take(found: Outlook, *_: object, **__: object) -> str:
        asked.append(found)
        return "take"

    monkeypatch.setattr("app.dialogs.changed_run.ask_about_changes", take)
    window.go_on()

    wait_until(lambda: "Conv2d: output channels 6" in log_of(window))
    wait_for_phase(window, "training")
    assert asked[0].unsure == ("conv2d", "linear")


def test_a_run_that_goes_on_unlike_the_drawing_on_screen_is_told(window: MainWindow) -> None:
    told: list[str] = []
    window.live.unlike.connect(told.append)
    train_on(window)
    window.stop()
    wait_for_phase(window, "ready")
    assert not told
    node = node_named(window.document.graph, "conv2d")
    window.document.edit("Widen", lambda graph: set_params(graph, node, {"out_channels": 6}))

    window.go_on()

    wait_until(lambda: told, "the sentence")
    assert "Pause it" in told[0]


def test_a_run_is_finished_now_from_the_menu(window: MainWindow) -> None:
    train_on(window)

    window.actions_by_key["finish"].trigger()

    wait_for_phase(window, "ready")
    assert "The run finished" in log_of(window)


def test_a_learning_rate_is_found_and_becomes_one_undo_step(window: MainWindow) -> None:
    before = window.document.project.recipe
    dialog = RateDialog(window.document, window.control, "cpu", window)
    wait_until(lambda: dialog._take.isEnabled())
    found = dialog.curve.rate

    dialog._take.click()

    assert window.document.project.recipe.learning_rate == found
    window.document.undo()
    assert window.document.project.recipe == before
    dialog.deleteLater()


def test_a_drawing_lights_up_the_network_and_clearing_it_brings_the_samples_back(
    window: MainWindow,
) -> None:
    window.train()
    wait_for_phase(window, "ready")
    window.show_layout("try")
    panels, live = window.late.panels(), window.canvas.overlays.live
    before = previews_of(window)["Linear"]
    sketch = panels.tryout.pad
    assert isinstance(sketch, SketchPad)

    sketch.pad.show_strokes([Stroke(((60, 60), (220, 60), (120, 240)), 26.0)])
    wait_until(lambda: len(panels.tryout.course.moments) == 1, "an answer")

    assert live.text() == "Your drawing" and live.isVisible()
    assert previews_of(window)["Linear"] != before
    shares = panels.tryout.course.moments[0].prediction
    assert sum(shares) == pytest.approx(1, abs=1e-4)
    sketch.pad.clear()
    wait_until(lambda: live.isHidden(), "the samples again")


def test_a_sample_of_the_evaluation_is_looked_at_by_every_panel(window: MainWindow) -> None:
    window.train()
    wait_for_phase(window, "ready")
    window.show_layout("train")
    window.open_panel("activations")
    panels = window.late.panels()
    assert panels.evaluation.shown is not None
    worst = panels.evaluation.shown.worst[0]

    panels.evaluation.sample_chosen.emit(worst.place)
    wait_until(lambda: panels.activations._input.accessibleName().endswith(worst.truth))

    assert window.canvas.overlays.live.text() == f"Validation sample {worst.place}"
    panels.activations.strip.choose(2)
    wait_until(lambda: window.canvas.overlays.live.isHidden(), "the samples again")


def test_weights_gradients_and_map_come_while_their_panels_are_open(window: MainWindow) -> None:
    panels, dock = window.late.panels(), window.docks["inspection"]
    train_on(window)
    window.document.select([node_named(window.document.graph, "linear")])
    window.show_layout("train")

    dock.show_panel("weights")
    wait_until(lambda: panels.weights.lines.get("Shape"), "weights")
    dock.show_panel("gradients")
    wait_until(lambda: panels.gradients.flow.isVisible(), "gradients")
    dock.show_panel("map")
    wait_until(lambda: panels.map.map.isVisible(), "a map")

    assert panels.weights.lines["Shape"] == "10×3136"
    window.stop()
    wait_for_phase(window, "ready")


def test_another_project_leaves_the_run_of_the_one_before(window: MainWindow) -> None:
    window.train()
    wait_for_phase(window, "ready")
    panels = window.late.panels()
    wait_until(lambda: panels.evaluation._shown is not None, "results")
    window.show_layout("train")
    window.docks["inspection"].show_panel("activations")

    window.files.show(a_plain_project())

    for words in (
        "Train once to see what each layer outputs.",
        "Train once to see how good the model is on data kept aside.",
        "Train once to see what each layer has learned.",
        "Train once to see how the gradient flows through the layers.",
        "Train once to see how each layer arranges the samples.",
    ):
        wait_until(lambda words=words: words in sentences(window), words)
    assert not panels.slider.isVisible()
    assert panels.training._stack.currentWidget() is panels.training._recipe_page
    assert panels.training.caption.isHidden() and panels.training._back.isHidden()
    assert window.control.run is None and not previews_of(window)
    # Of the data set, which is the same.
    assert window.canvas.canvas._samples


def test_the_same_project_opened_anew_keeps_its_run_in_sight(window: MainWindow) -> None:
    window.train()
    wait_for_phase(window, "ready")
    panels = window.late.panels()
    wait_until(lambda: panels.evaluation._shown is not None, "results")

    window.files.show(window.document.project)

    assert panels.evaluation._shown is not None and window.control.run is not None
