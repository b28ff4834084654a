"""What a run says in a terminal."""

import io

from rich.console import Console

from app.cli.progress import TrainingProgress
from engine.training.events import RunStarted


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
