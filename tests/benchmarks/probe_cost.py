"""What looking into layers costs: training with the governed probe beside training without it.

Both train the same model on the same batches in one process, in alternating blocks; the figures
are medians over the rounds, in processor time on one thread. Prints one JSON object a model.
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from small_runs import Drawing, a_small_cnn, compiled
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.probes.capture import Prober
from engine.project.project import Project
from engine.training.events import ProbeTaken, TrainingEvent
from engine.training.insight import Subject
from engine.training.material import gather
from engine.training.requests import WatchLayers
from engine.training.watching import Watcher

ROUNDS = 41
SECONDS = 0.3
SHARE = 0.02
SAMPLES = 8


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


def batches(size: int, count: int) -> list[dict[str, Tensor]]:
    """Return random digits; what they show does not change what they cost."""
    generator = torch.Generator().manual_seed(0)
    return [
        {
            "image": torch.rand(size, 1, 28, 28, generator=generator),
            "label": torch.randint(0, 10, (size,), generator=generator),
        }
        for _ in range(count)
    ]


def train(
    model: CompiledModel,
    optimizer: torch.optim.Optimizer,
    data: list[dict[str, Tensor]],
    after_step: Callable[[int, float], None],
    steps: int,
) -> float:
    """Return the processor seconds of some steps."""
    began = time.process_time()
    for step in range(steps):
        batch = data[step % len(data)]
        optimizer.zero_grad()
        model.loss(model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        after_step(step, 0.0)
    return time.process_time() - began


def everything(nodes: tuple[str, ...], layer: str) -> WatchLayers:
    """Return a request that has every panel open at once."""
    return WatchLayers(
        nodes=nodes,
        detail=layer,
        subject=Subject(key="drawing", pixels=bytes(784)),
        why="occlusion",
        weights=layer,
        gradients=True,
        map=layer,
    )


def measure(project: Project, *, whole: bool) -> Mapping[str, Any]:
    """Compare blocks of steps with and without the probe; ``whole`` has every panel open."""
    model = compiled(project)
    model.module.train()
    optimizer = torch.optim.Adam(model.module.parameters(), fused=True)
    data, taken = batches(64, 20), [0]
    probe, names = batches(SAMPLES, 1)[0], [str(k) for k in range(10)]
    prober = Prober(model, probe, names)
    nodes = tuple(step.node for step in model.plan.steps)
    looks = everything(nodes, nodes[0]) if whole else WatchLayers(nodes=nodes, detail=nodes[0])

    def count(event: TrainingEvent) -> None:
        taken[0] += isinstance(event, ProbeTaken)

    material = gather(model.plan, torch.device("cpu"), seed=0)
    watcher = Watcher(model, replace(material, probe=probe), SHARE, count)
    watcher.watch(looks)
    steps = max(1, round(SECONDS / train(model, optimizer, data, _nothing, 50) * 50))
    ratios, seconds, wall = [], 0.0, 0.0
    for turn in range(ROUNDS):
        times = {}
        for probed in (turn % 2 == 0, turn % 2 == 1):
            watcher.go_on()
            after = watcher.after_step if probed else _nothing
            began = time.perf_counter()
            times[probed] = train(model, optimizer, data, after, steps)
            wall += time.perf_counter() - began if probed else 0.0
        ratios.append(times[True] / times[False])
        seconds += times[True]
    quarters = statistics.quantiles(ratios, n=4)
    return {
        "benchmark": "probe_cost",
        "model": project.name,
        "every_panel": whole,
        "share_allowed": SHARE * (1.5 if whole else 1),
        "share_accounted": round(watcher.seconds / wall, 4),
        "ratio": round(statistics.median(ratios), 4),
        "ratio_quartiles": [round(quarters[0], 4), round(quarters[2], 4)],
        "probes_per_second": round(taken[0] / seconds, 1),
        "preview_us": _one(prober, WatchLayers(nodes=nodes)),
        "detail_us": _one(prober, WatchLayers(nodes=nodes, detail=nodes[0])),
        "step_us": round(seconds / ROUNDS / steps * 1e6),
    }


def _one(prober: Prober, watch: WatchLayers) -> int:
    times = []
    for _ in range(60):
        began = time.process_time()
        prober.take(watch, 0, 0, {})
        times.append(time.process_time() - began)
    return round(statistics.median(times) * 1e6)


def _nothing(step: int, epoch: float) -> None:
    del step, epoch


def main() -> None:
    """Print the figures of each model."""
    torch.set_num_threads(1)
    for project in (an_mlp(), a_small_cnn("CNN")):
        for whole in (False, True):
            print(json.dumps(measure(project, whole=whole)), flush=True)


if __name__ == "__main__":
    main()
