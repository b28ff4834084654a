import errno
import os
from pathlib import Path

import pytest
import torch

from engine.runs.record import CheckpointName
from engine.training import saving
from engine.training.checkpoints import Place, SavedState, Snapshot, load_checkpoint
from engine.training.events import CheckpointSaved, HealthNoted
from engine.training.saving import Saver


class Run:
    """A run with one weight and a clock of its own; every look at the clock takes 10 ms."""

    def __init__(self, folder: Path) -> None:
        self.now = self.paused = 0.0
        self.weight = torch.zeros(1)
        self.told: list[CheckpointSaved | HealthNoted] = []
        self.folder = folder
        self.moments: list[Path] = []
        self.saver = Saver(
            folder,
            self.snapshot,
            self.told.append,
            keep_figures=self.keep,
            make_room=self.make_room,
            trained=lambda: self.now - self.paused,
            clock=self.clock,
        )
        self.kept_before: list[float | None] = []
        """What was saved each time that the figures were written."""

    def clock(self) -> float:
        self.now += 0.01
        return self.now

    def snapshot(self) -> Snapshot:
        place = Place(step=int(self.weight))
        return Snapshot(
            weights={"w": self.weight}, optimizer={}, state=SavedState(place=place, random={})
        )

    def keep(self) -> None:
        self.kept_before.append(self.saved("last"))

    def make_room(self) -> bool:
        if self.moments:
            self.moments.pop().unlink()
            return True
        return False

    def train(self, seconds: float) -> None:
        self.weight += 1
        self.now += seconds

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.paused += seconds

    def saved(self, name: str) -> float | None:
        found = load_checkpoint(self.folder, "best" if name == "best" else "last")
        return None if found is None else float(found.weights["w"])


def test_the_first_epoch_is_saved_after_a_second_at_the_earliest(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(0.5)
    run.saver.epoch_ended(is_best=True)
    assert run.saved("last") is None
    run.train(0.5)

    run.saver.epoch_ended(is_best=True)

    assert (run.saved("last"), run.saved("best")) == (2, 2)


def test_fast_epochs_are_not_all_saved_but_the_best_is_kept(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for epoch in range(1, 8):
        run.train(1.0 if epoch == 1 else 0.01)
        run.saver.epoch_ended(is_best=epoch in (1, 3))
    assert (run.saved("last"), run.saved("best")) == (1, 1)

    run.saver.save()

    assert (run.saved("last"), run.saved("best")) == (7, 3)


def test_a_pause_is_no_reason_to_save_what_was_learned_since_the_last_time(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(2.0)
    run.saver.save()
    run.pause(600.0)
    run.train(0.1)

    run.saver.epoch_ended(is_best=False)
    run.saver.step_ended()
    assert run.saved("last") == 1
    run.train(60.0)
    run.saver.step_ended()

    assert run.saved("last") == 3


def test_the_best_epoch_is_on_the_disk_before_the_last_step(tmp_path: Path) -> None:
    """A kill in between leaves a run that comes by its best epoch once more."""
    run = Run(tmp_path)
    run.train(0.1)
    run.saver.epoch_ended(is_best=True)
    run.train(2.0)
    run.saver.epoch_ended(is_best=False)

    saved = [event.best for event in run.told if isinstance(event, CheckpointSaved)]

    assert saved == [True, False]


def test_figures_are_written_before_the_checkpoint(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for _ in range(2):
        run.train(2.0)
        run.saver.save()

    assert run.kept_before == [None, 1]


def test_saving_takes_half_a_hundredth_of_the_time_at_most(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for _ in range(400):
        run.train(0.5)
        run.saver.epoch_ended(is_best=False)

    saves = sum(isinstance(event, CheckpointSaved) for event in run.told)
    assert 50 <= saves <= run.now / 2.0


def test_long_epochs_are_saved_within(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(30)
    run.saver.step_ended()
    assert run.saved("last") is None

    run.train(31)
    run.saver.step_ended()

    assert run.saved("last") == 2


def test_a_change_is_saved_with_the_next_step_however_long_the_epoch(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(2.0)
    run.saver.save()
    run.train(1.0)
    run.saver.step_ended()
    assert run.saved("last") == 1

    run.saver.changed()
    assert run.saved("last") == 1, "no step was made with it"
    run.train(0.1)
    run.saver.step_ended()

    assert run.saved("last") == 3
    run.train(1.0)
    run.saver.step_ended()
    assert run.saved("last") == 3, "once"


def test_saving_takes_a_twentieth_of_the_time_at_most_where_all_is_changed(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for _ in range(400):
        run.train(0.05)
        run.saver.changed()
        run.saver.step_ended()

    saves = sum(isinstance(event, CheckpointSaved) for event in run.told)
    assert 50 <= saves <= run.now / 0.2


def test_the_same_step_is_not_saved_twice(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(1)
    run.saver.save()
    run.saver.save()

    assert len(run.told) == 1


def test_what_matters_less_makes_room_for_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path)
    run.moments = [tmp_path / str(moment) for moment in range(4)]
    for moment in run.moments:
        moment.touch()
    write = saving.save_checkpoint

    def on_a_small_disk(folder: Path, name: CheckpointName, snapshot: Snapshot) -> Path:
        if len(run.moments) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(folder, name, snapshot)

    monkeypatch.setattr(saving, "save_checkpoint", on_a_small_disk)
    run.train(1)

    run.saver.save()

    assert run.saved("last") == 1 and not [e for e in run.told if isinstance(e, HealthNoted)]
    assert sorted(file.name for file in tmp_path.glob("[0-3]")) == ["0", "1"]


def test_a_disk_that_is_full_is_told_and_tried_again_later(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    folder.write_text("in the way")
    run = Run(folder)
    run.train(1)
    run.saver.epoch_ended(is_best=True)
    (told,) = run.told
    assert isinstance(told, HealthNoted), "once, though it is the best and the last"

    folder.unlink()
    run.train(100)
    run.saver.epoch_ended(is_best=False)

    assert (run.saved("last"), run.saved("best")) == (2, 1)
