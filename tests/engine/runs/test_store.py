import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.replay import changes, read_curves, replay
from engine.runs.store import RunStore
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from nodes.errors import RunError

STARTED = RunStarted(
    run="r",
    project="p",
    device="cpu",
    threads=1,
    parameters=10,
    epochs=2,
    steps=8,
    batch_size=2,
    training_samples=8,
    validation_samples=2,
    metric="accuracy",
)
ENDED = RunEnded(run="r", outcome="finished", step=8, epoch=2.0, seconds=1.5)


def a_block(last: int, *losses: float) -> StepEnded:
    return StepEnded(
        step=last,
        epoch=last / 4,
        losses=losses,
        metrics=tuple(loss / 10 for loss in losses),
        learning_rate=0.1,
        steps_per_second=100.0,
        seconds_left=0.0,
    )


def an_epoch(number: int, validation: float | None) -> EpochEnded:
    return EpochEnded(
        epoch=number, step=4 * number, training_loss=1.0, validation_loss=validation, seconds=0.5
    )


def a_change(title: str) -> RunChanged:
    return RunChanged(step=4, title=title, project="", steps=8, epochs=2, steps_per_epoch=4)


STORY: list[TrainingEvent] = [
    STARTED,
    a_block(1, 9.0),
    a_block(4, 8.0, 7.0, 6.0),
    an_epoch(1, 0.5),
    a_block(8, 5.0, 4.0, 3.0, 2.0),
    an_epoch(2, None),
    ENDED,
]


class Clock:
    """Goes forward when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_store(folder: Path, story: list[TrainingEvent], after_step: int | None = None) -> RunStore:
    store = RunStore(folder / "metrics.sqlite", after_step=after_step)
    for event in story:
        store.write(event)
    return store


def test_curves_are_read_back_step_by_step(tmp_path: Path) -> None:
    a_store(tmp_path, STORY).close()

    curves = read_curves(tmp_path)

    assert curves.metric == "accuracy"
    assert curves.steps.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert curves.losses.tolist() == [9, 8, 7, 6, 5, 4, 3, 2]
    assert curves.metrics.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    assert curves.step_epochs.tolist() == [step / 4 for step in range(1, 9)]
    assert (curves.times[1:] >= curves.times[:-1] - 0.05).all()
    assert curves.epochs.tolist() == [1, 2] and curves.epoch_steps.tolist() == [4, 8]
    assert curves.validation_losses.tolist() == pytest.approx([0.5, float("nan")], nan_ok=True)


def test_a_replay_tells_the_run_again(tmp_path: Path) -> None:
    a_store(tmp_path, STORY).close()

    told = list(replay(tmp_path))

    assert [type(event) for event in told] == [
        RunStarted,
        StepEnded,
        EpochEnded,
        StepEnded,
        EpochEnded,
        RunEnded,
    ]
    assert told[0] == STARTED and told[2] == STORY[3] and told[-1] == ENDED
    assert [event.losses for event in told if isinstance(event, StepEnded)] == [
        (9.0, 8.0, 7.0, 6.0),
        (5.0, 4.0, 3.0, 2.0),
    ]


def test_a_replay_tells_changes_where_they_were_made(tmp_path: Path) -> None:
    changed = RunChanged(step=6, title="Batch 4", project="", steps=7, epochs=2, steps_per_epoch=2)
    story = [*STORY[:4], a_block(6, 5.0, 4.0), changed, a_block(8, 3.0, 2.0), *STORY[5:]]
    a_store(tmp_path, story).close()

    told = list(replay(tmp_path))

    place = told.index(changed)
    assert [event.step for event in told[:place] if isinstance(event, StepEnded)] == [4, 6]
    assert [event.step for event in told[place:] if isinstance(event, StepEnded)] == [8]


def test_rows_are_committed_four_times_a_second_at_most(tmp_path: Path) -> None:
    clock = Clock()
    store = RunStore(tmp_path / "metrics.sqlite", clock=clock)

    store.write(a_block(1, 9.0))
    before = len(read_curves(tmp_path).steps)
    clock.now = 0.3
    store.write(a_block(2, 8.0))
    after = len(read_curves(tmp_path).steps)
    store.close()

    assert (before, after) == (0, 2)


def test_what_was_committed_outlives_a_kill(tmp_path: Path) -> None:
    script = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from test_store import STORY, a_store
store = a_store(Path({str(tmp_path)!r}), STORY[:4])
store.commit()
store.write(STORY[4])
os._exit(9)
"""
    subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        check=False,
    )

    assert read_curves(tmp_path).steps.tolist() == [1, 2, 3, 4]
    assert not any(isinstance(event, RunEnded) for event in replay(tmp_path))


def test_a_run_that_goes_on_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    a_store(tmp_path, STORY).close()

    store = a_store(tmp_path, [STARTED, a_block(5, 1.0)], after_step=4)
    store.close()

    curves = read_curves(tmp_path)
    assert curves.losses.tolist() == [9, 8, 7, 6, 1]
    assert curves.epochs.tolist() == [1]
    assert not any(isinstance(event, RunEnded) for event in replay(tmp_path))


def test_a_change_that_is_not_in_the_checkpoint_is_forgotten_where_a_run_goes_on(
    tmp_path: Path,
) -> None:
    """It was made at the step of the checkpoint, after that was saved; then the run was killed."""
    file = tmp_path / "metrics.sqlite"
    saved = CheckpointSaved(step=4, path="last", best=False)
    store = RunStore(file)
    for event in (*STORY[:3], a_change("kept"), saved, a_change("lost")):
        store.write(event)
    store.close()

    RunStore(file, after_step=4).close()

    assert [event.title for event in changes(tmp_path)] == ["kept"]


def test_what_layers_put_out_is_not_kept(tmp_path: Path) -> None:
    a_store(tmp_path, [ProbeTaken(step=1, epoch=0.1, sample=0, layers=())]).close()

    with sqlite3.connect(tmp_path / "metrics.sqlite") as database:
        assert database.execute("SELECT count(*) FROM events").fetchone() == (0,)
    database.close()


def test_rows_that_could_not_be_written_are_tried_again(tmp_path: Path) -> None:
    store = a_store(tmp_path, STORY[:2])
    store.commit()
    other = sqlite3.connect(tmp_path / "metrics.sqlite", timeout=0)
    store._database.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    store.write(STORY[2])

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.commit()
    other.rollback()
    other.close()
    store.close()

    assert read_curves(tmp_path).steps.tolist() == [1, 2, 3, 4]


def test_a_folder_without_figures_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no curves"):
        read_curves(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_parts_of_a_loss_that_came_after_its_steps_were_read_wait(tmp_path: Path) -> None:
    a_store(tmp_path, STORY).close()
    with sqlite3.connect(tmp_path / "metrics.sqlite") as store:
        store.execute("CREATE TABLE IF NOT EXISTS parts (step INTEGER, name TEXT, value REAL)")
        store.executemany(
            "INSERT INTO parts (step, name, value) VALUES (?, 'one', ?)", [(8, 0.5), (9, 0.25)]
        )

    found = read_curves(tmp_path).parts["one"]

    assert len(found) == 8 and found[-1] == 0.5
