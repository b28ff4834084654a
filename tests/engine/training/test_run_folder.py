"""A run whose disk is full goes on elsewhere."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from training_runs import Listener, Person, a_network_with_memory, train, weights

from engine.runs.replay import read_curves
from engine.runs.store import RunStore
from engine.training import recording, saving
from engine.training.events import HealthNoted, RunEnded, TrainingEvent
from engine.training.moving import MoveRun
from engine.training.run_folder import RunFolder


class Moving(Listener):
    """Chooses another folder once it is offered, and then there is room."""

    def __init__(self, into: Path, disk: "FullDisk") -> None:
        super().__init__()
        self._into = into
        self._disk = disk

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, HealthNoted) and any(act.moves for act in event.acts):
            self._disk.is_full = False
            self.requests.put(MoveRun(folder=str(self._into)))


class FullDisk:
    """No checkpoint and no moment can be written any more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = True
        for module, name in ((saving, "save_checkpoint"), (recording, "write_snapshot")):
            monkeypatch.setattr(module, name, self._refusing(getattr(module, name)))

    def _refusing(self, plain: Any) -> Any:
        def write(*arguments: Any, **settings: Any) -> Any:
            if self.is_full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return plain(*arguments, **settings)

        return write


def test_a_run_without_room_goes_on_in_another_folder_as_if_there_had_been_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, folder = a_network_with_memory(epochs=2), tmp_path / "runs" / "full"
    plain = train(project, tmp_path / "plain", moment_steps=1)
    moving = Moving(tmp_path / "roomy", FullDisk(monkeypatch))

    train(project, folder, moving, moment_steps=1)

    told = [event for event in moving.told(HealthNoted) if event.code == "moved"]
    assert [event.text for event in told] == [f"The run goes on in {tmp_path}/roomy/full."]
    assert moving.told(RunEnded)[0].outcome == "finished" and folder.is_symlink()
    assert moving.losses() == plain.losses() and weights(folder) == weights(tmp_path / "plain")
    assert read_curves(folder).losses.tolist() == plain.losses()
    moments = [path.name for path in (folder / "moments").glob("0*")]
    assert len(moments) > 2


def test_a_run_that_cannot_be_moved_says_why_and_goes_on_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_bytes(b"")
    person = Person(2, MoveRun(folder=str(file)))

    train(a_network_with_memory(epochs=1), tmp_path / "run", person)

    (told,) = [event for event in person.told(HealthNoted) if event.code == "moved"]
    assert told.text.startswith("The run could not be moved. ") and told.acts[0].moves
    assert person.told(RunEnded)[0].outcome == "finished"
    assert not (tmp_path / "run").is_symlink()


def test_curves_that_find_no_room_are_told_once_and_so_is_that_they_are_saved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: RunStore) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    listener = Listener()
    folder = RunFolder(tmp_path, listener, lambda: 3)
    folder.open(tmp_path / "metrics.sqlite", after_step=None)

    with monkeypatch.context() as patched:
        patched.setattr(RunStore, "commit", full)
        folder.keep_figures()
        folder.keep_figures()
    folder.keep_figures()
    folder.close()

    trouble, well = listener.told(HealthNoted)
    assert [act.label for act in trouble.acts] == ["Choose another folder", "Free space…"]
    assert (trouble.is_well, well.is_well, well.code) == (False, True, trouble.code)
