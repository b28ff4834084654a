"""What the terminal says of a run."""

import io

from rich.console import Console

from app.cli.progress import TrainingProgress
from engine.training.events import RunEnded
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
