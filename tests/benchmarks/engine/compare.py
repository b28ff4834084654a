"""What a step costs through the engine, beside loops written by hand and other libraries.

The engine trains with everything that it always does: events, run folder, a look for numbers that
are none. Again and again it pauses, and one of the others trains the very same module for as many
steps; the first few steps of each turn are not timed. In a round the engine and each of the others
have several short turns, one right after the other: a shared machine may take half as long again
for a step as it took a second ago, and so does for both. Prints a JSON object for each model:
microseconds of processor time a step, the median over all rounds of the ratio of the engine to each
of the others, its quartiles, and whether the bars hold.

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
from collections.abc import Iterable
from pathlib import Path
from queue import SimpleQueue
from statistics import mean, median, quantiles

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
TURNS = 5
"""Of the engine and of one of the others, in each round; fewer where they take long."""
ROUND_SECONDS = 1.0
"""Once the engine trained so long in a round, the round is over."""
SECONDS = 0.05
"""Of the engine in a turn, at least; short beside what makes a shared machine slower or faster."""
LEAST_STEPS = 4
"""Of a turn, where a step takes long."""

BARS = {
    "in memory": {"mlp 64": 1.05, "lenet 128": 1.02, "gpt 32": 1.02},
    "data loader": {"mlp 64": 0.8, "mlp 512": 0.9, "lenet 128": 1.0, "gpt 32": 1.0},
    "pil pipeline": {"mlp 64": 0.3},
    "lightning": {"mlp 64": 0.6},
    "lightning default": {"mlp 64": 0.45},
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
        "--seconds", type=float, default=SECONDS, help="of the engine in each turn, at least"
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
    ratios = {name: [ours / theirs for ours, theirs in it] for name, it in turns.rounds.items()}
    medians = {name: round(median(each), 3) for name, each in ratios.items()}
    bars = {name: _bar(name, chosen.name) for name in medians}
    return {
        "benchmark": "engine",
        "model": chosen.name,
        "rounds": rounds,
        "us_per_step": {
            "engine": _microseconds(ours for it in turns.rounds.values() for ours, _ in it),
            **{name: _microseconds(taken for _, taken in it) for name, it in turns.rounds.items()},
        },
        "engine_to": medians,
        "quartiles": {name: _quartiles(each) for name, each in ratios.items()},
        "bars": {name: bar for name, bar in bars.items() if bar is not None},
        "holds": all(bar is None or medians[name] <= bar for name, bar in bars.items()),
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


def _microseconds(seconds: Iterable[float]) -> float:
    return round(median(seconds) * 1e6, 1)


def _quartiles(ratios: list[float]) -> list[float]:
    first, _, third = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return [round(first, 3), round(third, 3)]


def _bar(name: str, model: str) -> float | None:
    bars = BARS.get(name, {})
    if model in bars:
        return bars[model]
    is_library = name not in ("in memory", "data loader", "pil pipeline")
    return AHEAD if is_library else None


class Turns:
    """Listens to the engine: again and again it pauses, and one of the others has its turn.

    Attributes:
        rounds: For each of the others, seconds a step of the engine and of it, a pair a round.
    """

    def __init__(self, others: dict[str, Contender], rounds: int, seconds: float) -> None:
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self.rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in others}
        self.failed: dict[str, str] = {}
        self._others = others
        self._seconds = seconds
        # Of the round before the first nothing is kept.
        self._to_come = [name for _ in range(rounds + 1) for name in others]
        self._pairs: list[tuple[float, float]] = []
        self._seconds_in_round = 0.0
        self._warm: set[str] = set()
        self._step = self._first_step = 0
        self._began = self._ended = time.process_time()
        self._is_timed = False

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
        ours = (self._ended - self._began) / steps
        self._let(self._to_come[0], ours, steps)
        while self._to_come and self._to_come[0] in self.failed:
            del self._to_come[0]
        self.requests.put(ResumeRun() if self._to_come else StopRun())
        self._first_step, self._began, self._is_timed = self._step, time.process_time(), False

    def _let(self, name: str, ours: float, steps: int) -> None:
        """Let one of the others make as many steps as the engine made."""
        try:
            self._pairs.append((ours, self._others[name](steps)))
        # Another library may fail in any way; the others go on.
        except Exception as error:  # noqa: BLE001
            self.failed[name] = f"{type(error).__name__}: {error}"[:200]
            del self.rounds[name]
            self._begin_round()
            return
        self._seconds_in_round += ours * steps
        if len(self._pairs) == TURNS or self._seconds_in_round > ROUND_SECONDS:
            if name in self._warm:
                of_engine, of_other = zip(*self._pairs, strict=True)
                self.rounds[name].append((mean(of_engine), mean(of_other)))
            self._warm.add(name)
            self._begin_round()
            del self._to_come[0]

    def _begin_round(self) -> None:
        self._pairs.clear()
        self._seconds_in_round = 0.0


if __name__ == "__main__":
    main()
