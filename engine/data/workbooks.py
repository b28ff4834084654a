"""Workbooks of Excel and OpenDocument: the table of one sheet, its titles and joined cells told."""

import datetime
import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from engine.data.prepare import text_of
from engine.graph.names import unique
from nodes.errors import DataError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

_HEAD_ROWS: Final = 50
"""Below the first so many rows no table begins."""

Cell: TypeAlias = str | None
_Range: TypeAlias = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one sheet."""

    name: str
    columns: dict[str, list[Cell]]
    """The values as text, dates as year, month and day; None where a cell is empty."""

    titles: tuple[str, ...] = ()
    """What stands above the table."""

    joined: int = 0
    """Cells of the table that were joined; each of them has the value of the whole."""


def is_workbook(path: Path) -> bool:
    """Say whether a file is a workbook, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the sheets of a workbook that hold a table, in their order; hidden ones are left out.

    Raises:
        DataError: It cannot be read.
    """
    return _sheet_names(path, path.stat().st_mtime_ns)


def read_sheet(path: Path, name: str = "") -> Sheet:
    """Read the table of one sheet; of the first that holds one where none is named.

    Raises:
        DataError: The workbook cannot be read, or has no such sheet.
    """
    there = sheet_names(path)
    if not there:
        raise _refused(path, "None of its sheets holds a table of two rows.")
    if name and name not in there:
        raise _refused(path, f"It has no sheet “{name[:40]}” with a table, but {_listed(there)}.")
    with _opened(path) as book:
        return _table_of(book.get_sheet_by_name(name or there[0]))


@lru_cache(maxsize=16)
def _sheet_names(path: Path, time: int) -> tuple[str, ...]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    del time
    with _opened(path) as book:
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        return tuple(name for name in shown if book.get_sheet_by_name(name).height > 1)


def _opened(path: Path) -> "CalamineWorkbook":
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise DataError(
            "The workbook asks for a password",
            where=str(path),
            hint="Save it again without a password, or as CSV.",
        ) from error
    except CalamineError as error:
        raise _refused(path, "It is damaged, or no workbook.") from error


def _table_of(sheet: "CalamineSheet") -> Sheet:
    rows = [[_written(cell) for cell in row] for row in sheet.iter_rows()]
    first_column = (sheet.start or (0, 0))[1]
    head = _head(rows)
    joined = _fill(rows, head, first_column, sheet.merged_cell_ranges or ())
    body = [row for row in rows[head + 1 :] if any(cell is not None for cell in row)]
    columns: dict[str, list[Cell]] = {}
    for place, title in enumerate(rows[head]):
        values = [row[place] for row in body]
        if title is not None or any(value is not None for value in values):
            columns[unique(title or f"column {place + 1}", columns)] = values
    titles = [" ".join(cell for cell in row if cell is not None) for row in rows[:head]]
    return Sheet(sheet.name, columns, tuple(title for title in titles if title), joined)


def _written(cell: Any) -> Cell:
    """Return what a cell holds as the text that a table would hold."""
    if isinstance(cell, datetime.timedelta):
        return text_of(cell.total_seconds())
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return text_of(cell) or None


def _head(rows: Sequence[Sequence[Cell]]) -> int:
    """Return the row that names the columns: the first that is about as wide as the table."""
    widths = [sum(cell is not None for cell in row) for row in rows]
    usual = statistics.median([width for width in widths if width] or [0])
    wide = (place for place, width in enumerate(widths[:_HEAD_ROWS]) if width > usual / 2)
    return next(wide, 0)


def _fill(
    rows: Sequence[list[Cell]], head: int, first_column: int, ranges: Sequence[_Range]
) -> int:
    """Give the value of joined cells to each of them, and count those that reach the table."""
    reaching = [(begin, end) for begin, end in ranges if end[0] >= head]
    for (top, left), (bottom, right) in reaching:
        value = rows[top][left - first_column]
        places = itertools.product(range(max(top, head), bottom + 1), range(left, right + 1))
        for row, column in _inside(places, rows, first_column):
            rows[row][column] = value
    return len(reaching)


def _inside(
    places: Iterator[tuple[int, int]], rows: Sequence[list[Cell]], first_column: int
) -> Iterator[tuple[int, int]]:
    """Yield the places that there are: joined cells may reach beyond what is filled in."""
    for row, column in places:
        if row < len(rows) and column - first_column < len(rows[row]):
            yield row, column - first_column


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"“{name[:40]}”" for name in names[:5]) + more


def _refused(path: Path, why: str) -> DataError:
    return DataError(
        "The workbook cannot be read",
        why=f"{why.splitlines()[0].rstrip('.')}.",
        where=str(path),
        hint="Save it again as .xlsx or CSV, or choose another file.",
    )
