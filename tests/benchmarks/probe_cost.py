"""What looking into layers costs, beside training that nobody looks into.

One model is trained in turns, a block of steps each: with nobody looking; with every block of the
drawing looked into by the process beside the trainer; with the same done by the trainer, within its
share; and for scale with what is usual elsewhere, every 100 steps: TensorBoard's histograms of all
weights, and histograms of all gradients as a W&B watch takes them. Of a block the seconds on the
clock count, and those of the processor in this process, which other programs disturb less. A ratio
is that to the block nobody looks into of the same round. Prints one JSON object a model.

    python tests/benchmarks/probe_cost.py [--rounds 21] [--seconds 0.5] [--models MLP ...]
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from small_runs import Drawing, compiled  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from engine.beside.onlooker import Onlooker  # noqa: E402
from engine.compile.module import CompiledModel  # noqa: E402
from engine.project.files import load  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.training.events import ProbeTaken, TrainingEvent  # noqa: E402
from engine.training.material import Material, gather  # noqa: E402
from engine.training.requests import WatchLayers  # noqa: E402
from engine.training.watching import Watcher  # noqa: E402

ROUNDS: Final = 21
SECONDS: Final = 0.5
SHARE: Final = 0.02
EVERY: Final = 100
START_SECONDS: Final = 120.0
TEMPLATES: Final = Path(__file__).parents[2] / "resources" / "templates"

AfterStep = Callable[[int], None]


def an_mlp() -> Project:
    """Return 784, 256, 128, 10: a network so fast that anything beside it shows."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "first", "flatten", out_features=256, activation="ReLU")
    drawing.put("Linear", "second", "first", out_features=128, activation="ReLU")
    drawing.put("Linear", "scores", "second", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project("MLP")


def a_template(name: str) -> Callable[[], Project]:
    """Return what opens one of the projects that come along."""
    return lambda: load(TEMPLATES / f"{name}.loom").project


MODELS: Final[Mapping[str, Callable[[], Project]]] = {
    "MLP": an_mlp,
    "residual CNN": a_template("digits"),
    "LSTM": a_template("letters-lstm"),
    "small GPT": a_template("letters-gpt"),
}


def main() -> None:
    """Print the figures of each model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each block")
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.models:
        contest = Contest(MODELS[name]())
        try:
            found = contest.run(arguments.rounds, arguments.seconds)
        finally:
            contest.close()
        print(json.dumps({"benchmark": "probe_cost", "model": name, **found}), flush=True)


class Training:
    """One model that goes on learning, a block of steps at a time."""

    def __init__(self, model: CompiledModel, material: Material, size: int) -> None:
        self._model = model
        self._optimizer = torch.optim.Adam(model.module.parameters(), lr=1e-4, fused=True)
        self._batches = _for_ever(material, size)
        self._step = 0
        model.module.train()

    def block(self, steps: int, after_step: AfterStep) -> tuple[float, float]:
        """Make some steps; return the seconds on the clock and those of the processor."""
        began, used = time.perf_counter(), time.process_time()
        for _ in range(steps):
            batch = next(self._batches)
            self._step += 1
            self._optimizer.zero_grad()
            self._model.loss(self._model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            after_step(self._step)
        return time.perf_counter() - began, time.process_time() - used


def _look_around(watcher: Watcher, step: int) -> None:
    if watcher.glances():
        watcher.after_step(step, 0.0)


class Contest:
    """The ways of looking into one model."""

    def __init__(self, project: Project) -> None:
        model = compiled(project)
        self._material = material = gather(model.plan, torch.device("cpu"), seed=0)
        self._training = Training(model, material, project.recipe.batch_size)
        self._refreshed: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        self._watched = WatchLayers(nodes=tuple(step.node for step in model.plan.steps))
        self._beside, self._here = self._watcher(model, "beside"), self._watcher(model, "here")
        self._onlooker = Onlooker("")
        self._beside.look_from_beside(self._onlooker, project)
        weights = list(model.module.parameters())
        self._ways: Mapping[str, AfterStep] = {
            "nobody": lambda step: None,
            "beside": lambda step: _look_around(self._beside, step),
            "here": lambda step: _look_around(self._here, step),
            "add_histogram": lambda step: add_histograms(weights, step),
            "wandb_watch": lambda step: watch_gradients(weights, step),
        }

    def run(self, rounds: int, seconds: float) -> Mapping[str, Any]:
        """Let all take their turns."""
        self._warm_up()
        wall, _ = self._training.block(20, self._ways["nobody"])
        steps = max(2, round(seconds / wall * 20))
        ratios: dict[str, list[tuple[float, float]]] = {name: [] for name in self._ways}
        self._refreshed.clear()
        for turn in range(rounds):
            order = list(self._ways)
            order = order[turn % len(order) :] + order[: turn % len(order)]
            times = {name: self._block(name, steps) for name in order}
            for name, (wall, used) in times.items():
                ratios[name].append((wall / times["nobody"][0], used / times["nobody"][1]))
        return {
            "who_looks": self._onlooker.here or "beside",
            "rounds": rounds,
            "step_us": round(self._seconds["nobody"] / rounds / steps * 1e6),
            "refreshed_per_second": {
                name: round(self._refreshed[name] / self._seconds[name], 1)
                for name in ("beside", "here")
            },
            **{name: _told(found) for name, found in ratios.items() if name != "nobody"},
        }

    def close(self) -> None:
        """End the other process."""
        self._beside.close()

    def _watcher(self, model: CompiledModel, name: str) -> Watcher:
        def count(event: TrainingEvent) -> None:
            self._refreshed[name] += isinstance(event, ProbeTaken)

        watcher = Watcher(model, self._material, SHARE, count)
        watcher.watch(self._watched)
        return watcher

    def _warm_up(self) -> None:
        """Train until the other process looks, or it is clear that it does not."""
        began = time.perf_counter()
        while self._onlooker.here == "starting" and time.perf_counter() - began < START_SECONDS:
            self._training.block(2, self._ways["beside"])
        for way in self._ways.values():
            self._training.block(EVERY + 1, way)

    def _block(self, name: str, steps: int) -> tuple[float, float]:
        self._beside.go_on()
        self._here.go_on()
        wall, used = self._training.block(steps, self._ways[name])
        self._seconds[name] += wall
        return wall, used


def add_histograms(weights: list[nn.Parameter], step: int) -> None:
    """Do what TensorBoard's ``add_histogram`` does before it writes: its bins are uneven."""
    if step % EVERY == 0:
        for weight in weights:
            np.histogram(weight.detach().cpu().numpy(), bins=_TENSORBOARD_BINS)


def watch_gradients(weights: list[nn.Parameter], step: int) -> None:
    """Do what ``wandb.watch`` does before it sends: 64 bins of each gradient."""
    if step % EVERY == 0:
        for weight in weights:
            if weight.grad is not None:
                flat = weight.grad.detach().flatten()
                low, high = float(flat.min()), float(flat.max())
                torch.histc(flat, bins=64, min=low, max=high).tolist()


def _tensorboard_bins() -> list[float]:
    """Return the 1,549 edges that TensorBoard uses where it is told of none."""
    edges, edge = [], 1e-12
    while edge < 1e20:
        edges.append(edge)
        edge *= 1.1
    return [-edge for edge in reversed(edges)] + [0.0, *edges]


_TENSORBOARD_BINS: Final = _tensorboard_bins()


def _for_ever(material: Material, size: int) -> Iterator[Mapping[str, Tensor]]:
    epoch = 0
    while True:
        order = material.training.order(seed=0, epoch=epoch)
        usable = len(order) - len(order) % size or len(order)
        yield from material.training.batches(order[:usable], size)
        epoch += 1


def _told(found: list[tuple[float, float]]) -> Mapping[str, Any]:
    clock, used = ([pair[place] for pair in found] for place in (0, 1))
    quarters = statistics.quantiles(clock, n=4)
    return {
        "ratio": round(statistics.median(clock), 4),
        "ratio_quartiles": [round(quarters[0], 4), round(quarters[2], 4)],
        "processor_ratio": round(statistics.median(used), 4),
    }


if __name__ == "__main__":
    main()
