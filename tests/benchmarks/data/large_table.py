"""What it takes to train on a table of ten million rows that the benchmark makes itself.

A process of its own opens the table and trains a small network on every training row once. Prints
a JSON object: rows a second from the first step to the last, seconds until the first step, and the
most memory that the process ever had, which has to stay below 2 GB.

    python tests/benchmarks/data/large_table.py [--rows 10000000] [--streamed]
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402

ROWS = 10_000_000
NUMBERS = 8
BATCH = 1024
LIMIT_MB = 2000


def main() -> None:
    """Make the table, train on it, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--streamed", action="store_true", help="keep no row in memory")
    asked = parser.parse_args()
    if asked.streamed:
        os.environ["LAYERLOOM_MEMORY"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        _in_a_process(make, file, asked.rows)
        found = _in_a_process(train, file, Path(folder) / "run")
    print(
        json.dumps(
            {
                "benchmark": "large table",
                "rows": asked.rows,
                "streamed": asked.streamed,
                **found,
                "resident_limit_mb": LIMIT_MB,
                "holds": found["resident_mb"] <= LIMIT_MB,
            }
        )
    )


def make(file: Path, rows: int) -> dict[str, float]:
    """Write numbers, a category, and an answer that depends on them."""
    import polars

    generator = np.random.default_rng(0)
    columns = {f"x{place}": generator.standard_normal(rows, np.float32) for place in range(NUMBERS)}
    kinds = generator.integers(0, 4, rows)
    score = columns["x0"] + columns["x1"] * columns["x2"] + (kinds == 0)
    frame = polars.DataFrame(columns).with_columns(
        polars.Series("kind", np.array(["red", "green", "blue", "grey"])[kinds]),
        polars.Series("late", np.where(score > 0.5, "yes", "no")),
    )
    frame.write_parquet(file)
    return {}


def train(file: Path, run: Path) -> dict[str, float]:
    """Train for one epoch, and say what it took."""
    from queue import SimpleQueue

    from engine.data.opening import open_data
    from engine.data.starting import data_params, starting_graph
    from engine.project.project import Project
    from engine.project.recipe import Recipe
    from engine.training.config import TrainingConfig
    from engine.training.events import EpochEnded, StepEnded, TrainingEvent
    from engine.training.trainer import Trainer
    from nodes.io import Data
    from nodes.sources import Column, Table

    began = time.perf_counter()
    columns = (
        *(Column(name=f"x{place}") for place in range(NUMBERS)),
        Column(name="kind", kind="category"),
        Column(name="late", kind="category", role="target"),
    )
    source = Table(path=str(file), columns=columns)
    data_set = open_data(Data(dataset="table", source=source))
    params = data_params("table", data_set.spec, source, "random")
    project = Project(
        name="Large table",
        graph=starting_graph(params, data_set.spec.fields),
        recipe=Recipe(epochs=1, batch_size=BATCH),
    )
    steps: list[tuple[float, int]] = []
    scores: list[float] = []

    def take(event: TrainingEvent) -> None:
        match event:
            case StepEnded():
                steps.append((time.perf_counter(), event.step))
            case EpochEnded():
                scores.append(event.validation_metric or 0.0)
            case _:
                pass

    config = TrainingConfig(run_folder=str(run), threads=1, device="cpu")
    Trainer(project, config, take, SimpleQueue()).run()
    (first, at_first), (last, at_last) = steps[0], steps[-1]
    return {
        "rows_per_second": round((at_last - at_first) * BATCH / (last - first)),
        "seconds_to_first_steps": round(first - began, 1),
        "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "validation_accuracy": round(scores[-1], 4),
    }


def _in_a_process(work: object, *arguments: object) -> dict[str, float]:
    """Do work in a process of its own, so that its memory is that of nothing else."""
    assert callable(work)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found: dict[str, float] = pool.apply(work, arguments)
    return found


if __name__ == "__main__":
    main()
