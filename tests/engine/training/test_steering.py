from pathlib import Path
from queue import SimpleQueue

from training_runs import Listener, a_network_with_memory

from engine.training.config import TrainingConfig
from engine.training.events import EpochEnded, ProbeTaken, TrainingEvent
from engine.training.requests import LetGo, TrainerRequest, WatchLayers
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


def test_a_run_that_was_let_go_of_is_looked_into_no_more(tmp_path: Path) -> None:
    leaving = Leaving()
    requests: SimpleQueue[TrainerRequest] = leaving.requests
    project = a_network_with_memory(epochs=12)
    requests.put(WatchLayers(nodes=tuple(project.graph.nodes)))
    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu", probe_share=0.1)

    Trainer(project, config, leaving, requests).run()

    assert leaving.told(ProbeTaken)
    assert leaving.looks_after == []
