"""Rows cut out of large row groups, page by page: polars, which reads all, is the judge."""

from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.data.large import pages
from engine.data.large.pages import has_large_groups, read_rows

ROWS = 400


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_GROUP", 0)


def a_frame() -> polars.DataFrame:
    numbers = range(ROWS)
    return polars.DataFrame(
        {
            "x": [None if n % 7 == 3 else n / 3 for n in numbers],
            "kind": polars.Series(["red", "green", "blue"] * ROWS, dtype=polars.Categorical)[:ROWS],
            "text": ["" if n % 5 else f"text {n} " * (n % 40) for n in numbers],
            "day": [date(2020, 1, 1) + timedelta(n) for n in numbers],
            "took": [timedelta(seconds=n) for n in numbers],
            "is": [n % 3 == 0 for n in numbers],
            "picture": [
                None if n % 11 == 5 else {"bytes": bytes([n % 256]) * (n % 90), "path": f"{n}.png"}
                for n in numbers
            ],
        }
    )


@pytest.fixture(scope="module", params=["zstd", "snappy", "uncompressed"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "t.parquet"
    a_frame().write_parquet(path, compression=request.param, row_group_size=300, data_page_size=200)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data())
def test_any_rows_of_any_columns_are_those_of_the_whole(file: Path, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, ROWS - 1))
    rows = data.draw(st.integers(1, ROWS - first))
    columns = data.draw(st.lists(st.sampled_from(a_frame().columns), min_size=1, unique=True))

    whole = polars.read_parquet(file).select(columns)
    assert_frame_equal(read_rows(file, first, rows, columns), whole.slice(first, rows))


def test_no_more_than_the_pages_of_the_rows_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.parquet"
    polars.DataFrame({"x": [n / 3 for n in range(50_000)]}).write_parquet(
        file, compression="uncompressed", data_page_size=4000
    )
    read_rows(file, 0, 1, ["x"])
    read: list[int] = []

    def counted(stream: BinaryIO, begin: int, end: int) -> bytes:
        read.append(end - begin)
        stream.seek(begin)
        return stream.read(end - begin)

    monkeypatch.setattr(pages, "_stretch", counted)
    read_rows(file, 25_000, 1, ["x"])

    assert 0 < sum(read) < file.stat().st_size / 20


def test_rows_of_lists_are_left_to_polars(tmp_path: Path) -> None:
    polars.DataFrame({"x": [[1, 2], [3]]}).write_parquet(tmp_path / "t.parquet")

    assert not has_large_groups(tmp_path / "t.parquet")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(place=st.integers(-900, -1), value=st.integers(0, 255))
def test_a_damaged_end_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    damaged = tmp_path_factory.mktemp("damaged") / "t.parquet"
    polars.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]}).write_parquet(damaged)
    content = bytearray(damaged.read_bytes())
    content[max(place, -len(content))] = value
    damaged.write_bytes(content)

    try:
        if has_large_groups(damaged):
            read_rows(damaged, 0, 2, ["x", "y"])
    except (OSError, ValueError, polars.exceptions.PolarsError):
        pass
