"""Interrupt every built-in project in the middle of an epoch, twice: ``resumes.py [KEY ...]``.

Each is trained on part of its samples without interruption, and once more in three processes: the
first is stopped, the second killed some steps after it saved, the third trains to the end. Both
must be equal to the last bit. Not for Windows.

    python tests/benchmarks/endurance/resumes.py [--samples 400] [KEY ...]
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]

import msgspec  # noqa: E402
import torch  # noqa: E402
from runs import begin, differences  # noqa: E402

from engine.analysis.shapes import infer_shapes  # noqa: E402
from engine.data.builtin import open_data_set  # noqa: E402
from engine.graph.edits import set_params  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.project.templates import open_template, templates  # noqa: E402
from engine.training.checkpoints import load_checkpoint  # noqa: E402
from engine.training.events import (  # noqa: E402
    RunPaused,
    RunStarted,
    TrainingEvent,
)
from engine.training.requests import (  # noqa: E402
    PauseRun,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
)
from nodes.io import Data  # noqa: E402


def main() -> int:
    """Interrupt, go on, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*")
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    chance = random.Random(options.seed)
    failures = 0
    for template in templates():
        if options.keys and template.key not in options.keys:
            continue
        began = time.process_time()
        key, samples = template.key, options.samples
        said = interrupted(lambda: few(open_template(key), samples), chance)  # noqa: B023
        failures += "identical" not in said
        print(f"{template.key:18} {time.process_time() - began:6.1f} s  {said}", flush=True)
    return 1 if failures else 0


def few(project: Project, samples: int) -> Project:
    """Return a project that learns from about so many samples, for three epochs."""
    (node,) = (node for node in project.graph.nodes.values() if node.kind == "Data")
    layer = infer_shapes(project.graph).nodes[node.id].layer
    assert isinstance(layer, Data)
    share = 1 - samples / open_data_set(layer.dataset).spec.samples - 0.05
    params = {"validation_share": 0.05, "test_share": min(max(round(share, 3), 0.05), 0.9)}
    recipe = msgspec.structs.replace(project.recipe, epochs=3, steps=0)
    graph = set_params(project.graph, node.id, params)
    return msgspec.structs.replace(project, graph=graph, recipe=recipe)


def interrupted(project: Callable[[], Project], chance: random.Random) -> str:
    """Say whether a project that was stopped and killed came to the same end."""
    with tempfile.TemporaryDirectory() as name:
        whole, parts = Path(name) / "whole", Path(name) / "parts"
        (told,) = begin(project, whole, _tell_start).wait()
        started = msgspec.json.decode(told, type=RunStarted)
        first, second, lost = _moments(started, chance)
        begin(project, parts, _Stops(first)).wait()
        begin(project, parts, _Dies(second - first, lost), resume=True).wait()
        saved = load_checkpoint(parts / "checkpoints", "last")
        at = saved.state.place.step if saved else 0
        begin(project, parts, lambda event, requests: None, resume=True).wait()
        found = differences(whole, parts)
        if at != second:
            found.append(f"the kill left a checkpoint of step {at}, not {second}")
        where = (
            f"stopped at {first}, killed at {second + lost} with step {second} saved, "
            f"of {started.steps} ({started.steps_per_epoch} an epoch)"
        )
        return f"{'; '.join(found) or 'identical'}: {where}"


def _moments(started: RunStarted, chance: random.Random) -> tuple[int, int, int]:
    """Return a step to stop at, one to save at and how many are lost then; all within epochs."""
    each = started.steps_per_epoch
    within = range(1, max(each, 2))
    first = chance.choice(within)
    second = each + chance.choice(within)
    lost = chance.randint(1, max(1, min(3, started.steps - second - 1)))
    return first, second, lost


def _tell_start(event: TrainingEvent, requests: SimpleQueue[TrainerRequest]) -> bytes | None:
    return msgspec.json.encode(event) if isinstance(event, RunStarted) else None


class _Stops:
    """Asks to stop after some steps."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def __call__(self, event: TrainingEvent, requests: SimpleQueue[TrainerRequest]) -> None:
        if isinstance(event, RunStarted):
            requests.put(StepOnce(count=self._steps))
        if isinstance(event, RunPaused):
            requests.put(StopRun())


class _Dies:
    """Saves after some steps, makes a few more, and is killed before it can save them."""

    def __init__(self, steps: int, lost: int) -> None:
        self._asked: list[list[TrainerRequest]] = [
            [StepOnce(count=steps)],
            [ResumeRun(), PauseRun()],
            [StepOnce(count=lost)],
        ]

    def __call__(self, event: TrainingEvent, requests: SimpleQueue[TrainerRequest]) -> None:
        if not isinstance(event, RunStarted | RunPaused):
            return
        if not self._asked:
            os.kill(os.getpid(), 9)
        for request in self._asked.pop(0):
            requests.put(request)


if __name__ == "__main__":
    raise SystemExit(main())
