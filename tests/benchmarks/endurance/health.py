"""Train the built-in projects to their end and print what the checkup says of them.

Nothing is wrong with any of them, so each note on a run's health is a false alarm. Architectures
have random samples, which can only be learned by heart: they are trained where they are named,
and for so many steps.

    python tests/benchmarks/endurance/health.py [--steps 40] [--batch 8] [KEY ...]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]

import msgspec  # noqa: E402
from runs import train  # noqa: E402

from engine.project.project import Project  # noqa: E402
from engine.project.templates import architectures, open_template, templates  # noqa: E402
from engine.training.events import HealthNoted, RunEnded, TrainingEvent  # noqa: E402

SAID = ("weights", "speed")
"""What is told of every such run, and is no complaint."""


def main() -> int:
    """Train one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--batch", type=int, default=0)
    options = parser.parse_args()
    limits = {"steps": options.steps, "batch_size": options.batch}
    alarms = 0
    for template in (*templates(), *architectures()) if options.keys else templates():
        if options.keys and template.key not in options.keys:
            continue
        began = time.process_time()
        events: list[TrainingEvent] = []
        with tempfile.TemporaryDirectory() as name:
            train(shortened(template.key, limits), Path(name) / "run", events.append)
        notes = [e for e in events if isinstance(e, HealthNoted) and e.code not in SAID]
        (ended,) = (e for e in events if isinstance(e, RunEnded))
        alarms += len(notes) + (ended.outcome != "finished")
        seconds = time.process_time() - began
        said = f"{ended.outcome}, {len(notes)} notes"
        print(f"{template.key:18} {seconds:6.1f} s  {said}", flush=True)
        for note in notes:
            print(f"    {note.code} in step {note.step}: {note.text}", flush=True)
    return 1 if alarms else 0


def shortened(key: str, limits: dict[str, int]) -> Project:
    """Return a built-in project that trains for so many steps, of so many samples."""
    project = open_template(key)
    given = {name: value for name, value in limits.items() if value}
    return msgspec.structs.replace(project, recipe=msgspec.structs.replace(project.recipe, **given))


if __name__ == "__main__":
    raise SystemExit(main())
