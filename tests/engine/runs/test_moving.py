import errno
import os
import shutil
from pathlib import Path

import pytest
from training_runs import a_plain_project, train_steps

from engine.runs.moving import move_run
from engine.runs.record import RunRecord
from engine.runs.replay import replay
from engine.runs.store import list_runs
from nodes.errors import RunError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "digits"
    train_steps(a_plain_project(epochs=1), folder, 2)
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if not path.name.startswith("metrics.sqlite")
    }


def test_a_run_that_was_moved_is_found_where_it_was_and_whole_where_it_is(
    run: Path, tmp_path: Path
) -> None:
    before, told = _files(run), list(replay(run))
    (run / ".run.json.half.tmp").write_bytes(b"half")

    there = move_run(run, tmp_path / "elsewhere")

    assert there == tmp_path / "elsewhere" / "digits"
    assert _files(there) == _files(run) == before
    assert list(replay(run)) == list(replay(there)) == told
    assert [record.folder for record in list_runs(run.parent)] == [run]
    assert [path.name for path in run.parent.iterdir()] == ["digits"]


def test_a_run_is_moved_again_and_leaves_nothing_behind(run: Path, tmp_path: Path) -> None:
    before = _files(run)
    first = move_run(run, tmp_path / "one")

    second = move_run(run, tmp_path / "two")

    assert not first.exists() and _files(run) == _files(second) == before


def test_a_folder_of_this_name_is_not_touched(run: Path, tmp_path: Path) -> None:
    (tmp_path / "digits").mkdir()

    assert move_run(run, tmp_path) == tmp_path / "digits-2"
    assert list((tmp_path / "digits").iterdir()) == []


def test_a_run_stays_where_it_is_if_the_other_disk_is_full_too(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _files(run)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(RunError, match="could not be moved") as caught:
        move_run(run, tmp_path)

    assert caught.value.why.startswith("There is no room for it")
    assert _files(run) == before and not run.is_symlink()
    assert not (tmp_path / "digits").exists()


def test_a_run_stays_where_it_is_if_no_link_can_take_its_place(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _files(run)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(RunError):
        move_run(run, tmp_path)

    assert _files(run) == before and RunRecord.open(run).folder == run
    assert [path.name for path in run.parent.iterdir()] == ["digits"]


def test_a_run_is_not_moved_into_itself(run: Path) -> None:
    before = _files(run)

    with pytest.raises(RunError, match="could not be moved"):
        move_run(run, run / "inside")

    assert _files(run) == before
