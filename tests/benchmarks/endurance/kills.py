"""Kill runs of built-in projects at random moments, and look at what is left: ``kills.py``.

Each run is killed with signal 9 again and again and goes on each time: half of the kills come at
any moment of a life, half while something is being saved. After each kill all that was written must
be whole, and nothing that was said to be saved may be missing. In the end the run must be equal to
one that was never interrupted, to the last bit. With ``--fastest`` each run tries how to compute
its steps, and the one that is not interrupted computes as it ended up doing. Not for Windows.

    python tests/benchmarks/endurance/kills.py [--kills 200] [--seed 0] [--fastest] [KEY ...]
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]

import msgspec  # noqa: E402
import torch  # noqa: E402
from runs import Child, begin, differences, torn  # noqa: E402

from engine.project.project import Project  # noqa: E402
from engine.project.templates import open_template  # noqa: E402
from engine.runs.record import RunRecord  # noqa: E402
from engine.training.checkpoints import load_checkpoint  # noqa: E402
from engine.training.events import (  # noqa: E402
    CheckpointSaved,
    EpochEnded,
    RunEnded,
    RunFailed,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from engine.training.requests import TrainerRequest  # noqa: E402

RECIPES: dict[str, dict[str, Any]] = {
    "two-moons": {"epochs": 400, "averaging": 0.99, "accumulation": 2},
    "digits-mlp": {"epochs": 40, "schedule": "plateau", "drop_epochs": 2},
    "bank-credit": {"epochs": 150, "gradient_clip": 1.0},
    "vowels": {"epochs": 80},
    "sunspots": {"epochs": 120},
    "digits-gan": {"epochs": 4},
    "driving": {"epochs": 5},
    "digits": {"epochs": 6, "schedule": "cosine", "warm_up": 1.0},
}
"""Long enough for many lives, with all that a run has to remember."""

LONGEST = 3.0
"""Seconds that a run lives at most after its first step."""


@dataclass
class Report:
    """What came of the kills of one project."""

    project: str
    kills: int = 0
    while_saving: int = 0
    runs: int = 0
    """That came to their end."""

    most_steps_lost: int = 0
    most_seconds_lost: float = 0.0
    """Of training, from the last checkpoint to the kill."""

    longest_epoch: float = 0.0
    problems: list[str] = field(default_factory=list)


def main() -> int:
    """Kill, look, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*", default=list(RECIPES))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fastest", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    chance = random.Random(options.seed)
    share = -(-options.kills // len(options.keys))
    more = {"fastest": True} if options.fastest else {}
    reports = [_of_project(_project(key, more), key, share, chance) for key in options.keys]
    print(json.dumps({"kills": sum(report.kills for report in reports)}))
    return 1 if any(report.problems for report in reports) else 0


def _project(key: str, more: dict[str, Any]) -> Project:
    plain = open_template(key)
    recipe = msgspec.structs.replace(plain.recipe, **RECIPES.get(key, {}), **more)
    return msgspec.structs.replace(plain, recipe=recipe)


def _of_project(project: Project, key: str, kills: int, chance: random.Random) -> Report:
    report = Report(key)
    with tempfile.TemporaryDirectory() as name:
        while report.kills < kills:
            run = Path(name) / f"killed-{report.runs}"
            for found in _killed_until_done(project, run, kills, chance, report):
                report.problems.append(f"kill {report.kills}: {found}")
            report.runs += 1
            whole = _never_interrupted(project, run, Path(name))
            report.problems += [f"in the end: {what}" for what in differences(whole, run)]
    print(json.dumps(msgspec.to_builtins(report)), flush=True)
    return report


def _never_interrupted(project: Project, run: Path, folder: Path) -> Path:
    """Return the folder of a run that was left alone, with steps computed as those of ``run``."""
    ways = RunRecord.open(run).info.surroundings.ways(project.recipe)
    whole = folder / f"whole-{ways.precision}-{ways.channels_last}-{ways.compiled}"
    if not whole.exists():
        # In a process of its own: what it loads may start threads, and no fork outlives those.
        begin(project, whole, lambda event, requests: None, ways=ways).wait()
    return whole


def _killed_until_done(
    project: Project, run: Path, kills: int, chance: random.Random, report: Report
) -> Iterator[str]:
    """Let a run live again and again until it is done; yield what was wrong between two lives."""
    while True:
        child = begin(project, run, _tell, resume=run.exists())
        if report.kills < kills:
            _kill_some_time(child, run, chance, report)
        died = time.monotonic()
        heard = [json.loads(line) for line in child.wait()]
        report.longest_epoch = max([report.longest_epoch, *(each["epoch"] for each in heard)])
        if failed := [each["failed"] for each in heard if each["failed"]]:
            yield f"failed: {failed[0]}"
            return
        if any(each["ended"] for each in heard):
            return
        report.kills += 1
        yield from _what_is_wrong(run, heard, died, report)


def _kill_some_time(child: Child, run: Path, chance: random.Random, report: Report) -> None:
    """Kill at any moment of a life, or while a checkpoint or a moment is being written."""
    if chance.random() < 0.8:
        child.has_begun(seconds=60.0)
    ends = time.monotonic() + chance.uniform(0, LONGEST)
    if chance.random() < 0.5:
        _wait_for_saving(child, run, ends + LONGEST)
        report.while_saving += 1
        time.sleep(chance.uniform(0, 0.02))
    else:
        time.sleep(max(0.0, ends - time.monotonic()))
    with suppress(ProcessLookupError):
        child.kill()


def _wait_for_saving(child: Child, run: Path, until: float) -> None:
    places = [run / "checkpoints" / ".tmp-last", run / "checkpoints" / ".tmp-best"]
    places.append(run / "moments" / ".tmp")
    while time.monotonic() < until and not any(place.exists() for place in places):
        time.sleep(0.0005)


def _what_is_wrong(
    run: Path, heard: list[dict[str, Any]], died: float, report: Report
) -> Iterator[str]:
    if not (run / "run.json").exists():
        if any(each["step"] for each in heard):
            yield "there is no run.json"
        return
    try:
        yield from torn(run)
        saved = load_checkpoint(run / "checkpoints", "last")
    # Whatever cannot be read is what this looks for.
    except Exception as error:  # noqa: BLE001
        yield f"{type(error).__name__}: {error}"
        return
    step = saved.state.place.step if saved else 0
    said = max((each["saved"] for each in heard), default=0)
    if step < said:
        yield f"the checkpoint of step {said} was saved, and there is that of {step}"
    reached = max((each["step"] for each in heard), default=step)
    report.most_steps_lost = max(report.most_steps_lost, reached - step)
    since = [each["time"] for each in heard if each["saved"] or each["began"]]
    if since:
        report.most_seconds_lost = max(report.most_seconds_lost, round(died - since[-1], 2))


_epoch_began = 0.0


def _tell(event: TrainingEvent, requests: SimpleQueue[TrainerRequest]) -> bytes | None:
    """Write down what a life came to, for after its end."""
    global _epoch_began
    now = time.monotonic()
    epoch = 0.0
    if isinstance(event, RunStarted):
        _epoch_began = now
    if isinstance(event, EpochEnded):
        epoch, _epoch_began = now - _epoch_began, now
    if not isinstance(
        event, RunStarted | StepEnded | EpochEnded | CheckpointSaved | RunFailed | RunEnded
    ):
        return None
    is_saved = isinstance(event, CheckpointSaved) and not event.best
    line = {
        "time": now,
        "began": isinstance(event, RunStarted),
        "step": event.step if isinstance(event, StepEnded) else 0,
        "epoch": round(epoch, 2),
        "saved": event.step if is_saved else 0,
        "failed": f"{event.title} {event.why} {event.details}"
        if isinstance(event, RunFailed)
        else "",
        "ended": isinstance(event, RunEnded),
    }
    return json.dumps(line).encode()


if __name__ == "__main__":
    raise SystemExit(main())
