"""Columns of dates: Python's own calendar is the judge of what a written date means."""

import datetime
from pathlib import Path

import msgspec
import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import prepare
from engine.data.inspect import Inspection, inspect_path
from engine.data.large import files
from engine.data.large.table import read_large_table
from engine.data.opening import open_data, own_spec
from engine.data.preparation import DateColumn, Features
from engine.data.spec import DataSet
from engine.data.splitting import split_of
from engine.data.tables import read_table
from nodes.errors import DataError
from nodes.io import Data
from nodes.sources import Column, ColumnRole, Table

EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - dates are taken as they are written
DAYS = [
    datetime.datetime(2020, 1, 31, 6) + datetime.timedelta(hours=31 * n)  # noqa: DTZ001
    for n in range(60)
]
COLUMNS = (
    Column(name="when", kind="date"),
    Column(name="sold", kind="category", role="target"),
)


@given(st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(9999, 12, 31)))  # noqa: DTZ001
def test_a_moment_is_read_in_every_way_that_tables_write_it(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0)
    days = (moment - EPOCH) / datetime.timedelta(days=1)

    for form in (
        *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d %H:%M:%S.000+01:00"),
        *("%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"),
    ):
        # Years before 1000 are not written with four digits everywhere.
        assert prepare.date(moment.strftime(form)) == pytest.approx(days, abs=1e-9)
    assert prepare.date(f"{moment:%d/%m/%Y %H:%M:%S}", day_first=True) == pytest.approx(days)
    assert prepare.date(f"{moment:%Y-%m-%d}") == days // 1
    assert prepare.date(prepare.date_text(days)) == pytest.approx(days, abs=1 / 1440)


@pytest.mark.parametrize("text", ["soon", "2020", "2020-13-01", "30.02.2021", "1/2/20", "25:00"])
def test_what_is_no_date_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        prepare.date(text)


def test_a_thirteenth_month_says_which_number_is_the_day() -> None:
    assert prepare.is_day_first(["02/03/2020", "13/03/2020"])
    assert not prepare.is_day_first(["02/03/2020", "02/13/2020", "31.12.2020", None])


def written(folder: Path, more: str = "") -> Table:
    rows = "".join(f"{day:%d/%m/%Y %H:%M},{'ny'[n % 2]}\n" for n, day in enumerate(DAYS))
    (folder / "t.csv").write_text(f"when,sold\n{rows},n\n{more}")
    return Table(path=str(folder / "t.csv"), columns=COLUMNS)


def fitted(source: Table) -> DataSet:
    content = read_table(source)
    return content.fitted(own_spec("t", source), np.arange(40))


def test_a_date_is_time_passed_and_its_place_in_year_week_and_day(tmp_path: Path) -> None:
    data_set = fitted(written(tmp_path))

    how = data_set.spec.preparations["features"]
    assert isinstance(how, Features)
    (column,) = how.columns
    assert isinstance(column, DateColumn) and column.day_first and column.has_hours
    values = data_set.read("features", np.arange(61))
    assert values.shape == (61, 8)
    passed = values[:40, 0]
    assert passed.mean() == pytest.approx(0, abs=1e-5) and passed.std() == pytest.approx(1)
    # 6 o'clock is a quarter of a day. The first of January 1970 was a Thursday.
    assert values[0, 5:7].tolist() == pytest.approx([1, 0], abs=1e-5)
    weekdays = np.arctan2(values[:60, 3], values[:60, 4]) / (2 * np.pi) * 7 % 7
    assert (weekdays + 1e-3).astype(int).tolist() == [(day.weekday() - 3) % 7 for day in DAYS]
    assert values[60].tolist() == pytest.approx(
        [(column.fill - column.mean) / column.deviation, 0, 0, 0, 0, 0, 0, 1]
    )


def test_an_exported_config_prepares_dates_as_training_did(tmp_path: Path) -> None:
    data_set = fitted(written(tmp_path))
    how = msgspec.json.decode(msgspec.json.encode(data_set.spec.preparations["features"]))

    row = prepare.prepared({"when": ["31/01/2020 06:00"]}, how)

    assert row[0].tolist() == pytest.approx(data_set.read("features", np.array([0]))[0].tolist())


def test_text_among_dates_is_named_and_left_out_or_taken_as_missing(tmp_path: Path) -> None:
    source = written(tmp_path, "soon,y\n")

    with pytest.raises(DataError) as caught:
        read_table(source)
    skipped = read_table(msgspec.structs.replace(source, skip_problems=True))
    missing = read_table(msgspec.structs.replace(source, text_is_missing=True))

    assert "when holds no date in row 62" in caught.value.why
    assert (skipped.samples, missing.samples) == (61, 62)
    assert missing.notes == ("The column when holds no date in row 62: taken as missing.",)


def test_a_column_of_dates_is_known_as_one(tmp_path: Path) -> None:
    found = inspect_path(Path(written(tmp_path, "soon,y\n").path))

    assert [(one.column.kind, one.column.role) for one in found.columns] == [
        ("date", "input"),
        ("category", "target"),
    ]
    assert _codes(found) == ["mixed", "missing"] and "“soon” in row 62" in found.findings[0].why


def _codes(found: Inspection) -> list[str]:
    return [one.code for one in found.findings]


def test_dates_of_a_large_table_are_those_of_the_same_table_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = msgspec.structs.replace(written(tmp_path, "soon,y\n"), text_is_missing=True)
    read = polars.read_csv(source.path, infer_schema=False)
    read.write_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(files, "BLOCK_ROWS", 16)

    large = read_large_table(msgspec.structs.replace(source, path=str(tmp_path / "t.parquet")))
    streamed = large.fitted(own_spec("t", source), np.arange(40))

    whole = fitted(source)
    assert streamed.spec.fields == whole.spec.fields
    every = np.arange(62)
    assert np.allclose(streamed.read("features", every), whole.read("features", every), atol=1e-5)


def test_the_facts_of_a_column_of_dates_go_from_the_first_to_the_last(tmp_path: Path) -> None:
    (facts, _) = inspect_path(Path(written(tmp_path, "soon,y\n").path)).columns

    assert facts.low is not None and facts.high is not None
    assert prepare.date_text(facts.low) == f"{DAYS[0]:%Y-%m-%d %H:%M}"
    assert prepare.date_text(facts.high) == f"{DAYS[-1]:%Y-%m-%d %H:%M}"
    assert sum(facts.counts) == 60 and facts.missing == 1


@pytest.mark.parametrize("role", ["input", "ignore"])
def test_in_order_of_time_the_latest_rows_are_held_out(role: ColumnRole, tmp_path: Path) -> None:
    days = np.random.default_rng(0).permutation(40).tolist()
    lines = [f"{DAYS[day]:%d/%m/%Y},{day},{'yn'[day % 2]}" for day in days]
    (tmp_path / "t.csv").write_text("\n".join(["when,n,sold", *lines]))
    columns = (Column(name="when", kind="date", role=role), Column(name="n"), COLUMNS[1])
    source = Table(path=str(tmp_path / "t.csv"), columns=columns)

    asked = Data(dataset="d", source=source, split_by="order", validation_share=0.25)
    parts = split_of(open_data(asked), asked)

    assert sorted(days[place] for place in parts.validation) == list(range(30, 40))
    assert sorted(days[place] for place in parts.training) == list(range(30))
