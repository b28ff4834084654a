"""What a step costs through the engine, beside loops written by hand and other libraries.

The engine trains with everything that it always does: events, run folder, a look for numbers that
are none. Every so often it pauses, and each of the others trains the very same module for as many
steps, another one first in each round; the first few steps of each are not timed. What the engine
took before and after them is compared with what they took, so that a machine that grows slower or
faster meanwhile favours nobody. Prints a JSON object for each model: microseconds of processor time
a step, the median ratio of the engine to each of the others, and whether the bars hold.

    python tests/benchmarks/engine/compare.py
    python tests/benchmarks/engine/compare.py --peers FOLDER

The second has an environment of its own for Lightning, Keras, fastai and skorch, and makes it where
there is none; without it, those that this Python has take part.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
import warnings
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parents[2])]

import torch  # noqa: E402
from contenders import CONTENDERS, WARM, Contender, NotForThisError  # noqa: E402
from models import MODELS, Task, task  # noqa: E402

from engine.training.config import TrainingConfig  # noqa: E402
from engine.training.events import RunPaused, StepEnded, TrainingEvent  # noqa: E402
from engine.training.requests import (  # noqa: E402
    PauseRun,
    ResumeRun,
    StopRun,
    TrainerRequest,
)
from engine.training.trainer import Trainer  # noqa: E402

ROUNDS = 9
SECONDS = 0.25
LEAST_STEPS = 16
"""Of the engine in each round: where a step takes long, a few say little of the next ones."""

BARS = {
    "in memory": {"mlp 64": 1.05, "lenet 128": 1.02, "gpt 32": 1.02},
    "data loader": {"mlp 64": 0.8, "mlp 512": 0.9, "lenet 128": 1.0, "gpt 32": 1.0},
    "pil pipeline": {"mlp 64": 0.3},
    "lightning": {"mlp 64": 0.6},
    "fabric": {"mlp 64": 0.7},
    "keras": {"mlp 64": 0.45},
    "fastai": {"mlp 64": 0.7},
    "skorch": {"mlp 64": 0.7},
}
"""The most that the engine may take, as a share of what the other takes."""

AHEAD = 1.0
"""The bar of a library where there is no other."""

NEEDED = ("lightning==2.6.6", "keras==3.15.1", "skorch==1.4.0", "pandas", "matplotlib", "requests")
# fastai asks for torchvision and spacy, which what is measured here never imports.
ALONE = (
    "fastai==2.8.12",
    "fastcore==2.2.41",
    "fastdownload==0.0.8",
    "fastprogress==1.0.3",
    "fasttransform==0.0.5",
    "plum-dispatch==2.9.0",
    "beartype==0.23.1",
    "cloudpickle",
)


def main() -> None:
    """Measure every model."""
    asked = _arguments()
    if asked.peers and Path(sys.prefix).resolve() != asked.peers.resolve():
        _go_on_with(asked.peers)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for name in asked.models:
        print(json.dumps(compare(task(name), asked.rounds, asked.seconds)), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", type=Path, help="the folder of an environment for libraries")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="of the engine in each round, at least"
    )
    return parser.parse_args()


def _go_on_with(folder: Path) -> None:
    """Run this again with the Python that has the other libraries, and leave."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        _make(folder, python)
    raise SystemExit(subprocess.run([str(python), *sys.argv], check=False).returncode)


def _make(folder: Path, python: Path) -> None:
    """Make an environment that sees what is installed here, torch above all, and adds to it."""
    venv.create(folder, with_pip=True)
    seen = sysconfig.get_paths()["purelib"]
    inside = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(inside) / "layerloom.pth").write_text(seen)
    constraint = folder / "constraints.txt"
    constraint.write_text(f"torch=={torch.__version__}\n")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(constraint)]
    subprocess.run([*pip, *NEEDED], check=True)
    subprocess.run([*pip, "--no-deps", *ALONE], check=True)


def compare(chosen: Task, rounds: int, seconds: float) -> dict[str, object]:
    """Let the engine and all others train in turn."""
    others, skipped = _others(chosen)
    turns = Turns(others, rounds, seconds)
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(run_folder=folder, threads=1, device="cpu")
        Trainer(chosen.project, config, turns, turns.requests).run()
    ours = [(before + after) / 2 for before, after in pairwise(turns.engine)]
    ratios = {
        name: round(median(a / b for a, b in zip(ours, taken, strict=True)), 3)
        for name, taken in turns.taken.items()
    }
    bars = {name: _bar(name, chosen.name) for name in ratios}
    return {
        "benchmark": "engine",
        "model": chosen.name,
        "rounds": rounds,
        "us_per_step": {
            name: round(median(taken) * 1e6, 1)
            for name, taken in {"engine": turns.engine, **turns.taken}.items()
        },
        "engine_to": ratios,
        "bars": {name: bar for name, bar in bars.items() if bar is not None},
        "holds": all(bar is None or ratios[name] <= bar for name, bar in bars.items()),
        "skipped": {**skipped, **turns.failed},
    }


def _others(chosen: Task) -> tuple[dict[str, Contender], dict[str, str]]:
    others, skipped = {}, {}
    for name, made in CONTENDERS.items():
        try:
            others[name] = made(chosen, time.process_time)
        except ImportError as error:
            skipped[name] = f"{error.name or error} is not installed"
        except NotForThisError as error:
            skipped[name] = str(error)
    return others, skipped


def _bar(name: str, model: str) -> float | None:
    bars = BARS.get(name, {})
    if model in bars:
        return bars[model]
    is_library = name not in ("in memory", "data loader", "pil pipeline")
    return AHEAD if is_library else None


class Turns:
    """Listens to the engine: every so often it pauses, and the others have their turn."""

    def __init__(self, others: dict[str, Contender], rounds: int, seconds: float) -> None:
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self.engine: list[float] = []
        self.taken: dict[str, list[float]] = {name: [] for name in others}
        self.failed: dict[str, str] = {}
        self._others = others
        self._rounds, self._seconds = rounds, seconds
        self._step = self._first_step = 0
        self._began = self._ended = time.process_time()
        self._is_timed = True

    def __call__(self, event: TrainingEvent) -> None:
        match event:
            case StepEnded():
                self._ended, self._step = time.process_time(), event.step
                steps = self._step - self._first_step
                if not self._is_timed and steps >= WARM:
                    # As with the others: what they left in the caches is nobody's fault.
                    self._first_step, self._began, self._is_timed = self._step, self._ended, True
                elif self._ended - self._began > self._seconds and steps >= LEAST_STEPS:
                    self.requests.put(PauseRun())
            case RunPaused():
                self._turn_ended()
            case _:
                pass

    def _turn_ended(self) -> None:
        steps = self._step - self._first_step
        is_warm = self._first_step > 0
        if is_warm:
            self.engine.append((self._ended - self._began) / steps)
        if len(self.engine) > self._rounds:
            self.requests.put(StopRun())
            return
        others = list(self._others.items())
        first = len(self.engine) % max(len(others), 1)
        for name, train in [*others[first:], *others[:first]]:
            self._let(name, train, steps, is_warm=is_warm)
        self.requests.put(ResumeRun())
        self._first_step, self._began, self._is_timed = self._step, time.process_time(), False

    def _let(self, name: str, train: Contender, steps: int, *, is_warm: bool) -> None:
        try:
            taken = train(steps)
        # Another library may fail in any way; the others go on.
        except Exception as error:  # noqa: BLE001
            self.failed[name] = f"{type(error).__name__}: {error}"[:200]
            del self._others[name], self.taken[name]
            return
        if is_warm:
            self.taken[name].append(taken)


if __name__ == "__main__":
    main()
