"""Looking at a table: the kind of each column, what it seems to be for, and what is wrong."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.inspect.classes import about_classes
from engine.data.inspect.columns import (
    answer_kind,
    column_facts,
    previewed_rows,
    split_by,
    table_source,
    target_classes,
    with_roles,
)
from engine.data.inspect.large import inspect_large_table
from engine.data.inspect.naming import mask_column, naming_column
from engine.data.inspect.picture_tables import inspect_named_pictures
from engine.data.inspect.prose import about_encoding, inspect_column_of_texts
from engine.data.inspect.report import ColumnFacts, Finding, Inspection
from engine.data.inspect.sound_tables import inspect_named_sounds
from engine.data.inspect.table_findings import (
    about_columns,
    about_missing,
    about_ragged,
    still_true,
    texts_of_columns,
)
from engine.data.inspect.workbooks import about_sheet
from engine.data.kinds import PICTURES, RECORDINGS
from engine.data.large.files import is_large
from engine.data.separated import (
    is_separated,
    numbered_as_in_file,
    ragged_rows,
    separator,
    text_of_file,
)
from engine.data.tables import read_columns, table_files
from engine.data.workbooks import is_workbook, sheet_names
from nodes.errors import DataError, UsageError
from nodes.sources import Column, ColumnRole, PictureTable, Prose, Series, SoundTable, Source, Table

Array = npt.NDArray[Any]

_ORDERED = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([ T]\d{1,2}:\d{2}.*)?$")
"""A day or a month that comes later in the alphabet where it comes later in time."""


def inspect_table(path: Path, sheet: str = "") -> Inspection:
    """Look at every column of a table: a file, or a folder of files that go on from each other.

    Args:
        sheet: Which sheet of a workbook; the first that holds a table if empty.
    """
    try:
        if is_large(path):
            return inspect_large_table(path)
        columns = read_columns(path, sheet=sheet, skips_ragged=True)
        sheets = sheet_names(path) if is_workbook(path) else ()
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title="Table", findings=(stop,))
    if path.is_file():
        if picture := naming_column(path, columns, PICTURES):
            mask = mask_column(path, columns, picture)
            return inspect_named_pictures(path, picture, mask, sheet)
        if sound := naming_column(path, columns, RECORDINGS):
            return inspect_named_sounds(path, sound, sheet)
    files = table_files(path)
    read = [(file, *text_of_file(file)) for file in files if is_separated(file)]
    encoding = next((name for *_, name in read if name != "UTF-8"), "UTF-8")
    ragged = [ragged_rows(text, separator(file, text)) for file, text, _ in read]
    # In a folder the rows of its files are counted on; what is left out of one is told by itself.
    left_out = ragged[0] if len(files) == 1 and ragged else []
    described = with_roles(
        {name: _facts_of(name, values, left_out) for name, values in columns.items()}
    )
    if prose := inspect_column_of_texts(path, described):
        return prose
    is_series = _is_series(columns, described)
    source = (
        _series(path, columns, described) if is_series else table_source(path, described, columns)
    )
    source = msgspec.structs.replace(source, sheet=sheet)
    target = next((facts for facts in described if facts.column.role == "target"), None)
    classes = () if is_series else target_classes(columns, described)
    rows = len(next(iter(columns.values())))
    findings = [
        *(about_sheet(path, sheet) if sheets else ()),
        *about_encoding([(str(file), name) for file, _, name in read]),
        *about_ragged(sum(map(len, ragged)), [row for rows in ragged for row in rows]),
        *about_columns(described, texts_of_columns(columns, described, left_out)),
        *about_classes(classes),
    ]
    return Inspection(
        path=str(path),
        title="Table in time" if is_series else "Table",
        name=path.name.partition(".")[0] or "table",
        source=source,
        samples=rows,
        files=len(files),
        size_bytes=sum(file.stat().st_size for file in files),
        classes=classes,
        class_column=target.column.name if target and classes else "",
        columns=tuple(described),
        facts=_facts(len(columns), encoding, sheets, sheet),
        sheets=sheets,
        findings=tuple(findings),
        preview=previewed_rows(columns),
        split_by="order" if is_series else split_by(described, is_class=len(classes) > 1),
    )


def _facts_of(name: str, values: Array, left_out: Sequence[int]) -> ColumnFacts:
    facts = column_facts(name, values)
    return msgspec.structs.replace(facts, gaps=numbered_as_in_file(facts.gaps, left_out))


def _facts(
    columns: int, encoding: str, sheets: Sequence[str], sheet: str
) -> tuple[tuple[str, str], ...]:
    told = ("Sheet", sheet or sheets[0]) if sheets else ("Encoding", encoding)
    return ("Columns", str(columns)), told


def with_target(inspection: Inspection, name: str) -> Inspection:
    """Let another column be the answer; the one before becomes an input.

    Raises:
        UsageError: There is no such column.
    """
    names = [facts.column.name for facts in inspection.columns]
    if name not in names:
        raise UsageError(
            f"The table has no column “{name[:40]}”",
            why=f"It has {', '.join(names[:12])}." if names else "It is no table.",
            hint="Choose one of them.",
        )
    columns = []
    for facts in inspection.columns:
        column = facts.column
        if column.name == name:
            column = msgspec.structs.replace(column, role="target", kind=answer_kind(facts))
        elif column.role == "target":
            column = msgspec.structs.replace(column, role=_role_before(inspection))
        columns.append(column)
    return with_columns(inspection, columns)


def _role_before(inspection: Inspection) -> ColumnRole:
    """Return what a column is that is the answer no more: beside other files it is left out."""
    return "ignore" if isinstance(inspection.source, PictureTable | SoundTable) else "input"


def with_columns(inspection: Inspection, columns: Sequence[Column]) -> Inspection:
    """Return an inspection with its columns meant otherwise, read as a table of samples."""
    if list(columns) == [facts.column for facts in inspection.columns]:
        return inspection
    described = [
        msgspec.structs.replace(facts, column=column)
        for facts, column in zip(inspection.columns, columns, strict=True)
    ]
    target = next((facts for facts in described if facts.column.role == "target"), None)
    is_class = target is not None and target.column.kind == "category"
    classes = (
        tuple(sorted(zip(target.values, target.counts, strict=True)))
        if target is not None and is_class and target.values
        else ()
    )
    return msgspec.structs.replace(
        inspection,
        title="Table" if isinstance(inspection.source, Series | Prose) else inspection.title,
        columns=tuple(described),
        source=_as_table(inspection, tuple(columns)),
        classes=classes,
        class_column=target.column.name if target is not None and is_class else "",
        findings=(
            *(one for one in inspection.findings if still_true(one, inspection.columns, columns)),
            *about_missing(described),
        ),
        split_by=split_by(described, is_class=is_class),
    )


def _as_table(inspection: Inspection, columns: tuple[Column, ...]) -> Source:
    source = inspection.source
    if isinstance(source, SoundTable):
        return msgspec.structs.replace(source, columns=columns)
    if isinstance(source, PictureTable):
        has_answer = any(column.role == "target" for column in columns)
        mask = "" if has_answer else source.mask
        return msgspec.structs.replace(source, columns=columns, mask=mask)
    length = source.length if isinstance(source, Table) else 100
    sheet = source.sheet if isinstance(source, Table | Series) else ""
    path = source.path if source else inspection.path
    return Table(path=path, columns=columns, length=length, sheet=sheet)


def _is_series(columns: dict[str, Array], described: list[ColumnFacts]) -> bool:
    """Say whether a column of dates or years grows from row to row, and the rest are numbers."""
    times = [name for name, values in columns.items() if _grows(name, values)]
    others = [facts for facts in described if facts.column.name not in times]
    numbers = [facts for facts in others if facts.column.kind == "number" and facts.distinct > 10]
    return bool(times) and bool(numbers) and len(numbers) >= 0.5 * len(others)


def _grows(name: str, values: Array) -> bool:
    if len(values) < 30:
        return False
    if values.dtype != object:
        is_time = bool(re.search(r"year|month|date|time|day", name, re.IGNORECASE))
        return is_time and bool((np.diff(values) > 0).all())
    texts = [prepare.text_of(value) for value in values.tolist()]
    if not all(_ORDERED.match(text) for text in texts):
        return False
    return all(a < b for a, b in itertools.pairwise(texts))


def _series(path: Path, columns: dict[str, Array], described: list[ColumnFacts]) -> Series:
    numbers = tuple(
        facts.column.name
        for facts in described
        if facts.column.kind == "number"
        and facts.distinct > 1
        and not _grows(facts.column.name, columns[facts.column.name])
    )
    rows = len(next(iter(columns.values())))
    named = [facts.column.name for facts in described if facts.column.role == "target"]
    target = named[0] if named and named[0] in numbers else numbers[0]
    window = min(24, max(rows // 10, 2))
    return Series(path=str(path.absolute()), columns=numbers, target=target, window=window)
