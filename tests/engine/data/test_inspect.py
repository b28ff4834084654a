import contextlib
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data import prepare
from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect.table import with_columns
from engine.data.opening import open_data
from engine.data.spec import DataSet
from nodes.errors import DataError, UsageError
from nodes.io import Data
from nodes.sources import Arrays, Images, Pairs, Prose, Series, Sounds, Table, Texts

ROWS = "id,age,job,good\n" + "".join(
    f"{n},{20 + n % 7},{'baker' if n % 3 else 'smith'},{'yes' if n % 2 else 'no'}\n"
    for n in range(40)
)


def a_table(folder: Path, text: str = ROWS) -> Path:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def a_folder(folder: Path) -> Path:
    for name in range(2):
        (folder / f"class{name}").mkdir()
        for number in range(3):
            image = Image.new("RGB", (20, 12), (number, name, 0))
            image.save(folder / f"class{name}" / f"{number}.png")
    return folder


def opened(found: Inspection, *, skips: bool = False) -> DataSet:
    assert found.source is not None
    source = msgspec.structs.replace(found.source, skip_problems=skips)
    return open_data(Data(dataset=found.name, source=source, split_by=found.split_by))


def codes(found: Inspection) -> dict[str, str]:
    return {finding.code: finding.weight for finding in found.findings}


def test_a_table_says_what_its_columns_are_for(tmp_path: Path) -> None:
    found = inspect_path(a_table(tmp_path))

    kinds = {facts.column.name: (facts.column.kind, facts.column.role) for facts in found.columns}
    assert kinds == {
        "id": ("number", "ignore"),
        "age": ("number", "input"),
        "job": ("category", "input"),
        "good": ("category", "target"),
    }
    assert found.classes == (("no", 20), ("yes", 20))
    assert opened(found).spec.fields[0].sizes == (3,)


@pytest.mark.parametrize(("make", "kind", "samples"), [(a_table, Table, 40), (a_folder, Images, 6)])
def test_what_is_found_can_be_opened(
    tmp_path: Path, make: Callable[[Path], Path], kind: type, samples: int
) -> None:
    found = inspect_path(make(tmp_path))

    assert isinstance(found.source, kind) and found.usable
    assert found.samples == opened(found).spec.samples == samples


def test_rows_that_grow_in_time_are_a_series(tmp_path: Path) -> None:
    rows = "".join(f"2020-01-{day + 1:02},{day * 1.5}\n" for day in range(31))
    (tmp_path / "days.csv").write_text(f"date,rain\n{rows}")

    found = inspect_path(tmp_path / "days.csv")

    assert isinstance(found.source, Series) and found.source.columns == ("rain",)
    assert found.split_by == "order" and opened(found).spec.samples == 31 - 3


def test_long_texts_are_told_from_categories(tmp_path: Path) -> None:
    rows = "".join(f"this is review number {n} of many,{n % 2}\n" for n in range(40))
    (tmp_path / "reviews.csv").write_text(f"review,sentiment\n{rows}")

    found = inspect_path(tmp_path / "reviews.csv")

    assert [facts.column.kind for facts in found.columns] == ["text", "category"]
    assert [field.kind for field in opened(found).spec.fields] == ["tokens", "label"]


def test_a_column_that_names_the_parts_splits(tmp_path: Path) -> None:
    rows = "".join(f"{n},{'test' if n > 30 else 'train'},{n % 2}\n" for n in range(40))

    found = inspect_path(a_table(tmp_path, f"x,split,label\n{rows}"))

    assert found.split_by == "given" and opened(found).sides["part"].sum() == 9 * 2


def test_other_kinds_of_data_are_known_by_their_files(tmp_path: Path) -> None:
    for name in ("sounds", "texts", "pairs/images", "pairs/masks"):
        (tmp_path / name).mkdir(parents=True)
    for word in ("yes", "no"):
        (tmp_path / "sounds" / word).mkdir()
        soundfile.write(tmp_path / "sounds" / word / "1.wav", np.zeros(3000), 8000)
        (tmp_path / "texts" / word).mkdir()
        (tmp_path / "texts" / word / "1.txt").write_text("some words to read")
    for number in range(2):
        Image.new("RGB", (8, 8)).save(tmp_path / "pairs" / "images" / f"{number}.png")
        Image.new("L", (8, 8)).save(tmp_path / "pairs" / "masks" / f"{number}.png")
    np.savez(tmp_path / "a.npz", x=np.zeros((5, 8, 8), np.uint8), y=np.array([0, 1, 2, 0, 1]))
    (tmp_path / "book.txt").write_text("once upon a time " * 40)

    names = ("sounds", "texts", "pairs", "a.npz", "book.txt")
    sources = {name: inspect_path(tmp_path / name).source for name in names}

    assert [type(source) for source in sources.values()] == [Sounds, Texts, Pairs, Arrays, Prose]
    assert isinstance(sources["sounds"], Sounds) and sources["sounds"].rate == 8000


def test_files_of_mnist_are_found_with_their_labels(tmp_path: Path) -> None:
    images = bytes([0, 0, 8, 3]) + np.array([4, 2, 2], ">u4").tobytes() + bytes(16)
    labels = bytes([0, 0, 8, 1]) + np.array([4], ">u4").tobytes() + bytes([0, 1, 2, 1])
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))

    found = inspect_path(tmp_path)

    assert found.classes == (("0", 1), ("1", 2), ("2", 1)) and found.name == tmp_path.name
    assert [field.name for field in opened(found).spec.fields] == ["image", "label"]


def test_arrays_that_are_passed_over_are_named(tmp_path: Path) -> None:
    for part in ("train", "extra"):
        images = bytes([0, 0, 8, 3]) + np.array([4, 2, 2], ">u4").tobytes() + bytes(16)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(images)

    found = inspect_path(tmp_path)

    assert codes(found) == {"others": "note"} and found.findings[0].count == 1
    assert "extra-images-idx3-ubyte" in found.findings[0].why


def test_pictures_that_cannot_be_read_are_named_before_they_are_used(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "class0" / "empty.png").touch()
    good = (tmp_path / "class0" / "0.png").read_bytes()
    (tmp_path / "class1" / "cut.png").write_bytes(good[: len(good) // 2])
    (tmp_path / "class1" / "notes.docx").write_text("x")

    found = inspect_path(tmp_path)

    assert codes(found) == {"unreadable": "choice", "others": "note"}
    assert "empty.png: It has no bytes" in found.findings[0].why
    with pytest.raises(DataError, match="2 of 8 files"):
        opened(found)
    assert opened(found, skips=True).spec.samples == 6


def test_of_many_rows_with_a_problem_the_first_are_named_and_the_rest_counted(
    tmp_path: Path,
) -> None:
    bad = "40,old,baker,yes\n41,30,baker\n42,30,baker,\n"

    found = inspect_path(a_table(tmp_path, ROWS + 4 * bad))

    why = {finding.code: finding.why for finding in found.findings}
    assert why["ragged"].endswith("row 42, row 45, row 48 and 1 more.")
    assert why["mixed"].endswith("“old” in row 47 and 1 more.")
    assert why["missing"].endswith("row 43, row 46, row 49 and 1 more."), "as they are in the file"
    notes = opened(inspect_path(tmp_path / "people.csv"), skips=True).spec.notes
    assert notes == (
        "4 rows of another length were left out.",
        "The column age holds no number in row 41, 44, 47 and 1 more: left out.",
        "The column good holds nothing in row 43, 46, 49 and 1 more: left out.",
    )


def test_rows_of_another_length_and_text_among_numbers_are_a_choice(tmp_path: Path) -> None:
    path = a_table(tmp_path, ROWS + "40,old,baker,yes\n41,30,baker\n42,30,baker,yes,more\n")

    found = inspect_path(path)

    assert codes(found) == {"ragged": "choice", "mixed": "choice"}
    assert "“old” in row 41" in found.findings[1].why
    with pytest.raises(DataError, match="another length"):
        opened(found)
    data_set = opened(found, skips=True)
    assert data_set.spec.samples == 40 and len(data_set.spec.notes) == 2


def test_a_class_of_one_sample_and_another_encoding_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes((ROWS + "40,30,baker,peut-être\n").encode("cp1252"))

    found = inspect_path(path)

    assert {"encoding": "note", "single": "note"}.items() <= codes(found).items()
    assert "Windows-1252" in found.findings[0].title and ("peut-être", 1) in found.classes


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "class0" / "up").symlink_to(tmp_path, target_is_directory=True)

    found = inspect_path(tmp_path)

    assert found.samples == 6 and codes(found) == {"links": "note"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "empty"),
        ("head.csv", b"a,b\n", "unreadable"),
        ("picture.png", b"x", "single"),
        ("notes.docx", b"x", "unknown"),
        ("broken.npz", b"PK\x03\x04", "unreadable"),
        ("broken.parquet", b"PAR1 not really", "unreadable"),
        ("broken.jsonl", b"{no json}\n", "unreadable"),
    ],
)
def test_what_is_no_data_set_says_why(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)

    found = inspect_path(tmp_path / name)

    assert codes(found) == {code: "stop"} and not found.usable
    assert found.findings[0].why


def test_arrays_of_which_no_sample_is_finite_stop(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([[np.inf], [np.nan]]), y=np.array([0, 1]))

    assert codes(inspect_path(tmp_path / "a.npz"))["not_finite"] == "stop"


def test_decimal_commas_make_numbers_where_semicolons_separate(tmp_path: Path) -> None:
    rows = "".join(f"{n % 7},{n}5;1.{n:03},25;a{n % 2}\n" for n in range(10, 50))
    (tmp_path / "t.csv").write_text("x;large;kind\n" + rows)

    found = inspect_path(tmp_path / "t.csv")

    x, large, kind = found.columns
    assert (x.column.kind, large.column.kind, kind.column.kind) == ("number", "number", "category")
    assert (large.low, large.high) == (1010.25, 1049.25)
    # A prediction reads the same file the same way.
    assert prepare.rows(tmp_path / "t.csv")["large"][0] == "1010.25"


def test_commas_elsewhere_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("x\ty\n" + '"1,234"\t"a,b"\n' * 3)

    assert prepare.rows(tmp_path / "t.tsv") == {"x": ["1,234"] * 3, "y": ["a,b"] * 3}


def test_a_column_taken_as_a_group_keeps_its_rows_together(tmp_path: Path) -> None:
    rows = "".join(f"p{n // 4},{n}.5,{'ab'[n % 2]}\n" for n in range(40))
    (tmp_path / "t.csv").write_text("who,x,ill\n" + rows)
    found = inspect_path(tmp_path / "t.csv")
    who, *others = (facts.column for facts in found.columns)

    grouped = with_columns(found, [msgspec.structs.replace(who, role="group"), *others])

    assert (found.split_by, grouped.split_by) == ("stratified", "group")


def test_a_part_that_is_the_same_for_all_splits_nothing(tmp_path: Path) -> None:
    rows = "".join(f"{n}.5,{'ab'[n % 2]},train\n" for n in range(40))
    (tmp_path / "t.csv").write_text("x,kind,split\n" + rows)

    found = inspect_path(tmp_path / "t.csv")

    assert found.columns[2].column.role == "ignore" and found.split_by == "stratified"


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        inspect_path(tmp_path / "gone")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".jsonl", ".npy", ".txt"]))
def test_any_bytes_are_a_data_set_or_a_problem_with_a_name(
    tmp_path: Path, content: bytes, suffix: str
) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    os.utime(path, ns=(hash(content) % 10**18, hash(content) % 10**18))

    # Anything but a problem with a name would be a mistake of ours.
    with contextlib.suppress(DataError):
        found = inspect_path(path)
        if found.usable:
            opened(found, skips=True)
