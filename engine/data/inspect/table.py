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
from engine.data.inspect.classes import about_classes, counted
from engine.data.inspect.columns import DATE, answer_kind, column_facts, numbers_of, with_roles
from engine.data.inspect.prose import about_encoding
from engine.data.inspect.report import ColumnFacts, Finding, Inspection
from engine.data.tables import (
    is_separated,
    ragged_rows,
    read_columns,
    separator,
    text_of_file,
)
from nodes.errors import DataError, UsageError
from nodes.io import SplitBy
from nodes.sources import Column, Series, Table

Array = npt.NDArray[Any]

_PREVIEWED = 6


def inspect_table(path: Path) -> Inspection:
    """Look at every column of a table."""
    try:
        columns = read_columns(path, skips_ragged=True)
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title="Table", findings=(stop,))
    text, encoding = text_of_file(path) if is_separated(path) else ("", "UTF-8")
    described = with_roles({name: column_facts(name, values) for name, values in columns.items()})
    is_series = _is_series(columns, described)
    source = _series(path, columns, described) if is_series else _table(path, described, columns)
    target = next((facts for facts in described if facts.column.role == "target"), None)
    classes = () if is_series else _classes(columns, target)
    rows = len(next(iter(columns.values())))
    findings = [
        *about_encoding(encoding, 1, str(path)),
        *_about_rows(path, text),
        *_about_columns(columns, described),
        *about_classes(classes),
    ]
    return Inspection(
        path=str(path),
        title="Table in time" if is_series else "Table",
        name=path.name.partition(".")[0] or "table",
        source=source,
        samples=rows,
        files=1,
        size_bytes=path.stat().st_size,
        classes=classes,
        class_column=target.column.name if target and classes else "",
        columns=tuple(described),
        facts=(("Columns", str(len(columns))), ("Encoding", encoding)),
        findings=tuple(findings),
        preview=_preview(columns),
        split_by="order" if is_series else _split(described, is_class=len(classes) > 1),
    )


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
            column = msgspec.structs.replace(column, role="input")
        columns.append(column)
    return with_columns(inspection, columns)


def with_columns(inspection: Inspection, columns: Sequence[Column]) -> Inspection:
    """Return the inspection with its columns meant otherwise, read as a table of samples."""
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
        title="Table",
        columns=tuple(described),
        source=_as_table(inspection, tuple(columns)),
        classes=classes,
        class_column=target.column.name if target is not None and is_class else "",
        split_by=_split(described, is_class=is_class),
    )


def _as_table(inspection: Inspection, columns: tuple[Column, ...]) -> Table:
    source = inspection.source
    length = source.length if isinstance(source, Table) else 100
    return Table(path=source.path if source else inspection.path, columns=columns, length=length)


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
    if not all(DATE.match(text) for text in texts):
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


def _table(path: Path, described: list[ColumnFacts], columns: dict[str, Array]) -> Table:
    texts = [
        columns[facts.column.name]
        for facts in described
        if facts.column.kind == "text" and facts.column.role == "input"
    ]
    lengths = sorted(_words(text) for text in texts[0]) if texts else [100]
    fitting = lengths[int(0.9 * (len(lengths) - 1))]
    return Table(
        path=str(path.absolute()),
        columns=tuple(facts.column for facts in described),
        length=min(max(fitting, 4), 400),
    )


def _words(text: object) -> int:
    return len(prepare.pieces(str(text or ""), "word"))


def _classes(columns: dict[str, Array], target: ColumnFacts | None) -> tuple[tuple[str, int], ...]:
    if target is None or target.column.kind != "category":
        return ()
    texts = [prepare.text_of(value) for value in columns[target.column.name].tolist()]
    return counted(text for text in texts if text)


def _split(described: list[ColumnFacts], *, is_class: bool) -> SplitBy:
    if any(facts.column.role == "part" for facts in described):
        return "given"
    return "stratified" if is_class else "random"


def _about_rows(path: Path, text: str) -> list[Finding]:
    if not text:
        return []
    rows = ragged_rows(text, separator(path, text))
    if not rows:
        return []
    some = ", ".join(f"row {row}" for row in rows[:3])
    return [
        Finding(
            code="ragged",
            title="One row has another length"
            if len(rows) == 1
            else f"{len(rows)} rows have another length",
            why=f"They have more or fewer values than there are columns: {some}.",
            weight="choice",
            count=len(rows),
            examples=tuple(str(row) for row in rows[:3]),
        )
    ]


def _about_columns(columns: dict[str, Array], described: list[ColumnFacts]) -> list[Finding]:
    findings = []
    for facts in described:
        name, role = facts.column.name, facts.column.role
        if facts.column.kind == "number" and role != "ignore":
            findings += _mixed(name, columns[name])
        if facts.missing and role != "ignore":
            findings.append(_missing(facts))
        if facts.distinct <= 1:
            findings.append(
                Finding(
                    code="constant",
                    title=f"{name[:40]} never changes",
                    why="It says nothing about a sample and is left out.",
                )
            )
    return findings


def _mixed(name: str, values: Array) -> list[Finding]:
    _, wrong = numbers_of(values)
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return []
    some = ", ".join(f"“{str(values[row])[:20]}” in row {row + 1}" for row in rows[:3])
    return [
        Finding(
            code="mixed",
            title=f"{name[:40]} holds text among its numbers",
            why=f"{some}.",
            weight="choice",
            count=len(rows),
            examples=tuple(str(row + 1) for row in rows[:3]),
        )
    ]


def _missing(facts: ColumnFacts) -> Finding:
    name, is_number = facts.column.name, facts.column.kind == "number"
    why = (
        "Its gaps are filled by the median of the training part, and marked."
        if is_number
        else "Where it is missing, it is none of the categories."
    )
    if facts.column.role == "target":
        why = "Rows without an answer cannot be learnt from."
    return Finding(
        code="missing",
        title=f"{name[:40]} is missing {_times(facts.missing)}",
        why=why,
        weight="choice" if facts.column.role == "target" else "note",
        count=facts.missing,
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _preview(columns: dict[str, Array]) -> tuple[tuple[str, str], ...]:
    rows = []
    for place in range(min(_PREVIEWED, len(next(iter(columns.values()))))):
        values = (prepare.text_of(values[place]) for values in columns.values())
        rows.append((", ".join(value[:40] for value in values), ""))
    return tuple(rows)
