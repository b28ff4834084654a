from pathlib import Path
from queue import SimpleQueue
from unittest.mock import Mock

import pytest
from builders import node_named
from training_runs import Listener, a_network_with_memory, train

from engine.training.config import TrainingConfig
from engine.training.events import (
    EpochEnded,
    ProbeTaken,
    RunPaused,
    RunResumed,
    StepEnded,
    TrainingEvent,
)
from engine.training.insight import LayerMapped
from engine.training.loop import Loop
from engine.training.requests import (
    FinishEpoch,
    LetGo,
    PauseRun,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.steering import Steering
from engine.training.trainer import Trainer


class Leaving(Listener):
    """Lets go of a run once it was looked into."""

    def __init__(self) -> None:
        super().__init__()
        self.looks_after: list[ProbeTaken] = []
        self._left_at: int | None = None

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, EpochEnded) and self._left_at is None and self.told(ProbeTaken):
            self._left_at = event.step
            self.requests.put(LetGo())
        elif isinstance(event, ProbeTaken) and self._left_at is not None:
            self.looks_after.append(event)


class Asking(Listener):
    """Asks for the next of several things each time that the run holds."""

    def __init__(self, *asked: list[TrainerRequest]) -> None:
        super().__init__()
        self._asked = list(asked)

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, RunPaused):
            for request in self._asked.pop(0):
                self.requests.put(request)


def test_a_run_that_was_let_go_of_is_looked_into_no_more(tmp_path: Path) -> None:
    leaving = Leaving()
    requests: SimpleQueue[TrainerRequest] = leaving.requests
    project = a_network_with_memory(epochs=12)
    requests.put(WatchLayers(nodes=tuple(project.graph.nodes)))
    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu", probe_share=0.1)

    Trainer(project, config, leaving, requests).run()

    assert leaving.told(ProbeTaken)
    assert leaving.looks_after == []


def test_a_pause_shows_the_layers_of_the_step_that_it_holds_at(tmp_path: Path) -> None:
    project = a_network_with_memory(epochs=1)
    node = node_named(project.graph, "linear")
    listener = Listener()
    listener.requests.put(WatchLayers(nodes=(node,), map=node))
    listener.answers[StepEnded] = [PauseRun()]
    listener.answers[LayerMapped] = [StopRun()]
    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu", probe_share=0.0)

    Trainer(project, config, listener, listener.requests).run()

    (paused,) = listener.told(RunPaused)
    after = listener.events[listener.events.index(paused) :]
    seen = [event.step for event in after if isinstance(event, ProbeTaken | LayerMapped)]
    assert paused.step and seen == [paused.step] * 2


def test_a_map_gives_way_to_whoever_resumes(tmp_path: Path) -> None:
    project = a_network_with_memory(epochs=1)
    node = node_named(project.graph, "linear")
    listener = Listener()
    listener.requests.put(WatchLayers(nodes=(node,), map=node))
    listener.requests.put(StepOnce(count=3))
    # What is quick is told first: the map is drawn after it.
    listener.answers[ProbeTaken] = [ResumeRun()]
    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu", probe_share=0.0)

    Trainer(project, config, listener, listener.requests).run()

    kinds = [
        type(e) for e in listener.events if isinstance(e, RunPaused | RunResumed | LayerMapped)
    ]
    assert kinds[:2] == [RunPaused, RunResumed]


class Stepping:
    """A held run that is asked for some steps; each takes as long as is said."""

    def __init__(self, steps: int, seconds: float) -> None:
        self.run = Mock(spec=Loop)
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self._now, self._seconds = 0.0, seconds
        self._steering = Steering(self.requests, self.run, lambda: self._now)
        self.requests.put(PauseRun())
        self.requests.put(StepOnce(count=steps))
        self._steering.obey()

    def step(self, *asked: TrainerRequest) -> None:
        """Make a step, with something asked meanwhile."""
        self._now += self._seconds
        self._steering.step_done()
        for request in asked:
            self.requests.put(request)
        self._steering.obey()


@pytest.mark.parametrize(
    ("steps", "seconds", "told"), [(1, 9.0, 0), (10, 0.01, 0), (3, 0.3, 1), (3, 9.0, 1)]
)
def test_steps_that_take_a_while_say_once_that_the_run_goes_on(
    steps: int, seconds: float, told: int
) -> None:
    stepping = Stepping(steps, seconds)
    for _ in range(steps - 1):
        stepping.step()

    stepping.step(StopRun())

    assert stepping.run.tell_resumed.call_count == told
    assert stepping.run.hold.call_count == 2


def test_a_run_that_is_resumed_within_some_steps_says_so_at_once() -> None:
    stepping = Stepping(3, 0.01)

    stepping.step(ResumeRun())
    for _ in range(4):
        stepping.step()

    assert stepping.run.tell_resumed.call_count == 1
    assert stepping.run.hold.call_count == 1, "it goes on past the steps"


def test_a_pause_ends_what_the_run_would_have_held_for(tmp_path: Path) -> None:
    """Four steps are asked for and held before they are made: they no longer end what follows."""
    asking = Asking([StepOnce(count=4), PauseRun(), FinishEpoch()], [], [StopRun()])
    asking.requests.put(PauseRun())

    train(a_network_with_memory(epochs=2), tmp_path, asking)

    (epoch,) = asking.told(EpochEnded)
    assert epoch.step > 4
    assert asking.told(RunPaused)[-1].step == epoch.step
