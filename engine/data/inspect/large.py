"""Looking at a table that is larger than memory: columns by a part of the rows, figures by all."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.amounts import grouped
from engine.data.inspect.classes import about_classes
from engine.data.inspect.columns import (
    column_facts,
    gaps_of,
    previewed_rows,
    split_by,
    table_source,
    with_roles,
)
from engine.data.inspect.prose import about_encoding, inspect_column_of_texts
from engine.data.inspect.report import MOST_NAMED, ColumnFacts, Finding, Inspection
from engine.data.inspect.table_findings import Texts, about_columns, about_ragged
from engine.data.large.files import TableFiles, open_files, read_block
from engine.data.large.survey import frames
from engine.data.large.values import codes_of, days_of, numbers_of
from engine.data.tables import NO_VALUE, column_values, table_files
from nodes.errors import DataError

Array = npt.NDArray[Any]

_LOOKED_AT_BLOCKS: Final = 10
_LOOKED_AT_ROWS: Final = 5000
"""Of each of them."""

_SHOWN = 20
_MOST_COUNTED = 100_000


@dataclass(slots=True)
class _Tally:
    """What is counted of one column over all rows."""

    missing: int = 0
    gaps: list[int] = field(default_factory=list)
    texts: int = 0
    some: list[tuple[int, str]] = field(default_factory=list)
    total: float = 0.0
    numbers: int = 0
    low: float = np.inf
    high: float = -np.inf
    values: Counter[str] = field(default_factory=Counter)


def inspect_large_table(path: Path) -> Inspection:
    """Look at every row once; what a column is for is judged by a part of the rows."""
    try:
        files = open_files(path)
        some = _some_rows(files)
        looked_at = with_roles({name: column_facts(name, values) for name, values in some.items()})
        if prose := inspect_column_of_texts(path, looked_at):
            return prose
        tallies = _counted(files, looked_at)
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title="Table", findings=(stop,))
    described = [_complete(facts, tallies[facts.column.name]) for facts in looked_at]
    target = next((facts for facts in described if facts.column.role == "target"), None)
    is_class = target is not None and target.column.kind == "category"
    classes = tuple(sorted(tallies[target.column.name].values.items())) if target else ()
    classes = classes if is_class else ()
    findings = [
        *about_encoding([(str(path), files.encoding)]),
        *about_ragged(files.ragged, files.ragged_rows),
        *about_columns(described, {name: _texts(tally) for name, tally in tallies.items()}),
        *about_classes(classes),
        _about_reading(len(next(iter(some.values()))), files.rows),
    ]
    there = table_files(path)
    return Inspection(
        path=str(path),
        title="Large table",
        name=path.name.partition(".")[0] or "table",
        source=table_source(path, described, some),
        samples=files.rows,
        files=len(there),
        size_bytes=sum(file.stat().st_size for file in there),
        classes=classes,
        class_column=target.column.name if target and classes else "",
        columns=tuple(described),
        facts=(("Columns", str(len(described))), ("Encoding", files.encoding)),
        findings=tuple(findings),
        preview=previewed_rows(some),
        split_by=split_by(described, is_class=len(classes) > 1),
    )


def _some_rows(files: TableFiles) -> dict[str, Array]:
    """Read the first rows of some blocks that lie evenly in the table."""
    import polars

    count = min(len(files.blocks), _LOOKED_AT_BLOCKS)
    places = np.linspace(0, len(files.blocks) - 1, count).astype(int)
    read = [read_block(files.blocks[place], files.columns) for place in places]
    whole = polars.concat([frame.head(_LOOKED_AT_ROWS) for frame in read], how="vertical_relaxed")
    return {name: column_values(whole[name]) for name in whole.columns}


def _counted(files: TableFiles, described: list[ColumnFacts]) -> dict[str, _Tally]:
    tallies = {facts.column.name: _Tally() for facts in described}
    for first, frame in frames(files, list(tallies)):
        for facts in described:
            _count(frame[facts.column.name], facts, tallies[facts.column.name], first)
    return tallies


def _count(series: Any, facts: ColumnFacts, tally: _Tally, first: int) -> None:
    if facts.column.kind == "number" or facts.low is not None:
        is_date = facts.column.kind == "date"
        found, wrong = days_of(series, day_first=False) if is_date else numbers_of(series)
        finite = found[np.isfinite(found)]
        _note_gaps(np.isnan(found) & ~wrong, tally, first)
        _note_texts(series, wrong, tally, first)
        if finite.size:
            tally.total += float(finite.sum())
            tally.numbers += len(finite)
            tally.low = min(tally.low, float(finite.min()))
            tally.high = max(tally.high, float(finite.max()))
    if facts.column.kind in NO_VALUE:
        return
    codes, different = codes_of(series)
    amounts = np.bincount(codes, minlength=len(different))
    if facts.low is None:
        is_gap = np.array([not value for value in different], bool)
        _note_gaps(is_gap[codes], tally, first)
    if len(tally.values) < _MOST_COUNTED:
        tally.values.update(
            {value: int(n) for value, n in zip(different, amounts, strict=True) if value and n}
        )


def _note_gaps(is_missing: Array, tally: _Tally, first: int) -> None:
    tally.missing += int(is_missing.sum())
    tally.gaps += gaps_of(is_missing, first)[: MOST_NAMED - len(tally.gaps)]


def _note_texts(series: Any, wrong: Array, tally: _Tally, first: int) -> None:
    tally.texts += int(wrong.sum())
    for row in np.flatnonzero(wrong)[: MOST_NAMED - len(tally.some)]:
        tally.some.append((first + int(row) + 1, str(series[int(row)])))


def _complete(facts: ColumnFacts, tally: _Tally) -> ColumnFacts:
    """Return what is known of a column, its figures those of all rows."""
    known = msgspec.structs.replace(facts, missing=tally.missing, gaps=tuple(tally.gaps))
    if tally.numbers:
        mean = None if facts.mean is None else tally.total / tally.numbers
        known = msgspec.structs.replace(known, low=tally.low, high=tally.high, mean=mean)
    if not tally.values:
        return known
    common = tally.values.most_common(_SHOWN)
    return msgspec.structs.replace(
        known,
        distinct=len(tally.values),
        values=tuple(value[:60] for value, _ in common),
        counts=tuple(count for _, count in common),
    )


def _texts(tally: _Tally) -> Texts:
    return Texts(tally.texts, tuple(tally.some))


def _about_reading(looked_at: int, rows: int) -> Finding:
    return Finding(
        code="large",
        title="The table is read from disk while the model trains",
        why=f"What each column is for is judged by {grouped(looked_at)} of {grouped(rows)} rows; "
        "counts are of all.",
    )
