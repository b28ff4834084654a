from pathlib import Path

import numpy as np
import polars
import pytest

from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect.large import inspect_large_table
from engine.data.inspect.table import inspect_table
from engine.data.large import files


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BLOCK_ROWS", 50)
    monkeypatch.setattr(files, "_PIECE_LETTERS", 700)


def a_table(path: Path, more: str = "") -> Path:
    rows = "".join(
        f"{n},{'' if n % 9 == 4 else 20 + n % 7},{'baker' if n % 3 else 'smith'},"
        f"{'yes' if n % 2 else 'no'}\n"
        for n in range(400)
    )
    path.write_text("id,age,job,good\n" + rows + more, encoding="utf-8")
    return path


def facts(found: Inspection) -> dict[str, tuple[object, ...]]:
    return {
        one.column.name: (
            one.column.kind,
            one.column.role,
            one.missing,
            one.gaps,
            one.low,
            one.high,
        )
        for one in found.columns
    }


def test_counts_of_a_large_table_are_those_of_all_its_rows(tmp_path: Path) -> None:
    path = a_table(tmp_path / "t.csv", more="400,old,baker,yes\n401,30,baker\n")

    whole, large = inspect_table(path), inspect_large_table(path)

    assert facts(large) == facts(whole)
    assert large.classes == whole.classes and large.samples == whole.samples
    assert large.columns[1].mean == pytest.approx(whole.columns[1].mean)
    problems = {one.code: (one.title, one.why) for one in large.findings}
    assert problems.pop("large")[1].endswith("counts are of all.")
    assert problems == {one.code: (one.title, one.why) for one in whole.findings}


def test_rows_without_an_answer_are_named(tmp_path: Path) -> None:
    path = a_table(tmp_path / "t.csv", more="400,21,baker,\n401,22,smith,yes\n402,23,baker,NaN\n")

    for found in (inspect_table(path), inspect_large_table(path)):
        (missing,) = [one for one in found.findings if one.title.startswith("good is")]
        assert missing.examples == ("401", "403") and "row 401, row 403." in missing.why


def test_files_with_the_same_columns_are_one_table(tmp_path: Path) -> None:
    for number in range(3):
        a_table(tmp_path / f"part{number}.csv")

    found = inspect_path(tmp_path)

    assert found.samples == 1200 and found.files == 3


def test_of_files_with_other_columns_the_largest_is_taken(tmp_path: Path) -> None:
    a_table(tmp_path / "train.csv")
    (tmp_path / "submission.csv").write_text("id,good\n1,yes\n2,no\n")

    assert inspect_path(tmp_path).samples == 400


def test_what_is_no_table_says_why(tmp_path: Path) -> None:
    frame = polars.DataFrame({"x": np.arange(200.0)})
    frame.write_parquet(tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[:300] + bytes(len(whole) - 700) + whole[-400:])

    found = inspect_large_table(tmp_path / "t.parquet")

    assert [(one.code, one.weight) for one in found.findings] == [("unreadable", "stop")]
