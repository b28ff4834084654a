"""What training through the engine costs beside loops written by hand.

Prints one JSON object for each model: microseconds per step and the ratios of the engine, with and
without somebody looking into every layer, to a hand-written loop over tensors in memory and to the
usual loop over a DataLoader. The loops take turns; a ratio is the median of those within each
round. On one thread the time is that of the processor, which other programs disturb less.

    python tests/benchmarks/training_speed.py [--rounds 9] [--seconds 0.7] [--threads 1]
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from builders import a_plain_network, a_project, a_residual_cnn, a_small_cnn, node_named  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from engine.compile.module import CompiledModel, compile_project  # noqa: E402
from engine.graph.edits import set_params  # noqa: E402
from engine.graph.elements import Graph  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.training.config import TrainingConfig  # noqa: E402
from engine.training.events import (  # noqa: E402
    ProbeTaken,
    RunPaused,
    StepEnded,
    StepOnce,
    StopRun,
    TrainerRequest,
    TrainingEvent,
    WatchLayers,
)
from engine.training.material import gather  # noqa: E402
from engine.training.trainer import Trainer  # noqa: E402

MODELS: Mapping[str, Callable[[], Graph]] = {
    "mlp": lambda: a_plain_network(hidden=256),
    "small cnn": a_small_cnn,
    "residual cnn": a_residual_cnn,
}
BATCH = 64


def main() -> None:
    """Measure every model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.7, help="of each loop in each round")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models:
        found = measure(
            a_project(without_validation(MODELS[name]()), epochs=1000),
            arguments.rounds,
            arguments.seconds,
            arguments.threads,
        )
        print(json.dumps({"benchmark": "training_speed", "model": name, **found}), flush=True)


def without_validation(graph: Graph) -> Graph:
    """Leave out what the loops written by hand do not do."""
    return set_params(graph, node_named(graph, "data"), {"validation_share": 0.0})


def measure(project: Project, rounds: int, seconds: float, threads: int) -> dict[str, object]:
    """Time the three loops in turn."""
    steps = max(20, round(seconds / by_hand(project, 20, threads)))
    times: dict[str, list[float]] = {
        "by_hand": [],
        "engine": [],
        "data_loader": [],
        "unwatched": [],
    }
    rates = []
    for _ in range(rounds):
        times["by_hand"].append(by_hand(project, steps, threads))
        spent, rate = engine(project, steps, threads, watched=True)
        times["engine"].append(spent)
        rates.append(rate)
        times["unwatched"].append(engine(project, steps, threads, watched=False)[0])
        times["data_loader"].append(with_data_loader(project, steps, threads))
    middle = {loop: median(found) for loop, found in times.items()}
    return {
        "threads": threads,
        "steps": steps,
        "us_per_step": {loop: round(found * 1e6, 1) for loop, found in middle.items()},
        "engine_to_by_hand": ratio(times["engine"], times["by_hand"]),
        "engine_unwatched_to_by_hand": ratio(times["unwatched"], times["by_hand"]),
        "engine_to_data_loader": ratio(times["engine"], times["data_loader"]),
        "probes_per_second": round(median(rates), 1),
    }


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios within each round: both met the same noise."""
    return round(median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


def clock(threads: int) -> float:
    """Return seconds: of the processor for one thread, on the wall for several."""
    return time.process_time() if threads == 1 else time.perf_counter()


def by_hand(project: Project, steps: int, threads: int) -> float:
    """Return the seconds per step of the shortest loop over tensors in memory."""
    compiled, fields = prepared(project)
    images, labels = fields["image"], fields["label"]
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=1e-3, fused=True)
    torch.set_num_threads(threads)
    done = 0
    began = clock(threads)
    while True:
        for chosen in torch.split(torch.randperm(len(images)), BATCH):
            loss = torch.nn.functional.cross_entropy(
                compiled.module(images[chosen]), labels[chosen]
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            done += 1
            if done == steps:
                return (clock(threads) - began) / steps


def with_data_loader(project: Project, steps: int, threads: int) -> float:
    """Return the seconds per step of the loop that tutorials teach."""
    compiled, fields = prepared(project)
    loader = DataLoader(
        TensorDataset(fields["image"], fields["label"]), batch_size=BATCH, shuffle=True
    )
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=1e-3)
    torch.set_num_threads(threads)
    done, total = 0, 0.0
    began = clock(threads)
    while True:
        for images, labels in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(compiled.module(images), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item()
            done += 1
            if done == steps:
                return (clock(threads) - began) / steps


def engine(project: Project, steps: int, threads: int, *, watched: bool) -> tuple[float, float]:
    """Return the seconds per step of the engine, and the probes per second."""
    listener = _Listener(project, steps, threads, watched=watched)
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(run_folder=folder, threads=threads, device="cpu")
        Trainer(project, config, listener, listener.requests).run()
    gc.collect()
    seconds = listener.ended - listener.began
    return seconds / (steps - 1), listener.probes / seconds


class _Listener:
    """Asks for the steps, looks at every layer and into one, and takes the time."""

    def __init__(self, project: Project, steps: int, threads: int, *, watched: bool) -> None:
        self._threads = threads
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        nodes = tuple(project.graph.nodes)
        if watched:
            self.requests.put(WatchLayers(nodes=nodes, detail=nodes[1]))
        self.requests.put(StepOnce(count=steps))
        self.began = 0.0
        self.ended = 0.0
        self.probes = 0

    def __call__(self, event: TrainingEvent) -> None:
        match event:
            case StepEnded():
                # The first step is told at once: the clock starts behind it.
                self.began = self.began or clock(self._threads)
                self.ended = clock(self._threads)
            case ProbeTaken():
                self.probes += 1
            case RunPaused():
                self.requests.put(StopRun())
            case _:
                pass


def prepared(project: Project) -> tuple[CompiledModel, Mapping[str, Tensor]]:
    """Return the model and its training data as tensors."""
    torch.manual_seed(0)
    compiled = compile_project(project)
    material = gather(compiled.plan, torch.device("cpu"), 0)
    everything = next(
        material.training.batches(np.arange(material.training.samples), material.training.samples)
    )
    return compiled, everything


if __name__ == "__main__":
    main()
