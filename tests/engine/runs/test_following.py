import sqlite3
from contextlib import closing
from pathlib import Path

from builders import a_plain_network, a_project, node_named
from training_runs import FEW, Listener, Person, train, train_steps, with_recipe

from engine.graph.edits import set_params
from engine.project.codec import to_text
from engine.project.project import Project
from engine.runs.following import RunFollower
from engine.runs.record import RunRecord
from engine.training.events import (
    EpochEnded,
    RunChanged,
    RunEnded,
    RunFailed,
    RunPaused,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from engine.training.requests import ChangeRun


def a_short_project() -> Project:
    graph = a_plain_network(hidden=16)
    return a_project(set_params(graph, node_named(graph, "data"), FEW), epochs=2, batch_size=32)


def steps_of(events: list[TrainingEvent]) -> list[float]:
    return [loss for event in events if isinstance(event, StepEnded) for loss in event.losses]


def test_a_run_is_told_from_its_folder_as_it_was_told_by_itself(tmp_path: Path) -> None:
    project = a_short_project()
    changed = with_recipe(project, learning_rate=0.01)
    told = train(project, tmp_path, Person(5, ChangeRun(project=to_text(changed))))

    found = RunFollower(tmp_path).news()

    assert isinstance(found[0], RunStarted) and isinstance(found[-1], RunEnded)
    assert steps_of(found) == told.losses()
    kinds = (EpochEnded, RunChanged, RunPaused)
    assert [e for e in found if isinstance(e, kinds)] == [
        e for e in told.events if isinstance(e, kinds)
    ]
    order = [e for e in found if isinstance(e, StepEnded | EpochEnded | RunChanged)]
    assert [e.step for e in order] == sorted(e.step for e in order)


def test_what_was_told_is_not_told_again(tmp_path: Path) -> None:
    project = a_short_project()
    follower = RunFollower(tmp_path)
    first = train_steps(project, tmp_path, 4)
    begun = follower.news()
    nothing = follower.news()
    rest = train(project, tmp_path, resume=True)

    again = follower.news()

    assert steps_of(begun) == first.losses() and not nothing
    assert steps_of(again) == rest.losses()


def test_a_single_step_is_as_fast_as_it_came_after_the_one_before(tmp_path: Path) -> None:
    project = a_short_project()
    follower = RunFollower(tmp_path)
    train_steps(project, tmp_path, 1)
    (first,) = (event for event in follower.news() if isinstance(event, StepEnded))

    train_steps(project, tmp_path, 1, resume=True)
    (second,) = (event for event in follower.news() if isinstance(event, StepEnded))

    assert first.steps_per_second == 0 and second.steps_per_second > 0
    assert second.seconds_left > 0


def test_a_run_that_went_on_from_a_checkpoint_begins_once_and_at_its_first_step(
    tmp_path: Path,
) -> None:
    project = a_short_project()
    first = train_steps(project, tmp_path, 4)
    rest = train(project, tmp_path, resume=True)

    told = RunFollower(tmp_path).news()

    (started,) = (event for event in told if isinstance(event, RunStarted))
    assert started is told[0] and started.first_step == 0
    assert steps_of(told) == [*first.losses(), *rest.losses()]


def test_a_validation_between_steps_does_not_slow_them(tmp_path: Path) -> None:
    train(a_short_project(), tmp_path)
    with closing(sqlite3.connect(tmp_path / "metrics.sqlite")) as database, database:
        # A hundred steps a second, and ten minutes between the epochs.
        (half,) = database.execute("SELECT min(step) FROM epochs").fetchone()
        took = "step * 0.01 + CASE WHEN step > ? THEN 600 ELSE 0 END"
        database.execute(f"UPDATE steps SET time = {took}", (half,))

    told = [event for event in RunFollower(tmp_path).news() if isinstance(event, StepEnded)]

    assert {event.step > half for event in told} == {False, True}
    assert all(99 < event.steps_per_second < 101 for event in told)


def test_a_run_whose_process_is_gone_is_told_as_lost(tmp_path: Path) -> None:
    listener = Listener()
    train(a_short_project(), tmp_path, listener)
    RunRecord.open(tmp_path).change(ended=None, process=1, process_started=0.0)
    follower = RunFollower(tmp_path)

    follower.news()

    assert follower.is_over


def test_a_run_whose_process_is_gone_says_why_it_ended_and_how_far_it_came(tmp_path: Path) -> None:
    train(a_short_project(), tmp_path)
    with closing(sqlite3.connect(tmp_path / "metrics.sqlite")) as database, database:
        database.execute("DELETE FROM events WHERE json LIKE '%run_ended%'")
    RunRecord.open(tmp_path).change(ended=None, process=1, process_started=0.0)
    follower = RunFollower(tmp_path)

    told = follower.news()

    failed, ended = told[-2:]
    assert isinstance(failed, RunFailed) and "checkpoint" in failed.hint
    assert isinstance(ended, RunEnded) and ended.outcome == "lost"
    assert ended.epoch == a_short_project().recipe.epochs and ended.seconds > 0
    assert follower.news() == []
