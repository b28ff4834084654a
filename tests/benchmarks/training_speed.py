"""What training through the engine costs beside loops written by hand.

Prints one JSON object for each model: microseconds per step and the ratios of the engine, with and
without somebody looking into every layer, to a hand-written loop over tensors in memory and to the
usual loop over a DataLoader. The loops take turns; a ratio is the median of those within each
round. On one thread the time is that of the processor, which other programs disturb less; with a
GPU it is the time until the GPU is done.

    python tests/benchmarks/training_speed.py [--rounds 40] [--seconds 0.06] [--threads 1]
        [--device cpu|cuda]
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from builders import a_plain_network, a_project, a_residual_cnn, a_small_cnn, node_named  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from engine.compile.module import compile_project  # noqa: E402
from engine.graph.edits import set_params  # noqa: E402
from engine.graph.elements import Graph  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.training.config import TrainingConfig  # noqa: E402
from engine.training.events import (  # noqa: E402
    ProbeTaken,
    RunPaused,
    StepEnded,
    TrainingEvent,
)
from engine.training.material import gather  # noqa: E402
from engine.training.requests import (  # noqa: E402
    PauseRun,
    ResumeRun,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.trainer import Trainer  # noqa: E402

MODELS: Mapping[str, Callable[[], Graph]] = {
    "mlp": lambda: a_plain_network(hidden=256),
    "small cnn": a_small_cnn,
    "residual cnn": a_residual_cnn,
}
BATCH = 64
ROUNDS = 40
SECONDS = 0.06
WARM_SECONDS = 6.0


def main() -> None:
    """Measure every model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each loop in each round")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models:
        project = a_project(without_validation(MODELS[name]()), epochs=100_000)
        found = measure(project, arguments)
        print(json.dumps({"benchmark": "training_speed", "model": name, **found}), flush=True)


def measure(project: Project, arguments: argparse.Namespace) -> dict[str, object]:
    """Time the loops in turn, without and with somebody looking."""
    unwatched = take_turns(project, arguments, watched=False)
    watched = take_turns(project, arguments, watched=True)
    return {
        "device": arguments.device,
        "threads": arguments.threads,
        "us_per_step": {
            "engine_watched": microseconds(watched.engine),
            "engine": microseconds(unwatched.engine),
            "by_hand": microseconds([*watched.by_hand, *unwatched.by_hand]),
            "data_loader": microseconds([*watched.with_loader, *unwatched.with_loader]),
        },
        "engine_watched_to_by_hand": ratio(watched.engine, watched.by_hand),
        "engine_to_by_hand": ratio(unwatched.engine, unwatched.by_hand),
        "engine_watched_to_data_loader": ratio(watched.engine, watched.with_loader),
        "probes_per_second": round(watched.probes_per_second, 1),
    }


def take_turns(project: Project, arguments: argparse.Namespace, *, watched: bool) -> "Turns":
    """Train with the engine, and in its pauses with the other loops."""
    turns = Turns(project, arguments, watched=watched)
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(
            run_folder=folder,
            threads=arguments.threads,
            device=arguments.device,
            # As the window asks for it.
            second_process=True,
        )
        Trainer(project, config, turns, turns.requests).run()
    return turns


class Turns:
    """Listens to the engine: every so often it pauses, and the other loops have their turn.

    They make as many steps as the engine made, and what a pause itself costs is not timed.
    """

    def __init__(self, project: Project, arguments: argparse.Namespace, *, watched: bool) -> None:
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self.engine: list[float] = []
        self.by_hand: list[float] = []
        self.with_loader: list[float] = []
        self.probes_per_second = 0.0
        fields = samples_of(project)
        device = torch.device(arguments.device)
        self._hand = by_hand(project, fields, device)
        self._loader = with_loader(project, fields, device)
        self._clock = clock(device, arguments.threads)
        self._seconds, self._rounds = arguments.seconds, arguments.rounds
        self._probes = self._spent = 0.0
        self._step = self._first_step = 0
        self._warm_at = time.perf_counter() + (WARM_SECONDS if watched else 0.0)
        nodes = tuple(project.graph.nodes)
        if watched:
            self.requests.put(WatchLayers(nodes=nodes, detail=nodes[1]))
        self._began = self._ended = self._clock()

    def __call__(self, event: TrainingEvent) -> None:
        match event:
            case ProbeTaken():
                self._probes += 1
            case StepEnded():
                self._ended, self._step = self._clock(), event.step
                if self._ended - self._began > self._seconds:
                    self.requests.put(PauseRun())
            case RunPaused():
                self._turn_ended()
            case _:
                pass

    def _turn_ended(self) -> None:
        steps = self._step - self._first_step
        # The first turn is for warming up, and more until a process looks in from beside.
        if self._first_step and time.perf_counter() > self._warm_at:
            self.engine.append((self._ended - self._began) / steps)
            self.by_hand.append(self._timed(self._hand, steps))
            self.with_loader.append(self._timed(self._loader, steps))
            self._spent += self._ended - self._began
        else:
            self._timed(self._hand, steps)
            self._timed(self._loader, steps)
            self._probes = 0
        if len(self.engine) == self._rounds:
            self.probes_per_second = self._probes / self._spent
            self.requests.put(StopRun())
        self.requests.put(ResumeRun())
        self._first_step, self._began = self._step, self._clock()

    def _timed(self, loop: Iterator[None], steps: int) -> float:
        began = self._clock()
        for _ in range(steps):
            next(loop)
        return (self._clock() - began) / steps


def clock(device: torch.device, threads: int) -> Callable[[], float]:
    """Return what time is told by, in seconds."""
    if device.type == "cpu":
        return time.process_time if threads == 1 else time.perf_counter

    def when_done() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return when_done


def by_hand(project: Project, fields: Mapping[str, Tensor], device: torch.device) -> Iterator[None]:
    """Take a step of the shortest loop over tensors in memory each time."""
    model = compile_project(project).module.to(device)
    images, labels = fields["image"].to(device), fields["label"].to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    while True:
        for chosen in torch.split(torch.randperm(len(images)).to(device), BATCH):
            loss = functional.cross_entropy(model(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            yield


def with_loader(
    project: Project, fields: Mapping[str, Tensor], device: torch.device
) -> Iterator[None]:
    """Take a step of the loop that tutorials teach each time."""
    model = compile_project(project).module.to(device)
    samples = TensorDataset(fields["image"], fields["label"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    total = 0.0
    while True:
        for images, labels in DataLoader(samples, batch_size=BATCH, shuffle=True):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images.to(device)), labels.to(device))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item()
            yield


def without_validation(graph: Graph) -> Graph:
    """Leave out what the loops written by hand do not do."""
    return set_params(graph, node_named(graph, "data"), {"validation_share": 0.0})


def samples_of(project: Project) -> Mapping[str, Tensor]:
    """Return the training data as tensors."""
    feed = gather(compile_project(project).plan, torch.device("cpu"), 0).training
    return next(feed.batches(np.arange(feed.samples), feed.samples))


def microseconds(seconds: list[float]) -> float:
    """Return the median."""
    return round(median(seconds) * 1e6, 1)


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios within each round: both met the same noise."""
    return round(median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


if __name__ == "__main__":
    main()
