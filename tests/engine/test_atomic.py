import errno
import os
import sqlite3
from pathlib import Path

import pytest

from engine.atomic import why_unwritten, write_atomically
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


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError("Error while serializing: I/O error: No space left on device (os error 28)"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_told_by_the_room_that_is_left(error: Exception, tmp_path: Path) -> None:
    told = why_unwritten(error, tmp_path)

    assert told.startswith("There is no room for it: ")
    assert told.endswith(f"\u202fMB are free in {tmp_path}.")


def test_another_reason_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    assert why_unwritten(PermissionError(13, "Permission denied"), tmp_path) == "Permission denied."
