"""Runs steered from the window's side, with a real worker that all tests of this file share."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from builders import a_project, node_named
from PySide6.QtWidgets import QApplication
from training_runs import a_network_with_memory, with_graph
from window_hands import wait_until

from app.training_control import TrainingControl
from engine.graph.difference import difference
from engine.graph.edits import set_params
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.training.background import left_behind
from engine.training.costs import LayersMeasured
from engine.training.events import (
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunFailed,
    RunLeft,
    RunPaused,
    RunResumed,
    RunStarted,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.requests import WatchLayers

Kind = TypeVar("Kind")

pytestmark = pytest.mark.slow


class Steered:
    """A control, and what it said."""

    def __init__(self) -> None:
        self.control = TrainingControl()
        self.phases: list[str] = []
        self.events: list[TrainingEvent] = []
        self.control.phase_changed.connect(self.phases.append)
        self.control.arrived.connect(self.events.extend)

    def told(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind: type[Kind], count: int = 1) -> Kind:
        wait_until(lambda: len(self.told(kind)) >= count, kind.__name__)
        return self.told(kind)[-1]

    def forget(self) -> None:
        """Begin to listen anew; a run of an earlier test is ended first."""
        if self.control.is_running:
            self.control.stop()
            wait_until(lambda: not self.control.is_running)
        self.phases.clear()
        self.events.clear()

    def train(self, *, epochs: int = 100_000) -> Project:
        project = a_network_with_memory(epochs=epochs)
        self.control.train(project, "cpu")
        return project


@pytest.fixture(scope="module")
def shared(qapp: QApplication) -> Iterator[Steered]:
    steered = Steered()
    steered.control.warm_up()
    wait_until(lambda: steered.control.phase == "ready", "the worker is warm")
    yield steered
    steered.control.close()


@pytest.fixture
def steered(shared: Steered) -> Steered:
    shared.forget()
    return shared


def test_a_run_goes_through_its_phases_and_tells_all_in_order(steered: Steered) -> None:
    project = steered.train(epochs=2)
    ended = steered.wait_for(RunEnded)

    kinds = [type(event) for event in steered.events]
    assert steered.phases == ["preparing", "training", "ready"]
    assert kinds[-1] is RunEnded and kinds.index(RunStarted) < kinds.index(StepEnded)
    assert (ended.outcome, ended.run) == ("finished", str(steered.control.run))
    assert steered.control.trained is project


def test_a_run_is_paused_stepped_resumed_and_stopped(steered: Steered) -> None:
    steered.train()
    steered.wait_for(StepEnded)

    steered.control.pause()
    paused = steered.wait_for(RunPaused)
    wait_until(lambda: steered.control.phase == "paused")
    steered.control.step()
    stepped = steered.wait_for(RunPaused, 2)
    steered.control.resume()
    steered.wait_for(RunResumed)
    wait_until(lambda: steered.control.phase == "training")
    steered.control.stop()
    assert steered.control.phase == "stopping"
    ended = steered.wait_for(RunEnded)

    assert stepped.step == paused.step + 1
    assert ended.outcome == "stopped" and steered.control.phase == "ready"


def test_a_run_that_is_stopped_while_paused_never_looks_as_if_it_trained_again(
    steered: Steered,
) -> None:
    steered.train()
    steered.wait_for(StepEnded)
    steered.control.pause()
    wait_until(lambda: steered.control.phase == "paused")
    steered.phases.clear()

    steered.control.stop()
    steered.wait_for(RunEnded)

    assert steered.phases == ["stopping", "ready"]


def test_train_during_a_run_changes_nothing(steered: Steered) -> None:
    steered.train()
    steered.wait_for(StepEnded)
    run = steered.control.run

    steered.control.train(a_project(), "cpu")

    assert steered.control.run == run and steered.phases == ["preparing", "training"]


def test_layers_that_are_watched_are_reported(steered: Steered) -> None:
    project = a_network_with_memory(epochs=100_000)
    nodes = tuple(node.id for node in project.graph.nodes.values() if node.kind == "Linear")
    steered.control.watch(WatchLayers(nodes=nodes, sample=3, detail=nodes[0]))

    steered.control.train(project, "cpu")
    wait_until(lambda: any(probe.layers for probe in steered.told(ProbeTaken)), "a probe")

    probe = next(probe for probe in steered.told(ProbeTaken) if probe.layers)
    assert {layer.node for layer in probe.layers} == set(nodes)
    assert probe.sample == 3


def test_of_a_run_that_was_left_nothing_is_asked_and_nothing_comes(steered: Steered) -> None:
    project = steered.train(epochs=1)
    nodes = tuple(node.id for node in project.graph.nodes.values() if node.kind == "Linear")
    steered.wait_for(RunEnded)
    # Its answer is on the way when the run is left.
    steered.control.watch(WatchLayers(nodes=nodes, detail=nodes[0]))

    steered.control.leave()
    steered.control.watch(WatchLayers(nodes=nodes, detail=nodes[1]))
    left = steered.events.index(steered.told(RunLeft)[0])
    steered.control.measure_layers(project, "cpu")
    steered.wait_for(LayersMeasured)

    assert steered.control.run is None
    assert [type(event) for event in steered.events[left:]] == [RunLeft, LayersMeasured]
    steered.train(epochs=1)
    steered.wait_for(SamplesChosen, 2)


def test_a_run_that_goes_on_is_not_left(steered: Steered) -> None:
    steered.train()
    steered.wait_for(StepEnded)

    steered.control.leave()

    assert steered.control.run is not None and not steered.told(RunLeft)


def test_a_stopped_run_goes_on_where_it_was(steered: Steered) -> None:
    steered.train()
    steered.wait_for(StepEnded)
    steered.control.stop()
    ended = steered.wait_for(RunEnded)
    run = Path(ended.run)

    steered.control.go_on(run, "cpu")
    started = steered.wait_for(RunStarted, 2)

    assert started.first_step == ended.step > 0
    assert steered.control.run == run


def test_a_run_that_was_changed_goes_on_with_the_drawing_that_it_has_now(steered: Steered) -> None:
    project = steered.train()
    steered.wait_for(StepEnded)
    wider = set_params(project.graph, node_named(project.graph, "linear"), {"out_features": 24})
    steered.control.change(with_graph(project, wider))
    steered.wait_for(RunChanged)
    steered.control.stop()
    run = Path(steered.wait_for(RunEnded).run)

    steered.control.go_on(run, "cpu")

    trained = steered.control.trained
    assert trained is not None and not difference(trained.graph, wider).concerns_model
    assert RunRecord.open(run).project().graph == project.graph


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_after_the_worker_was_killed_the_reason_is_told_and_the_next_run_works(
    qapp: QApplication,
) -> None:
    alone = Steered()
    alone.control.warm_up()
    try:
        worker = alone.wait_for(WorkerReady)
        alone.train()
        alone.wait_for(StepEnded)

        os.kill(worker.pid, signal.SIGKILL)
        ended = alone.wait_for(RunEnded)

        assert ended.outcome == "lost" and alone.control.phase == "ready"
        assert "signal 9" in alone.told(RunFailed)[0].why
        alone.train(epochs=1)
        assert alone.wait_for(RunEnded, 2).outcome == "finished"
    finally:
        alone.control.close()


def test_a_worker_that_cannot_start_leaves_train_within_reach(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken torch in front of the good one."""
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    broken = Steered()
    broken.control.warm_up()
    try:
        note = broken.wait_for(HealthNoted)
        assert "libtorch is missing" in note.text
        assert broken.control.phase == "ready"
        broken.control.train(a_project(a_network_with_memory().graph), "cpu")
        assert broken.wait_for(RunEnded).outcome == "lost"
    finally:
        broken.control.close()


def test_a_run_goes_on_without_its_window_and_is_found_and_steered_again(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first, second = Steered(), Steered()
    first.control.warm_up()
    project = first.train()
    first.wait_for(StepEnded)
    run = first.control.run
    first.control.let_go()

    assert left_behind() == run and run is not None
    with killed_in_the_end(run):
        second.control.watch(WatchLayers(nodes=tuple(project.graph.nodes)))
        second.control.attach(run)
        second.wait_for(StepEnded)
        assert second.wait_for(SamplesChosen).pixels
        assert second.wait_for(ProbeTaken).layers
        assert second.control.phase == "training" and second.control.trained == project
        second.control.pause()
        second.wait_for(RunPaused)
        second.control.resume()
        second.control.stop()
        assert second.wait_for(RunEnded).outcome == "stopped"
        wait_until(lambda: left_behind() is None)
    assert second.control.phase == "ready"
    second.control.close()


@contextmanager
def killed_in_the_end(run: Path) -> Iterator[None]:
    """See to it that a test that goes wrong leaves nothing behind that trains."""
    process = RunRecord.open(run).info.process
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
