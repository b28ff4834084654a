"""Workbooks become tables: their sheets, titles, joined cells and dates; a CSV is the judge."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from workbook_files import Cell, an_ods, an_xlsx

from engine.data.inspect import inspect_path
from engine.data.opening import open_data
from engine.data.tables import read_columns
from engine.data.workbooks import read_sheet, sheet_names
from nodes.errors import DataError
from nodes.io import Data
from nodes.sources import Series, Table

HEAD = ["age", "job", "since", "good"]
ROWS: list[list[Cell]] = [
    [20.5 + n % 7, "ab"[n % 2], datetime.date(2020, 1 + n % 12, 1 + n), ["no", "yes"][n % 2]]
    for n in range(24)
]


def a_csv(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    lines = [",".join(HEAD), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines))
    return path


def test_a_workbook_gives_the_samples_that_its_csv_gives(tmp_path: Path) -> None:
    files = an_xlsx(tmp_path / "t.xlsx", {"a": [HEAD, *ROWS]}), a_csv(tmp_path / "t.csv", ROWS)
    opened = []

    for file in files:
        found = inspect_path(file)
        assert isinstance(found.source, Table) and found.usable
        opened.append(open_data(Data(dataset=found.name, source=found.source)))

    book, text = opened
    assert book.spec.fields == text.spec.fields
    for field in book.spec.fields:
        whole = np.arange(len(ROWS))
        assert np.array_equal(book.read(field.name, whole), text.read(field.name, whole))


def test_opendocument_is_read_like_excel(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["x", "y"], [1.5, "a"], [2.5, None], [-3.0, "b & c"]]

    found = [
        read_columns(file)
        for file in (an_ods(tmp_path / "t.ods", rows), an_xlsx(tmp_path / "t.xlsx", {"a": rows}))
    ]

    for columns in found:
        assert columns["x"].tolist() == [1.5, 2.5, -3.0]
        assert columns["y"].tolist() == ["a", None, "b & c"]


def test_titles_above_a_table_are_passed_over_and_told(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["Report of May"], [], ["internal", None, "x"], HEAD, *ROWS]

    found = inspect_path(an_xlsx(tmp_path / "t.xlsx", {"a": rows}, joined=["A1:D1"]))

    assert [facts.column.name for facts in found.columns] == HEAD
    assert found.samples == len(ROWS)
    (told,) = [one for one in found.findings if one.code == "titles"]
    assert told.count == 2 and "Report of May" in told.why


def test_joined_cells_have_their_value_in_every_row(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["area", "size", None], [None, "w", "h"]]
    rows += [["north", 1.0, 2.0], [None, 3.0, 4.0], ["south", 5.0, 6.0], [None, 7.0, 8.0]]

    joined = ["A1:A2", "B1:C1", "A3:A4", "A5:A6"]
    path = an_xlsx(tmp_path / "t.xlsx", {"a": rows}, joined=joined)
    sheet = read_sheet(path)

    assert sheet.columns["area"][-4:] == ["north", "north", "south", "south"]
    assert "joined" in {one.code for one in inspect_path(path).findings}


def test_a_sheet_is_chosen_and_the_others_are_told(tmp_path: Path) -> None:
    month = [[datetime.date(2020 + n // 12, 1 + n % 12, 1), 100.0 + n] for n in range(36)]
    sheets: dict[str, list[list[Cell]]] = {
        "people": [HEAD, *ROWS],
        "note": [["nothing to see"]],
        "costs": [["month", "costs"], *month],
    }
    path = an_xlsx(tmp_path / "t.xlsx", sheets)

    found = inspect_path(path, sheet="costs")

    assert sheet_names(path) == found.sheets == ("people", "costs")
    assert isinstance(found.source, Series) and found.source.sheet == "costs"
    assert (
        open_data(Data(dataset="costs", source=found.source)).spec.samples
        == 36 - found.source.window
    )
    (others,) = [one for one in found.findings if one.code == "sheets"]
    assert others.examples == ("people",)


@pytest.mark.parametrize(
    ("content", "why"), [(b"PK\3\4 and no more", "damaged"), (b"no workbook", "damaged")]
)
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)

    (finding,) = inspect_path(tmp_path / "t.xlsx").findings

    assert finding.weight == "stop" and why in finding.why


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path / "t.xlsx", {"people": [HEAD, *ROWS], "one": [["x"]]})

    with pytest.raises(DataError, match="workbook") as caught:
        read_sheet(path, "money")

    assert "“money”" in caught.value.why and "“people”" in caught.value.why


def test_a_workbook_without_a_table_is_told(tmp_path: Path) -> None:
    (finding,) = inspect_path(an_xlsx(tmp_path / "t.xlsx", {"one": [["x"]]})).findings

    assert finding.weight == "stop" and "two rows" in finding.why


def test_workbooks_of_a_folder_go_on_from_each_other(tmp_path: Path) -> None:
    for number in range(2):
        an_xlsx(tmp_path / f"{number}.xlsx", {"a": [HEAD, *ROWS]})

    assert inspect_path(tmp_path).samples == 2 * len(ROWS)
