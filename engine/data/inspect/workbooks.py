"""What a person should know of the sheet of a workbook."""

from collections.abc import Iterator
from pathlib import Path

from engine.data.inspect.report import Finding
from engine.data.workbooks import Sheet, read_sheet, sheet_names


def about_sheet(path: Path, name: str) -> list[Finding]:
    """Say what stands above the table, which cells were joined, and which other sheets there are.

    Raises:
        DataError: The workbook cannot be read.
    """
    return [*_about(read_sheet(path, name)), *_others(path, name)]


def _about(sheet: Sheet) -> Iterator[Finding]:
    if sheet.titles:
        count = len(sheet.titles)
        yield Finding(
            code="titles",
            title="A row above the table is passed over"
            if count == 1
            else f"{count} rows above the table are passed over",
            why="; ".join(f"“{title[:60]}”" for title in sheet.titles[:3])
            + ". Rows are counted from the first below the names of the columns.",
            count=count,
        )
    if sheet.joined:
        yield Finding(
            code="joined",
            title="Joined cells are taken apart",
            why="Their value stands in each row that they reached.",
            count=sheet.joined,
        )


def _others(path: Path, name: str) -> Iterator[Finding]:
    first, *_ = there = sheet_names(path)
    others = [other for other in there if other != (name or first)]
    if others:
        names = ", ".join(f"“{other[:40]}”" for other in others[:5])
        yield Finding(
            code="sheets",
            title="The workbook has one other table"
            if len(others) == 1
            else f"The workbook has {len(others)} other tables",
            why=f"{names}: one sheet is read at a time.",
            count=len(others),
            examples=tuple(others),
        )
