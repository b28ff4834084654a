import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import a_project
from msgspec.structs import replace

from engine.project.files import save
from engine.runs.record import RunRecord, count_runs, new_run_folder, runs_root
from engine.runs.store import list_runs
from engine.training.config import TrainingConfig
from engine.training.events import RunEnded
from nodes.errors import ProjectError, RunError


def state_of(record: RunRecord) -> str:
    return record.state


def a_record(folder: Path) -> RunRecord:
    return RunRecord.create(a_project(), TrainingConfig(run_folder=str(folder)), "source")


def test_a_run_is_read_back_as_it_was_recorded(tmp_path: Path) -> None:
    project, config = a_project(), TrainingConfig(run_folder=str(tmp_path / "run"))
    made = RunRecord.create(project, config, "source")

    read = RunRecord.open(tmp_path / "run")

    assert read.info == made.info
    assert read.project() == project
    assert (tmp_path / "run" / "model.py").read_text() == "source"


def test_a_run_is_running_as_long_as_its_process_lives(tmp_path: Path) -> None:
    record = a_record(tmp_path)
    assert state_of(record) == "running"

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    record.change(process=ended.pid)
    assert state_of(record) == "lost"

    # Another process with the same id is not the one that trained.
    record.change(process=os.getpid(), process_started=1.0)
    assert state_of(record) == "lost"

    end = RunEnded(run=str(tmp_path), outcome="finished", step=1, epoch=1.0, seconds=1.0)
    record.change(ended=end)
    assert RunRecord.open(tmp_path).state == "finished"


def test_run_folders_are_named_for_the_time_and_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLOOM_RUNS", str(tmp_path / "runs"))

    folders = [new_run_folder("Größe: 10/12 “x”\n../..") for _ in range(3)]

    assert runs_root() == tmp_path / "runs"
    assert len(set(folders)) == 3 and all(folder.is_dir() for folder in folders)
    assert {folder.parent for folder in folders} == {tmp_path / "runs"}
    assert "-groe-10-12-x" in folders[0].name or "-gro" in folders[0].name


def test_runs_are_counted_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_RUNS", str(tmp_path))
    assert count_runs() == 0

    for name in ("one", "two"):
        a_record(tmp_path / name)
    (tmp_path / "notes").mkdir()

    assert count_runs() == 2


def test_a_folder_with_a_run_is_not_used_again(tmp_path: Path) -> None:
    chosen = new_run_folder("x", tmp_path / "mine")
    a_record(chosen)

    with pytest.raises(RunError, match="holds a run already"):
        new_run_folder("x", tmp_path / "mine")


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="could not be made") as caught:
        new_run_folder("x", tmp_path / "file" / "run")

    assert "LAYERLOOM_RUNS" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": 3}', b"\xff\xfe"])
def test_a_damaged_record_is_told_and_left_out_of_the_list(tmp_path: Path, content: bytes) -> None:
    a_record(tmp_path / "good")
    a_record(tmp_path / "bad")
    (tmp_path / "bad" / "run.json").write_bytes(content)
    (tmp_path / "notes.txt").write_text("")

    with pytest.raises(RunError, match="damaged"):
        RunRecord.open(tmp_path / "bad")
    assert [record.folder.name for record in list_runs(tmp_path)] == ["good"]


def test_a_folder_with_a_project_alone_is_no_run(tmp_path: Path) -> None:
    save(tmp_path / "project.loom", a_project())

    with pytest.raises(RunError, match="not a training run"):
        RunRecord.open(tmp_path)
    assert list_runs(tmp_path / "missing") == ()


def test_runs_are_listed_the_newest_first(tmp_path: Path) -> None:
    for name, started in (("b", "2026-01-02"), ("a", "2026-01-03"), ("c", "2026-01-01")):
        a_record(tmp_path / name).change(started=started)

    assert [record.folder.name for record in list_runs(tmp_path)] == ["a", "b", "c"]


def test_going_on_keeps_the_start_and_the_threads(tmp_path: Path) -> None:
    from msgspec.structs import replace

    record = a_record(tmp_path)
    record.change(started="2026-01-01", surroundings=replace(record.info.surroundings, threads=7))

    again = RunRecord.create(a_project(), TrainingConfig(run_folder=str(tmp_path), resume=True))

    assert again.info.started == "2026-01-01" and again.info.surroundings.threads == 7
    assert again.info.ended is None


def test_a_run_that_cannot_begin_leaves_no_folder_and_nothing_of_others_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    empty, used = tmp_path / "empty", tmp_path / "used"
    used.mkdir()
    (used / "project.loom").write_text("mine")
    monkeypatch.setattr(os, "fsync", full)
    for folder in (empty, used):
        with pytest.raises(ProjectError):
            a_record(folder)

    assert not empty.exists()
    assert (used / "project.loom").read_text() == "mine"


def test_runs_are_read_without_torch() -> None:
    script = "import sys, engine.runs.store, engine.runs.replay; print('torch' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_half_a_character_in_a_name_is_no_reason_not_to_train(tmp_path: Path) -> None:
    project = replace(a_project(), name="half \ud83d", notes="\udcff")

    RunRecord.create(project, TrainingConfig(run_folder=str(tmp_path)))

    record = RunRecord.open(tmp_path)
    assert record.info.name == record.project().name == "half ?"


def test_a_folder_whose_name_is_no_text_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = tmp_path / os.fsdecode(b"runs-\xff")
    monkeypatch.setenv("LAYERLOOM_RUNS", str(nameless))

    for asked in (None, nameless / "run"):
        with pytest.raises(RunError, match="bytes that are no text"):
            new_run_folder("digits", asked)

    assert not nameless.exists()
