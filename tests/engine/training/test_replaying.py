import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import node_named
from training_runs import (
    Person,
    a_network_with_memory,
    train,
    train_steps,
    with_graph,
    with_recipe,
)

from engine.graph.edits import set_params
from engine.project.codec import to_text
from engine.runs.moments import moment_folder
from engine.training.checkpoints import (
    load_checkpoint,
    read_snapshot,
    save_checkpoint,
    write_snapshot,
)
from engine.training.events import TrainingEvent
from engine.training.replaying import Replay, train_again
from engine.training.requests import ChangeRun, FinishRun, ResetLayer
from nodes.errors import RunError


def replayed(folder: Path) -> Replay:
    events: list[TrainingEvent] = []
    return train_again(folder, events.append)


def test_a_whole_run_comes_out_the_same(tmp_path: Path) -> None:
    train(a_network_with_memory(averaging=0.9, accumulation=2), tmp_path)

    found = replayed(tmp_path)

    assert (found.same_to, found.differs_at, found.steps) == (12, None, 12)


def test_a_run_that_was_stopped_and_went_on_comes_out_the_same(tmp_path: Path) -> None:
    project = a_network_with_memory()
    train_steps(project, tmp_path, 9)
    train_steps(project, tmp_path, 4, resume=True)

    assert replayed(tmp_path).same_to == 13


def test_a_run_that_was_changed_while_it_trained_comes_out_the_same(tmp_path: Path) -> None:
    project = a_network_with_memory()
    dropout = node_named(project.graph, "dropout")
    other = with_graph(project, set_params(project.graph, dropout, {"p": 0.6}))
    other = with_recipe(other, learning_rate=0.02, batch_size=16)
    asked = (
        ChangeRun(project=to_text(other), anew=(node_named(project.graph, "linear_2"),)),
        ResetLayer(node=node_named(project.graph, "linear")),
    )
    train(project, tmp_path, Person(4, *asked))

    found = replayed(tmp_path)

    assert found.differs_at is None and found.same_to == found.steps


def test_a_run_that_was_finished_early_comes_out_the_same(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path, Person(10, FinishRun()))

    assert replayed(tmp_path).same_to == 10


def test_the_first_step_with_another_loss_is_named(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path)
    with closing(sqlite3.connect(tmp_path / "metrics.sqlite")) as database:
        database.execute("UPDATE steps SET loss = loss + 1e-9 WHERE step >= 6")
        database.commit()

    found = replayed(tmp_path)

    assert (found.same_to, found.differs_at) == (5, 6)
    assert found.recorded == pytest.approx(found.found) and found.recorded != found.found


def test_the_first_tensor_that_differs_is_named(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path)
    saved = load_checkpoint(tmp_path / "checkpoints", "last")
    assert saved is not None
    saved.weights["linear_2.bias"][3] += 1e-6  # type: ignore[index]
    save_checkpoint(tmp_path / "checkpoints", "last", saved)

    found = replayed(tmp_path)

    assert (found.differs_at, found.tensor) == (21, "linear_2.bias")


def test_a_tensor_of_a_recorded_moment_that_differs_is_named_before_the_end(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path, moment_steps=4)
    moment = moment_folder(tmp_path, 8)
    saved = read_snapshot(moment)
    saved.weights["linear_2.bias"][3] += 1e-6  # type: ignore[index]
    write_snapshot(moment, saved)

    found = replayed(tmp_path)

    assert (found.same_to, found.differs_at, found.tensor) == (7, 8, "linear_2.bias")


def test_moments_of_a_run_that_was_changed_are_those_of_its_drawing_then(tmp_path: Path) -> None:
    project = a_network_with_memory()
    other = with_recipe(project, learning_rate=0.02)
    train(project, tmp_path, Person(4, ChangeRun(project=to_text(other))), moment_steps=2)

    found = replayed(tmp_path)

    assert found.differs_at is None and found.same_to == found.steps


def test_a_run_without_steps_is_refused_in_words(tmp_path: Path) -> None:
    train_steps(a_network_with_memory(), tmp_path, 1)
    with closing(sqlite3.connect(tmp_path / "metrics.sqlite")) as database:
        database.execute("DELETE FROM steps")
        database.commit()

    with pytest.raises(RunError, match="no steps to compare with"):
        replayed(tmp_path)
