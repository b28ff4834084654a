"""The first sample of what was found is shown as it would be read."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.data.inspect import inspect_path
from engine.data.inspect.first_read import first_places, first_read
from nodes.sources import Source
from resources import path


def read_with(place: Path, **settings: int) -> tuple[str, str] | None:
    found = inspect_path(place)
    assert found.source is not None
    source: Source = msgspec.structs.replace(found.source, **settings)
    change = first_read(first_places(found), source)
    return None if change is None else (change.before.size, change.after.size)


def some_pictures(folder: Path) -> Path:
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        Image.new("RGB", (48, 36), "teal").save(folder / name / "0.png")
    return folder


def some_sounds(folder: Path) -> Path:
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        soundfile.write(folder / name / "0.wav", np.full(22_050, 0.1), 22_050)
    return folder


def test_a_picture_is_read_with_the_sizes_that_are_set(tmp_path: Path) -> None:
    folder = some_pictures(tmp_path)

    assert read_with(folder, height=20, width=30) == ("48×36", "30×20")
    assert read_with(folder, height=8, width=8, channels=1) == ("48×36, in colour", "8×8, grey")


def test_a_picture_that_a_table_names_is_found(tmp_path: Path) -> None:
    some_pictures(tmp_path)
    table = tmp_path / "all.csv"
    table.write_text("file,answer\n" + "".join(f"{n}/0.png,{n}\n" for n in ("ant", "bee")))

    assert read_with(table, height=10, width=10) == ("48×36", "10×10")


def test_a_recording_is_read_at_the_rate_that_is_set(tmp_path: Path) -> None:
    folder = some_sounds(tmp_path)

    assert read_with(folder, rate=8000, length=4000) == ("22.05 kHz, 1 s", "8 kHz, 0.5 s")


def test_a_recording_of_an_archive_is_read() -> None:
    told = read_with(path("datasets", "spoken_words.zip"), rate=4000, length=4000)

    assert told is not None and told[0].startswith("8 kHz") and told[1] == "4 kHz, 1 s"


@pytest.mark.parametrize("is_gone", [True, False])
def test_the_next_one_stands_in_for_a_file_that_cannot_be_read(
    tmp_path: Path, *, is_gone: bool
) -> None:
    found = inspect_path(some_pictures(tmp_path))
    places = first_places(found)
    assert found.source is not None

    first = places[0].file
    first.unlink() if is_gone else first.write_bytes(b"no picture")

    assert first_read(places, found.source) is not None
    places[1].file.unlink()
    assert first_read(places, found.source) is None


def test_of_a_table_of_numbers_nothing_is_shown(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("x,y\n1,2\n3,4\n5,6\n")

    assert first_places(inspect_path(table)) == ()
