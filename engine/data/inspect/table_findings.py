"""What is wrong with the rows and the columns of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.inspect.columns import numbers_of
from engine.data.inspect.report import MOST_NAMED, ColumnFacts, Finding
from engine.data.separated import MOST_SAID, numbered_as_in_file
from engine.data.tables import NO_VALUE, as_dates
from nodes.sources import Column

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Texts:
    """What is no number, or no date, in a column."""

    count: int = 0
    some: tuple[tuple[int, str], ...] = ()
    """Rows, counted from 1, and what they hold: the first hundred."""


def texts_of_columns(
    columns: Mapping[str, Array], described: Sequence[ColumnFacts], ragged: Sequence[int] = ()
) -> dict[str, Texts]:
    """Return what is no number, or no date, among the values of each column.

    Args:
        ragged: The rows of the file that are not among the values.
    """
    kinds = {facts.column.name: facts.column.kind for facts in described}
    found = {}
    for name, values in columns.items():
        is_date = kinds.get(name) == "date" and values.dtype == object
        rows = np.flatnonzero((as_dates(values) if is_date else numbers_of(values))[1])
        some = rows[:MOST_NAMED]
        numbers = numbered_as_in_file((int(row) + 1 for row in some), ragged)
        held = (str(values[row]) for row in some)
        found[name] = Texts(len(rows), tuple(zip(numbers, held, strict=True)))
    return found


def about_ragged(count: int, rows: Sequence[int]) -> list[Finding]:
    """Say how many rows have another length."""
    if not count:
        return []
    some = _some([f"row {row}" for row in rows], count)
    return [
        Finding(
            code="ragged",
            title="One row has another length"
            if count == 1
            else f"{count} rows have another length",
            why=f"They have more or fewer values than there are columns: {some}.",
            weight="choice",
            count=count,
            examples=tuple(str(row) for row in rows[:MOST_NAMED]),
        )
    ]


def about_columns(described: Sequence[ColumnFacts], texts: Mapping[str, Texts]) -> list[Finding]:
    """Say what is wrong with the columns that are used."""
    findings = []
    for facts in described:
        name, role = facts.column.name, facts.column.role
        if facts.column.kind in NO_VALUE and role != "ignore":
            findings += _mixed(facts.column, texts.get(name, Texts()))
        if facts.distinct <= 1:
            findings.append(
                Finding(
                    code="constant",
                    title=f"{name[:40]} never changes",
                    why="It says nothing about a sample and is left out.",
                )
            )
    return [*findings, *about_missing(described)]


def still_true(finding: Finding, before: Sequence[ColumnFacts], now: Sequence[Column]) -> bool:
    """Say whether a finding holds where columns are meant otherwise than it was thought."""
    if finding.code == "missing":
        return False
    meant = {column.name: column for column in now if column.role != "ignore"}
    kinds = {facts.column.name: facts.column.kind for facts in before}
    if finding.code != "mixed":
        return True
    return finding.column in meant and meant[finding.column].kind == kinds[finding.column]


def about_missing(described: Sequence[ColumnFacts]) -> list[Finding]:
    """Say which columns that are used have gaps."""
    return [
        _missing(facts) for facts in described if facts.missing and facts.column.role != "ignore"
    ]


def _mixed(column: Column, texts: Texts) -> list[Finding]:
    if not texts.count:
        return []
    some = _some([f"“{text[:20]}” in row {row}" for row, text in texts.some], texts.count)
    return [
        Finding(
            code="mixed",
            title=f"{column.name[:40]} holds text among its {column.kind}s",
            why=f"{some}.",
            weight="choice",
            count=texts.count,
            examples=tuple(str(row) for row, _ in texts.some),
            column=column.name,
        )
    ]


def _missing(facts: ColumnFacts) -> Finding:
    name, is_number = facts.column.name, facts.column.kind in NO_VALUE
    why = (
        "Its gaps are filled by the median of the training part, and marked."
        if is_number
        else "Where it is missing, it is none of the categories."
    )
    if facts.column.role == "target":
        some = _some([f"row {row}" for row in facts.gaps], facts.missing)
        why = f"Rows without an answer cannot be learnt from{some and f': {some}'}."
    return Finding(
        code="missing",
        title=f"{name[:40]} is missing {_times(facts.missing)}",
        why=why,
        weight="choice" if facts.column.role == "target" else "note",
        count=facts.missing,
        examples=tuple(str(row) for row in facts.gaps),
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _some(named: Sequence[str], count: int) -> str:
    """Name the first, and say how many of them all are not named."""
    more = count - len(named[:MOST_SAID])
    return ", ".join(named[:MOST_SAID]) + (f" and {more} more" if named and more > 0 else "")
