"""Pictures with tables: named files, tar files, saved data sets. The files are written by hand."""

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import numpy as np
import polars
import pytest
from PIL import Image

from engine.data import listing
from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect.table import with_target
from engine.data.named_files import Finder
from engine.data.opening import open_data
from engine.data.spec import DataSet
from engine.data.tables import read_columns
from nodes.errors import DataError
from nodes.io import Data
from nodes.sources import PictureTable, Table


def opened(found: Inspection, *, skips: bool = False) -> DataSet:
    assert found.source is not None
    source = msgspec.structs.replace(found.source, skip_problems=skips)
    return open_data(Data(dataset=found.name, source=source, split_by=found.split_by))


def shade(number: int) -> int:
    return number * 20


def encoded(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (6, 6), (shade(number),) * 3).save(stream, "PNG")
    return stream.getvalue()


def named_files(folder: Path) -> Path:
    (folder / "IMG").mkdir()
    rows = []
    for number in range(8):
        (folder / "IMG" / f"{number}.png").write_bytes(encoded(number))
        # As simulators write them: the folder of another machine.
        rows.append(f"C:\\data\\IMG\\{number}.png,{number * 0.1:.1f},{'ab'[number % 2]}\n")
    (folder / "driving_log.csv").write_text("center,steering,road\n" + "".join(rows))
    return folder


def shards(folder: Path) -> Path:
    for shard in range(2):
        with tarfile.open(folder / f"train-{shard:04}.tar", "w") as archive:
            for number in range(shard * 4, shard * 4 + 4):
                facts = json.dumps({"steering": number * 0.1, "road": "ab"[number % 2]})
                for ending, content in (("png", encoded(number)), ("json", facts.encode())):
                    member = tarfile.TarInfo(f"{number:06}.{ending}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    return folder


INFO = {
    "features": {
        "image": {"_type": "Image"},
        "steering": {"dtype": "float64"},
        "road": {"names": ["a", "b"], "_type": "ClassLabel"},
    }
}
PARTS = (("train", range(6)), ("test", range(6, 8)))


def records(numbers: Iterable[int]) -> polars.DataFrame:
    return polars.DataFrame(
        {
            "image": [{"bytes": encoded(number), "path": None} for number in numbers],
            "steering": [number * 0.1 for number in numbers],
            "road": [number % 2 for number in numbers],
        }
    )


def in_parquet(folder: Path) -> Path:
    (folder / "data").mkdir()
    told = {"huggingface": json.dumps({"info": INFO})}
    for part, numbers in PARTS:
        file = folder / "data" / f"{part}-00000-of-00001.parquet"
        records(numbers).write_parquet(file, metadata=told)
    return folder


def saved(folder: Path) -> Path:
    for part, numbers in PARTS:
        (folder / part).mkdir()
        frame = records(numbers)
        frame.write_ipc_stream(folder / part / "data-00000-of-00001.arrow")
        state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
        (folder / part / "state.json").write_text(json.dumps(state))
        (folder / part / "dataset_info.json").write_text(json.dumps(INFO))
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    return folder


FORMS = pytest.mark.parametrize("make", [named_files, shards, saved, in_parquet])


@FORMS
def test_what_is_learnt_of_a_picture_stands_in_its_row(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    found = with_target(inspect_path(make(tmp_path)), "steering")

    data_set = opened(found)

    assert isinstance(found.source, PictureTable) and found.usable and found.samples == 8
    assert [field.name for field in data_set.spec.fields] == ["image", "steering"]
    shades = data_set.read("image", np.arange(8))[:, 0, 0, 0]
    how = data_set.spec.preparations["steering"]
    answers = data_set.read("steering", np.arange(8))[:, 0] * how.deviation[0] + how.mean[0]  # type: ignore[union-attr]
    assert shades.tolist() == [shade(number) for number in range(8)]
    assert answers.tolist() == pytest.approx([number * 0.1 for number in range(8)], abs=1e-5)


@FORMS
def test_a_column_of_words_is_an_answer_with_classes(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    data_set = opened(with_target(inspect_path(make(tmp_path)), "road"))

    assert data_set.spec.class_names == {"road": ("a", "b")}
    assert data_set.read("road", np.arange(8)).tolist() == [0, 1] * 4


@pytest.mark.parametrize("make", [saved, in_parquet])
def test_the_parts_of_a_data_set_are_kept(make: Callable[[Path], Path], tmp_path: Path) -> None:
    found = inspect_path(make(tmp_path))

    assert found.split_by == "given"
    assert opened(found).sides["part"].tolist() == [0] * 6 + [2] * 2


def test_a_saved_data_set_without_pictures_is_a_table(tmp_path: Path) -> None:
    frame = polars.DataFrame({"age": range(30), "label": [n % 2 for n in range(30)]})
    frame.write_ipc_stream(tmp_path / "data.arrow")
    (tmp_path / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
    features = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    (tmp_path / "dataset_info.json").write_text(json.dumps({"features": features}))

    found = inspect_path(tmp_path)

    assert isinstance(found.source, Table) and found.classes == (("no", 15), ("yes", 15))
    assert opened(found).spec.samples == 30


def test_named_classes_of_a_table_in_parquet_are_called_by_name(tmp_path: Path) -> None:
    frame = polars.DataFrame({"age": range(30), "label": [n % 2 for n in range(30)]})
    features = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    frame.write_parquet(tmp_path / "t.parquet", metadata=told)

    found = inspect_path(tmp_path / "t.parquet")

    assert isinstance(found.source, Table) and found.classes == (("no", 15), ("yes", 15))
    assert opened(found).spec.samples == 30


def test_lists_and_records_in_cells_are_read_as_text(tmp_path: Path) -> None:
    rows = {"words": [["a", "b"], ["c"], None], "facts": [{"x": 1}, None, {"x": 2}]}
    frame = polars.DataFrame({**rows, "raw": [b"1", b"2", b"3"], "age": [1, 2, 3]})
    frame.write_parquet(tmp_path / "t.parquet")

    columns = read_columns(tmp_path / "t.parquet")

    assert columns["words"].tolist() == ["a b", "c", None]
    assert columns["facts"].tolist() == ["{'x': 1}", None, "{'x': 2}"]
    assert columns["raw"].tolist() == [None] * 3 and columns["age"].tolist() == [1, 2, 3]


def test_a_table_is_found_beside_its_pictures_by_their_names_alone(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(6):
        (tmp_path / "pictures" / f"x{number}.png").write_bytes(encoded(number))
    rows = "".join(f"x{number},{'ab'[number % 2]}\n" for number in range(6))
    (tmp_path / "labels.csv").write_text("id,label\n" + rows)

    found = inspect_path(tmp_path)

    assert isinstance(found.source, PictureTable) and found.source.picture == "id"
    assert found.classes == (("a", 3), ("b", 3))


@FORMS
def test_pictures_that_are_missing_or_damaged_are_a_choice(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    make(tmp_path)
    match make.__name__:
        case "named_files":
            (tmp_path / "IMG" / "3.png").unlink()
        case "shards":
            whole = (tmp_path / "train-0000.tar").read_bytes()
            picture = encoded(3)
            (tmp_path / "train-0000.tar").write_bytes(whole.replace(picture, bytes(len(picture))))
        case "in_parquet":
            file = tmp_path / "data" / "train-00000-of-00001.parquet"
            rows = polars.read_parquet(file).to_dicts()
            rows[3]["image"] = {"bytes": b"no picture", "path": None}
            polars.DataFrame(rows).write_parquet(file, metadata=polars.read_parquet_metadata(file))
        case _:
            file = tmp_path / "train" / "data-00000-of-00001.arrow"
            rows = polars.read_ipc_stream(file).to_dicts()
            rows[3]["image"] = {"bytes": b"no picture", "path": None}
            polars.DataFrame(rows).write_ipc_stream(file)

    found = with_target(inspect_path(tmp_path), "road")

    assert [(one.code, one.weight) for one in found.findings] == [("unreadable", "choice")]
    with pytest.raises(DataError, match="1 of 8 files"):
        opened(found)
    left = opened(found, skips=True)
    assert left.spec.samples == 7 and "1 of 8 files were left out" in left.spec.notes[0]
    shades = left.read("image", np.arange(7))[:, 0, 0, 0]
    assert shades.tolist() == [shade(n) for n in range(8) if n != 3]
    assert left.read("road", np.arange(7)).tolist() == [n % 2 for n in range(8) if n != 3]


def test_rows_without_an_answer_are_a_choice(tmp_path: Path) -> None:
    named_files(tmp_path)
    table = tmp_path / "driving_log.csv"
    table.write_text(table.read_text().replace("0.4", ""))

    found = with_target(inspect_path(table), "steering")

    assert [(one.code, one.weight) for one in found.findings] == [("missing", "choice")]
    assert opened(found, skips=True).spec.samples == 7


@pytest.mark.parametrize("content", [b"no tar file", b""])
def test_what_is_no_archive_says_why(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)

    found = inspect_path(tmp_path / "x.tar")

    assert not found.usable and found.findings[0].title


def test_pictures_are_found_by_path_by_name_and_by_stem(tmp_path: Path) -> None:
    for place in ("a/1.png", "a/2.png", "b/2.png", "c d/3.png"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(encoded(1))
    names = ["a/1.png", "C:\\of\\another\\1.png", "./c d/3.png", "3", "b/2.png", "2.png", "", None]

    places = Finder(tmp_path).places([*names, str(tmp_path / "a" / "2.png")])

    found = [place.file.relative_to(tmp_path).as_posix() for place in places]
    assert found[:5] == ["a/1.png", "a/1.png", "c d/3.png", "c d/3.png", "b/2.png"]
    assert found[8] == "a/2.png"
    # There are two of that name: nobody can know which is meant.
    assert [place.file.is_file() for place in places] == [True] * 5 + [False] * 3 + [True]


@pytest.mark.parametrize("classes", [2, 30])
def test_numbers_of_classes_beside_the_pictures_of_tar_files_are_classes(
    tmp_path: Path, classes: int
) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for number in range(4 * classes):
            label = f"{number % classes}".encode()
            for ending, content in (("png", encoded(number)), ("cls", label)):
                member = tarfile.TarInfo(f"{number:06}.{ending}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

    found = inspect_path(tmp_path / "a.tar")

    assert dict(found.classes) == {str(number): 4 for number in range(classes)}
    assert found.class_column == "cls" and found.columns[0].column.kind == "category"


def test_of_very_many_files_the_list_says_what_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{number}.png" for number in range(6)]
    for name in names[:-1]:
        (tmp_path / name).write_bytes(encoded(1))
    few = Finder(tmp_path).places(names)
    monkeypatch.setattr(listing, "KEPT_FROM", 0)

    many = Finder(tmp_path).places(names)
    amounts = few.amounts, many.amounts
    (tmp_path / names[-1]).write_bytes(encoded(1))
    # As a change a moment later would: clocks of file systems are coarse.
    os.utime(tmp_path, (1e9, 1e9))
    more = Finder(tmp_path).places(names)

    assert len(few.files) == 6 and many.files == ()
    assert amounts == ((6, 5 * len(encoded(1))),) * 2
    assert len({few.digest, many.digest, more.digest}) == 3
