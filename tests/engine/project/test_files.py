import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from builders import a_project, a_residual_cnn

from engine.project.files import load, save
from nodes.errors import ProjectError

ROOT = Path(__file__).resolve().parents[3]


def _python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    paths = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "mine.loom"

    save(file, a_project())

    assert load(file).project.recipe == a_project().recipe
    assert [other.name for other in tmp_path.iterdir()] == ["mine.loom"]


def test_a_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mine.loom"
    save(file, a_project())
    file.write_bytes(file.read_bytes()[:200])

    with pytest.raises(ProjectError) as caught:
        load(file)

    assert caught.value.why.startswith("It ends in the middle, in line ")


def test_a_file_killed_while_it_is_saved_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.loom"
    save(file, a_project(a_residual_cnn()))
    for _ in range(6):
        writer = _python(
            """
            import sys
            from pathlib import Path
            from builders import a_chain, a_project
            from engine.project.files import save
            project = a_project(a_chain(300))
            print("ready", flush=True)
            while True:
                save(Path(sys.argv[1]), project)
            """,
            str(file),
        )
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
        _until_it_is_written_to(tmp_path)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

        assert load(file).project.graph.nodes


def _until_it_is_written_to(folder: Path) -> None:
    while not list(folder.glob(".*.tmp")):
        pass


@pytest.mark.skipif(os.name == "nt", reason="resource limits are POSIX")
def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mine.loom"
    save(file, a_project())
    before = file.read_bytes()

    writer = _python(
        """
        import resource, signal, sys
        from pathlib import Path
        from builders import a_chain, a_project
        from engine.project.files import save
        from nodes.errors import ProjectError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        try:
            save(Path(sys.argv[1]), a_project(a_chain(300)))
        except ProjectError as error:
            print(error)
        """,
        str(file),
    )
    told, _ = writer.communicate()

    assert "untouched" in told and "mine.loom" in told
    assert file.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["mine.loom"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\x00" * 100, b"{"])
def test_a_file_that_is_no_project_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "strange.loom"
    file.write_bytes(content)

    with pytest.raises(ProjectError, match=r"strange\.loom"):
        load(file)


def test_a_file_that_is_not_there_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no such project"):
        load(tmp_path / "gone.loom")
    with pytest.raises(ProjectError, match="cannot be read"):
        load(tmp_path)


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="could not be written"):
        save(tmp_path / "gone" / "mine.loom", a_project())
