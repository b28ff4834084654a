import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from time import monotonic

import pytest
from training_runs import a_network_with_memory, train, weights

import engine.training.session as session_module
from engine.runs.record import RunRecord
from engine.training.config import TrainingConfig
from engine.training.events import (
    CheckpointSaved,
    HealthNoted,
    ProbeTaken,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.process import Worker, how_it_ended
from engine.training.questions import (
    CompareLayers,
    NotAnswered,
    PassTaken,
    PassThrough,
    RunOpened,
)
from engine.training.requests import (
    PauseRun,
    Quit,
    ResumeRun,
    StartRun,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.session import Session
from nodes.errors import RunError

PATIENCE_SECONDS = 60.0

pytestmark = pytest.mark.slow


@pytest.fixture
def session() -> Iterator[Session]:
    opened = Session()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def warm() -> Iterator[Session]:
    """One worker for all that leave it as they found it."""
    opened = Session()
    ready = wait_for(opened, WorkerReady)[-1]
    assert isinstance(ready, WorkerReady) and ready.pid != os.getpid()
    yield opened
    opened.close()


def wait_for(
    session: Session, wanted: Callable[[TrainingEvent], bool] | type
) -> list[TrainingEvent]:
    """Return the events up to one of a kind, or one that is wanted."""
    events: list[TrainingEvent] = []
    end = monotonic() + PATIENCE_SECONDS
    while monotonic() < end:
        try:
            event = session.events.get(timeout=end - monotonic())
        except Empty:
            break
        events.append(event)
        if isinstance(event, wanted) if isinstance(wanted, type) else wanted(event):
            return events
    raise AssertionError(f"it never came; there were {events}")


def a_config(folder: Path) -> TrainingConfig:
    return TrainingConfig(run_folder=str(folder), threads=1)


def test_a_run_in_the_worker_is_the_run_in_this_process(warm: Session, tmp_path: Path) -> None:
    project = a_network_with_memory()
    warm.start(project, a_config(tmp_path / "worker"))

    told = wait_for(warm, RunEnded)

    here = train(project, tmp_path / "here")
    losses = [loss for event in told if isinstance(event, StepEnded) for loss in event.losses]
    assert losses == here.losses()
    assert weights(tmp_path / "worker") == weights(tmp_path / "here")
    assert warm.state == "ready"


class _Leaving(Worker):
    """Leaves by itself just when it is asked for a run."""

    def send(self, request: TrainerRequest) -> None:
        super().send(Quit() if isinstance(request, StartRun) else request)


def test_a_run_asked_of_a_worker_that_leaves_is_trained_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workers = iter([_Leaving, Worker])
    monkeypatch.setattr(session_module, "Worker", lambda: next(workers)())
    session = Session()
    try:
        session.start(a_network_with_memory(), a_config(tmp_path))

        told = wait_for(session, RunEnded)
    finally:
        session.close()

    assert isinstance(told[-1], RunEnded) and told[-1].outcome == "finished"
    assert not any(isinstance(event, RunFailed) for event in told)
    assert len([event for event in told if isinstance(event, WorkerReady)]) == 2


def test_a_run_is_paused_watched_resumed_and_stopped(warm: Session, tmp_path: Path) -> None:
    project = a_network_with_memory(epochs=100_000)
    node = next(iter(project.graph.named(name) for name in ["linear"]))
    assert node is not None
    warm.start(project, a_config(tmp_path))
    wait_for(warm, StepEnded)
    with pytest.raises(RunError, match="A run is going on"):
        warm.start(project, a_config(tmp_path))

    warm.request(PauseRun())
    wait_for(warm, RunPaused)
    assert warm.state == "paused"
    warm.request(WatchLayers(nodes=(node.id,)))
    probe = wait_for(warm, ProbeTaken)[-1]
    warm.request(ResumeRun())
    wait_for(warm, RunResumed)
    warm.request(StopRun())
    ended = wait_for(warm, RunEnded)[-1]

    assert isinstance(probe, ProbeTaken) and [layer.node for layer in probe.layers] == [node.id]
    assert isinstance(ended, RunEnded) and ended.outcome == "stopped"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_killed_worker_is_noticed_told_and_replaced(session: Session, tmp_path: Path) -> None:
    project = a_network_with_memory(epochs=100_000)
    ready = wait_for(session, WorkerReady)[-1]
    assert isinstance(ready, WorkerReady)
    session.start(project, a_config(tmp_path))
    wait_for(session, lambda event: isinstance(event, CheckpointSaved) and not event.best)

    # Asked of a process that cannot answer any more.
    os.kill(ready.pid, signal.SIGSTOP)
    session.request(CompareLayers())
    os.kill(ready.pid, signal.SIGKILL)
    told = wait_for(session, RunEnded)

    refused, failed, ended = told[-3:]
    assert isinstance(refused, NotAnswered) and "signal 9" in refused.why
    assert refused.question == "compare_layers" and refused.again
    assert isinstance(failed, RunFailed) and "signal 9" in failed.why
    assert failed.hint.startswith("Go on from the checkpoint of step")
    assert isinstance(ended, RunEnded) and ended.outcome == "lost" and ended.step > 0
    assert RunRecord.open(tmp_path).state == "lost"
    again = wait_for(session, WorkerReady)[-1]
    assert isinstance(again, WorkerReady) and again.pid != ready.pid
    session.request(PassThrough())
    # What the run left is opened for whoever asks.
    opened, *_, taken = wait_for(session, PassTaken)
    assert isinstance(opened, RunOpened) and isinstance(taken, PassTaken)
    session.start(project, TrainingConfig(run_folder=str(tmp_path), threads=1, resume=True))
    started = wait_for(session, RunStarted)[-1]
    assert isinstance(started, RunStarted) and started.first_step > 0 and started.seconds > 0
    os.kill(again.pid, signal.SIGKILL)
    failed = wait_for(session, RunFailed)[-1]
    assert isinstance(failed, RunFailed)
    assert failed.hint.startswith("Go on from the checkpoint of step"), "also where none is newer"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_run_killed_within_its_first_epoch_tells_how_long_it_trained(
    session: Session, tmp_path: Path
) -> None:
    ready = wait_for(session, WorkerReady)[-1]
    assert isinstance(ready, WorkerReady)
    began = monotonic()
    session.start(a_network_with_memory(batch_size=2), a_config(tmp_path))
    wait_for(session, lambda event: isinstance(event, StepEnded) and event.step > 1)

    os.kill(ready.pid, signal.SIGKILL)

    ended = wait_for(session, RunEnded)[-1]
    assert isinstance(ended, RunEnded) and 0 < ended.seconds < monotonic() - began


def test_closing_saves_the_run_that_is_going_on(tmp_path: Path) -> None:
    session = Session()
    session.start(a_network_with_memory(epochs=100_000), a_config(tmp_path))
    wait_for(session, StepEnded)

    session.close(timeout=30)

    record = RunRecord.open(tmp_path)
    assert session.state == "closed"
    assert record.state == "stopped" and record.checkpoint("last")


def test_closing_does_not_wait_for_a_worker_that_still_warms_up() -> None:
    session = Session()

    session.close()

    assert session.state == "closed"
    assert not any(isinstance(event, HealthNoted) for event in _rest(session))


def test_a_worker_that_cannot_start_is_told_once_and_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken torch in front of the good one."""
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = Session()
    note = wait_for(session, HealthNoted)[-1]

    assert isinstance(note, HealthNoted) and "libtorch is missing" in note.text
    assert session.state == "out of order"
    session.start(a_network_with_memory(), a_config(tmp_path / "run"))
    ended = wait_for(session, RunEnded)[-1]
    session.close()
    assert isinstance(ended, RunEnded) and ended.outcome == "lost"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_worker_whose_window_was_killed_saves_and_ends(tmp_path: Path) -> None:
    script = f"""
import sys
sys.path[:0] = {sys.path!r}
from training_runs import a_network_with_memory
from engine.training.config import TrainingConfig
from engine.training.session import Session
session = Session()
session.start(
    a_network_with_memory(epochs=100_000),
    TrainingConfig(run_folder={str(tmp_path)!r}, threads=1),
)
while True:
    event = session.events.get()
    print(event.__struct_config__.tag, getattr(event, "pid", ""), flush=True)
"""
    window = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert window.stdout is not None
    pid = 0
    for line in window.stdout:
        if line.startswith("worker_ready"):
            pid = int(line.split()[1])
        if line.startswith("step_ended"):
            break
    window.kill()
    window.wait()
    window.stdout.close()

    _wait_for_end(pid)

    ended = json.loads((tmp_path / "run.json").read_text())["ended"]
    assert ended["outcome"] == "stopped"
    assert RunRecord.open(tmp_path).checkpoint("last")


def test_the_window_side_needs_no_torch() -> None:
    script = "import sys, engine.training.session; print('torch' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "memory ran out"),
        (-11, "SIGSEGV"),
        (-6, "SIGABRT"),
        (-15, "ended from outside"),
        (3, "code 3"),
        (0, "without being asked"),
        (0xC0000005, "access violation"),
    ],
)
def test_the_end_of_a_process_is_told_in_words(code: int, words: str) -> None:
    assert words in how_it_ended(code)


def _rest(session: Session) -> list[TrainingEvent]:
    events: list[TrainingEvent] = []
    while not session.events.empty():
        events.append(session.events.get())
    return events


def _wait_for_end(pid: int) -> None:
    import psutil

    try:
        psutil.Process(pid).wait(PATIENCE_SECONDS)
    except psutil.NoSuchProcess:
        return


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_layers_can_be_looked_into_after_the_run_and_when_its_worker_was_killed(
    session: Session, tmp_path: Path
) -> None:
    project = a_network_with_memory()
    ready = wait_for(session, WorkerReady)[-1]
    assert isinstance(ready, WorkerReady)
    session.start(project, a_config(tmp_path / "run"))
    wait_for(session, RunEnded)
    node = next(n.id for n in project.graph.nodes.values() if n.kind == "Linear")

    session.request(WatchLayers(nodes=(), detail=node))
    probe = wait_for(session, ProbeTaken)[-1]
    os.kill(ready.pid, signal.SIGKILL)
    told = wait_for(session, ProbeTaken)

    assert isinstance(probe, ProbeTaken) and [layer.node for layer in probe.layers] == [node]
    assert [e.run for e in told if isinstance(e, RunOpened)] == [str(tmp_path / "run")]
    again = told[-1]
    assert isinstance(again, ProbeTaken) and again.prediction == probe.prediction
