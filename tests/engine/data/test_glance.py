"""What the beginning of very large data says is shown first, and said to be of the beginning."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars
import pytest
import soundfile
from PIL import Image

from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect import glance as glancing
from engine.data.inspect.drawn import drawn_samples
from engine.data.inspect.glance import glance
from engine.data.large import files as table_files
from engine.data.large import text
from nodes.sources import (
    Images,
    Pairs,
    PictureTable,
    Prose,
    Sounds,
    SoundTable,
    Table,
    Texts,
)

COUNT = 60


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    for module, name, value in (
        (glancing, "_ROWS", 20),
        (glancing, "_FILES", 8),
        (glancing, "_OF_A_FOLDER", 4),
        (glancing, "_PICTURES", 9),
        (glancing, "_TABLE_BYTES", 100),
        (glancing, "LARGEST_BYTES", 100),
        (text, "LARGEST_BYTES", 100),
        (text, "_PIECE_LETTERS", 50),
        (table_files, "_LARGEST_BYTES", 100),
    ):
        monkeypatch.setattr(module, name, value)


def csv_file(folder: Path) -> Path:
    rows = "".join(f"{n},{'ab'[n % 2]}\n" for n in range(COUNT))
    (folder / "t.csv").write_text(f"x,label\n{rows}")
    return folder / "t.csv"


def parquet(folder: Path) -> Path:
    columns = {"x": np.arange(COUNT), "label": ["a", "b"] * (COUNT // 2)}
    polars.DataFrame(columns).write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def json_lines(folder: Path) -> Path:
    rows = "".join(f'{{"x": {n}, "label": "{"ab"[n % 2]}"}}\n' for n in range(COUNT))
    (folder / "t.jsonl").write_text(rows)
    return folder / "t.jsonl"


@pytest.mark.parametrize("make", [csv_file, parquet, json_lines])
def test_the_first_rows_of_a_large_table_say_what_its_columns_are(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)

    seen, whole = glance(path), inspect_path(path)

    assert seen is not None and isinstance(seen.source, Table) and seen.usable
    assert seen.findings[0].title == "Seen so far: the first 20 rows"
    assert seen.classes == (("a", 10), ("b", 10)) and whole.classes == (("a", 30), ("b", 30))
    assert [one.column for one in seen.columns] == [one.column for one in whole.columns]
    assert seen.size_bytes == whole.size_bytes == path.stat().st_size


def pictures(folder: Path) -> Path:
    for number in range(COUNT):
        (folder / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        Image.new("L", (9, 9)).save(folder / "ab"[number % 2] / f"{number}.png")
    return folder


def sounds(folder: Path) -> Path:
    for number in range(COUNT):
        (folder / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / "ab"[number % 2] / f"{number}.wav", np.zeros(800), 8000)
    return folder


def pairs(folder: Path) -> Path:
    for kind in ("images", "masks"):
        pictures(folder / kind)
    return folder


@pytest.mark.parametrize(("make", "kind"), [(pictures, Images), (sounds, Sounds), (pairs, Pairs)])
def test_the_first_files_of_each_folder_say_what_they_are(
    tmp_path: Path, make: Callable[[Path], Path], kind: type
) -> None:
    path = make(tmp_path / "data")

    seen, whole = glance(path), inspect_path(path)

    assert seen is not None and type(seen.source) is type(whole.source) is kind
    assert seen.source == whole.source and seen.title == whole.title
    assert seen.findings[0].count == seen.samples == 8 and whole.samples == COUNT
    assert [name for name, _ in seen.classes] == [name for name, _ in whole.classes]


def test_the_beginning_of_a_long_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("so it goes on and on. " * 40)

    seen = glance(tmp_path / "a.txt")

    assert seen is not None and isinstance(seen.source, Prose)
    assert seen.findings[0].title == "Seen so far: the first 49 letters"


def texts(folder: Path) -> Path:
    for number in range(COUNT):
        (folder / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        (folder / "ab"[number % 2] / f"{number}.txt").write_text("so it goes")
    return folder


def test_the_first_texts_of_each_class_say_what_they_are(tmp_path: Path) -> None:
    path = texts(tmp_path / "data")

    seen, whole = glance(path), inspect_path(path)

    assert seen is not None and seen.source == whole.source and isinstance(seen.source, Texts)
    assert seen.findings[0].title == "Seen so far: the first 8 files"
    assert seen.classes == (("a", 4), ("b", 4)) and whole.classes == (("a", 30), ("b", 30))


def test_of_a_few_long_texts_the_beginning_of_the_first_is_told(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("so it goes on and on. " * 40)

    seen, whole = glance(tmp_path), inspect_path(tmp_path)

    assert seen is not None and seen.usable and seen.title == whole.title
    assert seen.findings[0].title == "Seen so far: the first 49 letters"
    assert isinstance(seen.source, Prose) and seen.files == whole.files == 2
    assert seen.size_bytes == whole.size_bytes


def a_picture(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (9, 9), number).save(stream, "PNG")
    return stream.getvalue()


def archives(folder: Path) -> Path:
    folder.mkdir()
    for first in (0, COUNT // 2):
        with tarfile.open(folder / f"{first:02}.tar", "w") as archive:
            for number in range(first, first + COUNT // 2):
                for ending, content in (("cls", b"ab"[number % 2 :][:1]), ("png", a_picture(9))):
                    member = tarfile.TarInfo(f"{number:04}.{ending}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    return folder


def a_set() -> polars.DataFrame:
    pictures = [{"bytes": a_picture(n), "path": f"{n}.png"} for n in range(COUNT)]
    return polars.DataFrame({"image": pictures, "label": [n % 2 for n in range(COUNT)]})


FEATURES = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["a", "b"]}}


def saved(folder: Path) -> Path:
    folder.mkdir()
    plain = polars.CompatLevel.oldest()
    a_set().write_ipc_stream(folder / "data-0.arrow", compat_level=plain)
    (folder / "state.json").write_text('{"_data_files": [{"filename": "data-0.arrow"}]}')
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
    return folder


def packed(folder: Path) -> Path:
    folder.mkdir()
    told = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    a_set().write_parquet(folder / "data.parquet", metadata=told)
    return folder


@pytest.mark.parametrize(("make", "of_all"), [(archives, 9), (saved, COUNT), (packed, COUNT)])
def test_the_first_pictures_of_packed_ones_say_what_they_are(
    tmp_path: Path, make: Callable[[Path], Path], of_all: int
) -> None:
    path = make(tmp_path / "data")

    seen = glance(path)
    drawn = drawn_samples(seen) if seen else ()
    copies = [*(tmp_path / "cache").rglob("*.arrow")]
    whole = inspect_path(path)

    assert seen is not None and isinstance(seen.source, PictureTable) and not copies
    assert seen.source == whole.source and seen.title == whole.title
    assert seen.findings[0].title == "Seen so far: the first 9 pictures"
    assert seen.classes == (("a", 5), ("b", 4)) and whole.classes == (("a", 30), ("b", 30))
    assert [label for _, label in drawn] == ["a", "b"] * 4
    assert (seen.samples, whole.samples) == (of_all, COUNT)
    assert (seen.files, seen.size_bytes) == (whole.files, whole.size_bytes)


def test_a_set_of_recordings_or_of_rows_begins_as_it_goes_on(tmp_path: Path) -> None:
    stream = io.BytesIO()
    soundfile.write(stream, np.zeros(800), 8000, format="WAV")
    sounds = [{"bytes": stream.getvalue(), "path": f"{n}.wav"} for n in range(COUNT)]
    labels = ["a", "b"] * (COUNT // 2)
    for name, columns, source in (
        ("heard", {"audio": sounds, "label": labels}, SoundTable),
        ("rows", {"x": range(COUNT), "label": labels}, Table),
    ):
        (tmp_path / name).mkdir()
        for part in ("train", "test"):
            polars.DataFrame(columns).write_parquet(tmp_path / name / f"{part}-0.parquet")

        seen, whole = glance(tmp_path / name), inspect_path(tmp_path / name)

        assert seen is not None and type(seen.source) is type(whole.source) is source
        assert seen.samples == whole.samples == 2 * COUNT
        assert {one.column.name for one in seen.columns} == {
            one.column.name for one in whole.columns
        }


@pytest.mark.parametrize("name", ["small.csv", "small.txt", "none.csv", "bad.parquet"])
def test_what_is_looked_at_quickly_or_cannot_be_read_is_left_to_the_whole_look(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "small.csv").write_text("a,b\n1,2\n")
    (tmp_path / "small.txt").write_text("short")
    (tmp_path / "bad.parquet").write_bytes(b"x" * 200)

    found: Inspection | None = glance(tmp_path / name)

    assert found is None
