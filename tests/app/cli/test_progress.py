"""What the terminal says of a run."""

import io

from rich.console import Console

from app.cli.progress import TrainingProgress
from engine.training.events import RunEnded, RunStarted
from engine.training.waiting import PREPARING, Underway


def test_a_run_that_is_stopped_while_it_reads_its_data_promises_no_checkpoint() -> None:
    console = Console(file=io.StringIO(), width=80)
    ended = RunEnded(run="runs/r", outcome="stopped", step=0, epoch=0.0, seconds=0.0)

    with TrainingProgress(console) as progress:
        progress.show(Underway(what=PREPARING, done=30, total=120))
        assert str(progress._waiting.status).startswith("Reading the data: 25")
        progress.show(ended)

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == ["Stopped before it began"]


def test_what_was_left_out_of_the_data_is_said_where_the_run_begins() -> None:
    said = io.StringIO()
    sizes = {"steps": 4, "batch_size": 2, "training_samples": 7, "validation_samples": 1}
    started = RunStarted(
        run="r",
        project="p",
        device="cpu",
        threads=1,
        parameters=3,
        epochs=1,
        notes=("2 of 10 files were left out.",),
        **sizes,
    )

    with TrainingProgress(Console(file=said)) as progress:
        progress.show(started)

    assert "2 of 10 files were left out." in said.getvalue()
