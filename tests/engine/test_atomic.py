import os
from pathlib import Path

import pytest

from engine.atomic import write_atomically
from nodes.errors import ProjectError


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_bytes(b"old")
    file.chmod(0o640)

    write_atomically(file, b"new")

    assert file.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_leaves_no_half_behind(tmp_path: Path) -> None:
    folder = tmp_path / "mine.txt"
    folder.mkdir()

    with pytest.raises(ProjectError, match="could not be written"):
        write_atomically(folder, b"new")

    assert list(tmp_path.iterdir()) == [folder] and not list(folder.iterdir())
