from pathlib import Path
from queue import SimpleQueue

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


@pytest.mark.parametrize("steps", [1, 3])
def test_a_run_that_makes_more_than_one_step_says_that_it_goes_on(
    steps: int, tmp_path: Path
) -> None:
    asking = Asking([StepOnce(count=steps)], [StopRun()])
    asking.requests.put(PauseRun())

    train(a_network_with_memory(epochs=1), tmp_path, asking)

    assert [paused.step for paused in asking.told(RunPaused)] == [0, steps]
    assert bool(asking.told(RunResumed)) == (steps > 1)


def test_a_pause_ends_what_the_run_would_have_held_for(tmp_path: Path) -> None:
    """Four steps are asked for and held before they are made: they no longer end what follows."""
    asking = Asking([StepOnce(count=4), PauseRun(), FinishEpoch()], [], [StopRun()])
    asking.requests.put(PauseRun())

    train(a_network_with_memory(epochs=2), tmp_path, asking)

    (epoch,) = asking.told(EpochEnded)
    assert epoch.step > 4
    assert asking.told(RunPaused)[-1].step == epoch.step
