"""One pass over a large table: which rows are whole, which values occur, what splits go by."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import has_hours, natural
from engine.data.large.files import TableFiles, read_through
from engine.data.large.values import codes_of, days_of, is_missing, numbers_of
from engine.data.memory import give_back
from engine.data.progress import tell
from engine.data.row_sets import RowSet, RowSetWriter
from engine.data.tables import NO_VALUE, PARTS, tell_rows
from nodes.sources import Column, Table

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of all rows, whichever of them train."""

    kept: RowSet
    """The rows that are whole."""

    known: dict[str, tuple[str, ...]]
    """The different values of each column of categories."""

    gaps: frozenset[str]
    """Columns of numbers or dates in which some are missing."""

    day_first: frozenset[str]
    """Columns of dates that name the day before the month."""

    with_hours: frozenset[str]
    """Columns of dates with times of day."""

    sides: dict[str, Array]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    wrong: dict[str, list[Array]] = field(default_factory=dict)
    missing: dict[str, list[Array]] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    day_first: set[str] = field(default_factory=set)
    with_hours: set[str] = field(default_factory=set)
    sides: dict[str, list[Array]] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)


def survey(files: TableFiles, source: Table) -> Survey:
    """Look at every row once.

    Raises:
        DataError: Rows are not whole and nobody said to leave them out, or none is.
    """
    seen, kept = _Seen(), RowSetWriter()
    columns = [column for column in source.columns if column.role != "ignore"]
    for first, frame in frames(files, [column.name for column in columns]):
        bad = np.zeros(frame.height, bool)
        for column in columns:
            _judge(frame[column.name], column, source, seen, bad, first)
        kept.add(~bad)
        whole = frame.filter(~bad)
        for column in columns:
            _learn(whole[column.name], column, seen)
    notes: list[str] = []
    _tell(source, seen, notes)
    return Survey(
        kept=kept.done(),
        known={name: tuple(sorted(values, key=natural)) for name, values in seen.values.items()},
        gaps=frozenset(seen.gaps),
        day_first=frozenset(seen.day_first),
        with_hours=frozenset(seen.with_hours),
        sides=_sides(seen),
        notes=tuple(notes),
    )


def frames(files: TableFiles, columns: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield every row in frames, and the number of the first one of each."""
    first = 0
    for file, blocks in itertools.groupby(files.blocks, lambda block: block.file):
        for frame in read_through(file, list(blocks), columns):
            tell(first, files.rows)
            yield first, frame
            first += frame.height
            give_back()


def _judge(series: Any, column: Column, source: Table, seen: _Seen, bad: Array, first: int) -> None:
    """Mark the rows that this column spoils."""
    lost = is_missing(series) if _is_needed(column) else np.zeros(len(series), bool)
    if column.kind in NO_VALUE:
        _, wrong = _values(series, column)
        if not source.text_is_missing:
            bad |= wrong
        elif _is_needed(column):
            lost |= wrong
        _add(seen.wrong, column.name, wrong, first)
    _add(seen.missing, column.name, lost & ~bad, first)
    bad |= lost


def _learn(series: Any, column: Column, seen: _Seen) -> None:
    """Take from the whole rows what every block has to agree on."""
    if column.role in ("group", "part"):
        _add_side(series, column.role, seen)
    elif column.kind == "category":
        seen.values.setdefault(column.name, set()).update({*codes_of(series)[1]} - {""})
    elif column.kind in NO_VALUE:
        values, _ = _values(series, column)
        if not np.isfinite(values).all():
            seen.gaps.add(column.name)
        if column.kind == "date":
            _learn_dates(series, values, column, seen)


def _values(series: Any, column: Column) -> tuple[Array, Array]:
    """Return the numbers or days of a column, and which of its values are other text."""
    return numbers_of(series) if column.kind == "number" else days_of(series, day_first=False)


def _learn_dates(series: Any, days: Array, column: Column, seen: _Seen) -> None:
    if prepare.is_day_first(codes_of(series)[1]):
        seen.day_first.add(column.name)
    if has_hours(days):
        seen.with_hours.add(column.name)


def _is_needed(column: Column) -> bool:
    return column.role == "target" or (column.role == "port" and column.kind == "number")


def _add(rows: dict[str, list[Array]], name: str, chosen: Array, first: int) -> None:
    if chosen.any():
        rows.setdefault(name, []).append(np.flatnonzero(chosen) + first)


def _add_side(series: Any, role: str, seen: _Seen) -> None:
    codes, different = codes_of(series)
    if role == "part":
        numbers = [PARTS.get(value.casefold(), 0) for value in different]
    else:
        numbers = [seen.groups.setdefault(value, len(seen.groups)) for value in different]
    kind = np.int8 if role == "part" else np.int32
    seen.sides.setdefault(role, []).append(np.array(numbers, kind)[codes])


def _sides(seen: _Seen) -> dict[str, Array]:
    sides = {name: np.concatenate(parts) for name, parts in seen.sides.items()}
    if "group" in sides:
        # Numbered as the names are sorted, so that a split does not depend on the order of rows.
        ranks = np.empty(len(seen.groups), np.int32)
        ranks[[seen.groups[name] for name in sorted(seen.groups)]] = np.arange(len(ranks))
        sides["group"] = ranks[sides["group"]]
    return sides


def _tell(source: Table, seen: _Seen, notes: list[str]) -> None:
    """Refuse or tell the rows that are left out."""
    for column in source.columns:
        no_value = NO_VALUE.get(column.kind, "")
        for found, what in ((seen.wrong, no_value), (seen.missing, "nothing")):
            rows = np.concatenate(found.get(column.name, [np.zeros(0, np.int64)]))
            tell_rows(source, notes, column.name, rows, what)
