"""A run that is looked into from beside: it learns the same, and the window hears the same."""

from pathlib import Path

import psutil
import pytest
import torch
from builders import node_named
from training_runs import Listener, a_network_with_memory

from engine.training.config import TrainingConfig
from engine.training.events import GradientsTaken, ProbeTaken, RunEnded, RunPaused, TrainingEvent
from engine.training.insight import LayerMapped, Subject, WeightsTaken
from engine.training.questions import ExcitingFound, FindExciting
from engine.training.replaying import train_again
from engine.training.requests import PauseRun, ResumeRun, StopRun, TrainerRequest, WatchLayers
from engine.training.trainer import Trainer
from engine.training.watch_cost import WatchCost

PROJECT = a_network_with_memory(epochs=100_000, schedule="constant")
LAYER = node_named(PROJECT.graph, "linear")
QUESTION = FindExciting(node=LAYER, channel=3)
DRAWN = Subject(key="drawn", place=3)


def everything(sample: int) -> WatchLayers:
    return WatchLayers(
        nodes=tuple(PROJECT.graph.nodes),
        detail=LAYER,
        weights=LAYER,
        gradients=True,
        map=LAYER,
        sample=sample,
    )


class Story(Listener):
    """Goes through a run in chapters.

    It is looked into from beside, held, and looked into again; a person asks out of turn; the
    process beside dies.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.chapters: list[list[TrainingEvent]] = [[]]
        config = TrainingConfig(
            run_folder=str(folder), threads=1, device="cpu", second_process=True
        )
        self.trainer = Trainer(PROJECT, config, self, self.requests)

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        self.chapters[-1].append(event)
        match len(self.chapters), event:
            case 1, WatchCost(here=""):
                self._turn(QUESTION)
            case 2, ExcitingFound():
                self._turn(PauseRun())
            case 3, LayerMapped() if RunPaused in map(type, self.chapters[-1]):
                self._turn(everything(sample=5), QUESTION)
            case 4, ExcitingFound():
                self._turn(ResumeRun())
            case 5, WatchCost() if LayerMapped in map(type, self.chapters[-1]):
                self._turn()
                self.trainer.hasten(WatchLayers(nodes=(LAYER,), subject=DRAWN))
            case 6, ProbeTaken(subject=DRAWN.key):
                self._kill_onlooker()
                self._turn()
            case 7, WatchCost(here="starting"):
                self._turn(StopRun())
            case _:
                pass

    def _turn(self, *requests: TrainerRequest) -> None:
        self.chapters.append([])
        for request in requests:
            self.requests.put(request)

    def _kill_onlooker(self) -> None:
        assert self.trainer._watcher is not None and self.trainer._watcher._onlooker is not None
        psutil.Process(self.trainer._watcher._onlooker.pid).kill()


@pytest.fixture(autouse=True)
def a_free_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.beside.onlooker.usable_cores", lambda: torch.get_num_threads() + 1)


def test_a_run_looked_into_from_beside_learns_what_it_learns_alone(tmp_path: Path) -> None:
    story = Story(tmp_path / "run")
    story.requests.put(everything(sample=2))

    ended = story.trainer.run()

    _, beside, _, held, again, hastened, *_ = story.chapters
    assert ended.outcome == "stopped" and isinstance(story.events[-1], RunEnded)
    assert not any(isinstance(event, RunPaused) for event in beside), "training was not held"
    assert {ProbeTaken, WeightsTaken, GradientsTaken, LayerMapped} <= {*map(type, again)}
    for chapter in (held, again):
        samples = {event.sample for event in chapter if isinstance(event, ProbeTaken)}
        assert samples == {5}
    steps = [event.step for event in again if isinstance(event, ProbeTaken)]
    assert steps == sorted(steps)
    drawn = [each for each in hastened if isinstance(each, ProbeTaken) and each.subject]
    assert [layer.node for layer in drawn[0].layers] == [LAYER]
    told = train_again(tmp_path / "run", lambda event: None)
    assert told.differs_at is None and not told.tensor and told.steps == ended.step
