import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from builders import a_project

from engine.project.recovery import Autosave, find_lost
from nodes.errors import ProjectError

ROOT = Path(__file__).resolve().parents[3]


def _keep_and_die(folder: Path, original: str) -> None:
    code = """
        import os, signal, sys
        from pathlib import Path
        from builders import a_project
        from engine.project.recovery import Autosave
        original = Path(sys.argv[2]) if sys.argv[2] else None
        Autosave(Path(sys.argv[1])).keep(a_project(epochs=7), original)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    paths = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(folder), original],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


def test_what_a_killed_window_kept_is_found(tmp_path: Path) -> None:
    _keep_and_die(tmp_path, "/somewhere/mine.loom")

    (lost,) = find_lost(tmp_path)

    assert lost.project.recipe.epochs == 7
    assert lost.original == Path("/somewhere/mine.loom")


def test_a_drawing_that_never_had_a_file_is_found_too(tmp_path: Path) -> None:
    _keep_and_die(tmp_path, "")

    (lost,) = find_lost(tmp_path)

    assert lost.original is None


def test_what_an_open_window_keeps_is_its_own(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.keep(a_project(), None)

    assert find_lost(tmp_path) == []


def test_what_was_discarded_is_gone(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.keep(a_project(), None)

    autosave.discard()
    autosave.discard()

    assert list(tmp_path.iterdir()) == []


def test_a_process_number_that_is_used_again_does_not_hide_lost_work(tmp_path: Path) -> None:
    _keep_and_die(tmp_path, "")
    (file,) = tmp_path.iterdir()
    head, _, text = file.read_text().partition("\n")
    file.write_text(json.dumps({**json.loads(head), "pid": os.getpid()}) + "\n" + text)
    os.utime(file, (1, 1))

    assert len(find_lost(tmp_path)) == 1


def test_files_that_cannot_be_read_are_left_alone(tmp_path: Path) -> None:
    for number, content in enumerate(["", "{}", "[]\n{}", '{"pid": 1, "original": 3}\nx', "\x00"]):
        (tmp_path / f"{number}.recovery").write_text(content)

    assert find_lost(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 5
    assert find_lost(tmp_path / "gone") == []


def test_where_nothing_can_be_written_a_window_opens_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    autosave = Autosave(tmp_path / "file" / "recovery")

    with pytest.raises(ProjectError, match="No copy of the drawing is kept"):
        autosave.keep(a_project(), None)
    autosave.discard()
