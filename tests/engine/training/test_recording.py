"""Moments of a run: what is kept of them, and that each is the run as it was."""

import errno
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from training_runs import Listener, a_network_with_memory, train, train_steps, weights

from engine.runs.moments import list_moments, moment_folder, moments_folder
from engine.training.checkpoints import Place, SavedState, Snapshot, read_snapshot
from engine.training.events import HealthNoted
from engine.training.questions import MomentsKept
from engine.training.recording import MOST_MOMENTS, Recorder


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot_of(megabytes: float = 0.001) -> Callable[[], Snapshot]:
    weight = torch.zeros(round(megabytes * (1 << 20) / 4))
    return lambda: Snapshot(
        weights={"weight": weight}, optimizer={}, state=SavedState(place=Place(), random={})
    )


def a_recorder(run: Path, listener: Listener) -> Recorder:
    return Recorder(run, snapshot_of(), listener, every=1)


def test_a_moment_is_the_run_as_it_stopped_there(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path / "whole", moment_steps=3)
    train_steps(a_network_with_memory(), tmp_path / "part", 9)

    moment = load_file(moment_folder(tmp_path / "whole", 9) / "weights.safetensors")
    stopped = load_file(tmp_path / "part/checkpoints/last/weights.safetensors")

    assert moment.keys() == stopped.keys()
    assert all(torch.equal(moment[name], stopped[name]) for name in stopped)


def test_recording_changes_no_bit_of_the_training(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path / "with", moment_steps=1)
    train(a_network_with_memory(), tmp_path / "without", moments_megabytes=0)

    assert weights(tmp_path / "with") == weights(tmp_path / "without")
    assert not moments_folder(tmp_path / "without").exists()


def test_the_beginning_and_the_end_are_always_kept(tmp_path: Path) -> None:
    listener = train(a_network_with_memory(), tmp_path / "run")

    (*_, newest) = listener.told(MomentsKept)
    assert newest.moments == list_moments(tmp_path / "run")
    assert newest.moments[0].step == 0
    assert newest.moments[-1].epoch == pytest.approx(3)


def test_a_run_that_goes_on_clears_what_a_kill_left_and_what_came_later(tmp_path: Path) -> None:
    killed = a_recorder(tmp_path, Listener())
    for step in (0, 1, 2):
        killed.step_ended(step, step / 10)
    moments = moments_folder(tmp_path)
    torn, unlisted = moments / ".tmp", moment_folder(tmp_path, 7)
    for place in (torn, unlisted):
        place.mkdir()
        (place / "weights.safetensors").write_bytes(b"half")

    a_recorder(tmp_path, Listener()).begin(1, 0.1)

    assert [moment.step for moment in list_moments(tmp_path)] == [0, 1]
    folders = {place for place in moments.iterdir() if place.is_dir()}
    assert folders == {moment_folder(tmp_path, 0), moment_folder(tmp_path, 1)}


def test_a_full_room_keeps_moments_in_even_steps(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path, Listener())

    for step in range(4 * MOST_MOMENTS):
        recorder.step_ended(step, step / 10)

    kept = [moment.step for moment in list_moments(tmp_path)]
    gaps = [after - before for before, after in pairwise(kept)]
    assert len(kept) == MOST_MOMENTS
    assert (kept[0], kept[-1]) == (0, 4 * MOST_MOMENTS - 1)
    assert max(gaps) <= 8
    assert {int(folder.name) for folder in moments_folder(tmp_path).glob("0*")} == set(kept)


def test_moments_take_no_more_room_than_they_may(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, snapshot_of(0.3), Listener(), every=1, megabytes=1)

    for step in range(1, 10):
        recorder.step_ended(step, float(step))

    kept = list_moments(tmp_path)
    assert len(kept) == 3 and sum(moment.size_bytes for moment in kept) <= 1 << 20


def test_a_model_that_fills_the_room_alone_is_not_recorded(tmp_path: Path) -> None:
    listener = Listener()
    recorder = Recorder(tmp_path, snapshot_of(0.8), listener, megabytes=1)

    recorder.begin(0, 0.0)
    recorder.end(10, 1.0)

    assert [note.code for note in listener.told(HealthNoted)] == ["moments"]
    assert list_moments(tmp_path) == ()


def test_going_back_forgets_what_came_after(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path, Listener())
    for step in range(1, 6):
        recorder.step_ended(step, float(step))

    recorder.go_back(3)

    assert [moment.step for moment in list_moments(tmp_path)] == [1, 2, 3]


def test_a_run_that_goes_on_keeps_the_moments_before(tmp_path: Path) -> None:
    train_steps(a_network_with_memory(), tmp_path / "run", 9, moment_steps=3)
    before = list_moments(tmp_path / "run")

    train(a_network_with_memory(), tmp_path / "run", resume=True, moment_steps=3)

    assert list_moments(tmp_path / "run")[: len(before)] == before


def test_a_moment_costs_half_a_hundredth_of_the_time_at_most(tmp_path: Path) -> None:
    clock = Clock()

    def slow() -> Snapshot:
        clock.now += 0.1
        return snapshot_of()()

    recorder = Recorder(tmp_path, slow, Listener(), clock=clock)
    recorder.begin(0, 0.0)
    for step in range(1, 1000):
        clock.now += 0.1
        recorder.step_ended(step, 0.0)

    assert len(list_moments(tmp_path)) - 1 <= 1000 * 0.1 / (200 * 0.1)


def test_what_cannot_be_written_is_told_once_and_tried_again_in_a_while(tmp_path: Path) -> None:
    in_the_way = tmp_path / "moments"
    in_the_way.write_text("a file")
    clock, listener = Clock(), Listener()
    recorder = Recorder(tmp_path, snapshot_of(), listener, every=1, clock=clock)

    recorder.begin(0, 0.0)
    in_the_way.unlink()
    recorder.step_ended(1, 0.1)
    assert not list_moments(tmp_path)
    clock.now = 60.0
    recorder.step_ended(2, 0.2)
    recorder.step_ended(3, 0.3)

    assert [note.is_well for note in listener.told(HealthNoted)] == [False, True]
    assert [moment.step for moment in list_moments(tmp_path)] == [2, 3]


def test_a_full_disk_offers_another_folder_and_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.training.recording.write_snapshot", full)
    listener = Listener()

    a_recorder(tmp_path, listener).begin(0, 0.0)

    (note,) = listener.told(HealthNoted)
    assert [act.label for act in note.acts] == ["Choose another folder", "Free space…"]
    assert "tried again" in note.text


def test_moments_make_way_one_by_one_and_no_more_are_recorded(tmp_path: Path) -> None:
    listener = Listener()
    recorder = a_recorder(tmp_path, listener)
    recorder.begin(0, 0.0)
    for step in (4, 5, 9):
        recorder.end(step, 0.1 * step)

    assert recorder.make_way()
    assert [moment.step for moment in list_moments(tmp_path)] == [0, 5, 9]
    recorder.end(12, 1.2)
    while recorder.make_way():
        pass

    assert list_moments(tmp_path) == ()
    assert [note.code for note in listener.told(HealthNoted)] == ["moments"]
    assert not list(moments_folder(tmp_path).glob("0*"))


def test_a_moment_can_be_read_with_its_optimiser(tmp_path: Path) -> None:
    train(a_network_with_memory(), tmp_path / "run", moment_steps=5)

    saved = read_snapshot(moment_folder(tmp_path / "run", 5))

    assert saved.state.place.step == 5
    assert any("exp_avg" in name for name in saved.optimizer)
