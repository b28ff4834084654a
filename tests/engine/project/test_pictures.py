"""Projects inside PNG files; the judge of the pictures is another reader of PNG."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from builders import a_project, a_residual_cnn
from PIL import Image

from engine.project.codec import to_text
from engine.project.files import load
from engine.project.pictures import project_text, with_project
from nodes.errors import ProjectError


def a_png() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (3, 2), (10, 20, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_picture_stays_a_picture_and_carries_the_text() -> None:
    project = a_project(a_residual_cnn())

    made = with_project(a_png(), project)

    image = Image.open(BytesIO(made))
    assert image.size == (3, 2) and image.convert("RGB").getpixel((0, 0)) == (10, 20, 30)
    image.load()
    assert image.info["layerloom"] == to_text(project)


def test_a_picture_is_opened_as_the_project_that_it_carries(tmp_path: Path) -> None:
    project = a_project(a_residual_cnn())
    (tmp_path / "drawing.png").write_bytes(with_project(a_png(), project))

    assert load(tmp_path / "drawing.png").project == project


def test_another_picture_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(a_png())

    with pytest.raises(ProjectError, match="no drawing in this picture"):
        load(tmp_path / "photo.png")


@pytest.mark.parametrize("cut", [60, 200])
def test_a_picture_that_was_cut_or_damaged_is_told_of(tmp_path: Path, cut: int) -> None:
    whole = with_project(a_png(), a_project())
    (tmp_path / "cut.png").write_bytes(whole[:-cut])

    with pytest.raises(ProjectError):
        load(tmp_path / "cut.png")


def test_a_small_file_does_not_become_gigabytes() -> None:
    bomb = zlib.compress(b"0" * 200_000_000)
    content = b"layerloom\x00\x01\x00\x00\x00" + bomb
    chunk = struct.pack(">I", len(content)) + b"iTXt" + content + b"\x00" * 4
    png = a_png()

    assert len(project_text(png[:33] + chunk + png[33:], "bomb.png")) < 70_000_000
