"""What the sheet draws of files that are no pictures by themselves."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.data.inspect import inspect_path
from engine.data.inspect.drawn import drawn_samples


def a_shard(path: Path) -> None:
    with tarfile.open(path, "w") as tar:
        for number in range(4):
            content = io.BytesIO()
            Image.new("L", (8, 8), 40 * number).save(content, "PNG")
            for ending, data in (("png", content.getvalue()), ("cls", str(number % 2).encode())):
                member = tarfile.TarInfo(f"{number}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def test_pictures_in_tar_files_are_drawn_with_their_classes(tmp_path: Path) -> None:
    a_shard(tmp_path / "a.tar")

    drawn = drawn_samples(inspect_path(tmp_path / "a.tar"))

    assert [label for _, label in drawn] == ["0", "1", "0", "1"]
    assert [int(pixels.max()) for pixels, _ in drawn] == [0, 40, 80, 120]


def test_a_louder_part_of_a_recording_is_drawn_higher(tmp_path: Path) -> None:
    for name in ("yes", "no"):
        (tmp_path / name).mkdir()
        sound = np.sin(np.arange(4000)) * np.linspace(0, 1, 4000)
        soundfile.write(tmp_path / name / "a.wav", sound, 8000)
    soundfile.write(tmp_path / "no" / "b.wav", np.full(900, np.nan), 8000, subtype="FLOAT")

    drawn = drawn_samples(inspect_path(tmp_path))

    assert [label for _, label in drawn] == ["no", "yes"]
    heights = (drawn[0][0][0] > 0).sum(axis=0)
    assert heights[-8:].min() > 2 * heights[:8].max()


def test_arrays_are_drawn_without_the_samples_that_are_no_numbers(tmp_path: Path) -> None:
    values = np.tile(np.linspace(0, 1, 6), (5, 2, 1)).astype(np.float32)
    values[0, 0, 0] = np.nan
    np.savez(tmp_path / "a.npz", x=values, y=np.arange(5))

    drawn = drawn_samples(inspect_path(tmp_path / "a.npz"))

    assert [label for _, label in drawn] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["points.csv", "broken.npz"])
def test_tables_and_what_cannot_be_read_are_not_drawn(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x,y\n" + b"1.5,2\n3.5,4\n" * 20)

    assert drawn_samples(inspect_path(tmp_path / name)) == ()
