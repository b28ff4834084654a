"""Looking at the columns of a table: the kind of each, and what it seems to be for."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.inspect.classes import counted
from engine.data.inspect.report import MOST_NAMED, ColumnFacts
from engine.data.tables import as_dates, as_numbers
from nodes.io import SplitBy
from nodes.sources import Column, ColumnKind, ColumnRole, Table

Array = npt.NDArray[Any]

_TARGETS: Final = (
    *("target", "label", "class", "y", "outcome", "answer", "status", "churn", "species", "rating"),
    *("price", "score", "steering", "sentiment", "category", "survived", "quality", "diagnosis"),
)
_IDS: Final = re.compile(r"(^|_)(id|index|uuid|key|no|nr|number)$|^unnamed|^$", re.IGNORECASE)
_PARTS: Final = frozenset(
    {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}
)

_FEW_CLASSES = 20
_MOST_CATEGORIES = 100
_WORDS_OF_TEXT = 4
_BINS = 20
_DATES_LOOKED_AT = 500
_ANSWERS: Final = ("number", "category")
_NUMBERS_SHARE = 0.9
_PREVIEWED = 6


def column_facts(name: str, values: Array) -> ColumnFacts:
    """Describe one column by its values."""
    if values.dtype == np.float64 and np.isfinite(values).any():
        return _of_numbers(name, values)
    texts = [prepare.text_of(value) for value in values.tolist()]
    counts = Counter(text for text in texts if text)
    numbers, wrong = numbers_of(values)
    kind = _kind(texts, counts, wrong)
    facts = ColumnFacts(
        column=Column(name=name, kind=kind),
        missing=texts.count(""),
        gaps=gaps_of([not text for text in texts]),
        distinct=len(counts),
    )
    if kind == "date":
        written, _ = as_dates(np.array(texts, object))
        days = prepare.dates(written, day_first=prepare.is_day_first(written))
        return msgspec.structs.replace(_with_numbers(facts, days), mean=None)
    if kind != "number":
        return _with_values(facts, counts)
    facts = _with_numbers(facts, numbers)
    if len(counts) > _FEW_CLASSES or wrong.any():
        return facts
    few = tuple(sorted(counts, key=prepare.number))
    return msgspec.structs.replace(facts, values=few, counts=tuple(counts[one] for one in few))


def gaps_of(is_missing: npt.ArrayLike, first: int = 0) -> tuple[int, ...]:
    """Return the first rows without a value, counted from 1.

    Args:
        first: How many rows there are before these.
    """
    return tuple((np.flatnonzero(is_missing)[:MOST_NAMED] + first + 1).tolist())


def _of_numbers(name: str, values: Array) -> ColumnFacts:
    """Describe a column that holds numbers alone, without a text for each."""
    known, amounts = np.unique(values[~np.isnan(values)], return_counts=True)
    is_missing = np.isnan(values)
    facts = ColumnFacts(
        column=Column(name=name),
        missing=int(is_missing.sum()),
        gaps=gaps_of(is_missing),
        distinct=len(known),
    )
    facts = _with_numbers(facts, values)
    if len(known) > _FEW_CLASSES:
        return facts
    few = tuple(prepare.text_of(value) for value in known.tolist())
    return msgspec.structs.replace(facts, values=few, counts=tuple(amounts.tolist()))


def _with_numbers(facts: ColumnFacts, numbers: Array) -> ColumnFacts:
    some = numbers[np.isfinite(numbers)]
    if not some.size:
        return facts
    bins, _ = np.histogram(some, bins=min(_BINS, max(facts.distinct, 1)))
    return msgspec.structs.replace(
        facts,
        low=float(some.min()),
        high=float(some.max()),
        mean=float(some.mean()),
        counts=tuple(int(count) for count in bins),
    )


def _with_values(facts: ColumnFacts, counts: Counter[str]) -> ColumnFacts:
    common = counts.most_common(_BINS)
    return msgspec.structs.replace(
        facts,
        values=tuple(value[:60] for value, _ in common),
        counts=tuple(count for _, count in common),
    )


def numbers_of(values: Array) -> tuple[Array, Array]:
    """Return the numbers of a column, NaN where there is none, and which values are text."""
    if values.dtype != object:
        return values.astype(np.float64), np.zeros(len(values), bool)
    return as_numbers(values)


def _kind(texts: list[str], counts: Counter[str], wrong: Array) -> ColumnKind:
    known = counts.total()
    if known and _share_of_dates(counts) >= _NUMBERS_SHARE:
        return "date"
    if known and int(wrong.sum()) <= (1 - _NUMBERS_SHARE) * known:
        return "number"
    some = [text for text in texts[:2000] if text]
    words = sum(len(text.split()) for text in some) / max(len(some), 1)
    if words >= _WORDS_OF_TEXT and len(counts) > 0.2 * known:
        return "text"
    return "category"


def _share_of_dates(counts: Counter[str]) -> float:
    """Return how many of the known values are dates, judged by a few hundred of them."""
    some = list(itertools.islice(counts.items(), _DATES_LOOKED_AT))
    written, wrong = as_dates(np.array([text for text, _ in some], object))
    del written
    amounts = np.array([amount for _, amount in some])
    return float(amounts[~wrong].sum() / amounts.sum())


def with_roles(found: dict[str, ColumnFacts]) -> list[ColumnFacts]:
    """Say what each column seems to be for; the person has the last word."""
    target = _target(found)
    described = []
    for name, facts in found.items():
        column = facts.column
        role: ColumnRole = "target" if name == target else _role(name, facts)
        kind = answer_kind(facts) if role == "target" else column.kind
        column = msgspec.structs.replace(column, role=role, kind=kind)
        described.append(msgspec.structs.replace(facts, column=column))
    return described


def _target(found: dict[str, ColumnFacts]) -> str:
    by_name = {name.casefold(): name for name in found}
    named = next((by_name[name] for name in _TARGETS if name in by_name), None)
    if named and found[named].column.kind in _ANSWERS:
        return named
    fitting = [name for name, facts in found.items() if _role(name, facts) == "input"]
    answers = [name for name in fitting if found[name].column.kind in _ANSWERS]
    return answers[-1] if len(answers) > 1 or (len(fitting) > 1 and answers) else ""


def _role(name: str, facts: ColumnFacts) -> ColumnRole:
    known = {value.casefold() for value in facts.values}
    rows = facts.missing + (sum(facts.counts) if facts.counts else 0)
    if facts.distinct <= 1:
        return "ignore"
    if known and known <= _PARTS:
        return "part"
    is_spread = facts.distinct > max(_MOST_CATEGORIES, 0.5 * rows)
    if facts.column.kind == "category" and is_spread:
        return "ignore"
    if _IDS.search(name) and facts.distinct > 0.9 * max(rows, 1):
        return "ignore"
    return "input"


def answer_kind(facts: ColumnFacts) -> ColumnKind:
    """Return whether an answer is one of a few classes, or a number."""
    return "category" if facts.distinct <= _FEW_CLASSES and _is_whole(facts) else facts.column.kind


def _is_whole(facts: ColumnFacts) -> bool:
    if facts.column.kind != "number":
        return facts.column.kind == "category"
    # The different values are known where there are few.
    numbers = [prepare.number(value) for value in facts.values]
    return bool(numbers) and facts.distinct <= 10 and all(one.is_integer() for one in numbers)


def table_source(path: Path, described: list[ColumnFacts], columns: dict[str, Array]) -> Table:
    """Return how a table is read whose columns are these; texts are as long as most."""
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


def target_classes(
    columns: Mapping[str, Array], described: list[ColumnFacts]
) -> tuple[tuple[str, int], ...]:
    """Return the classes of the answer with their samples; none where it is a number."""
    target = next((one.column for one in described if one.column.role == "target"), None)
    if target is None or target.kind != "category":
        return ()
    texts = [prepare.text_of(value) for value in columns[target.name].tolist()]
    return counted(text for text in texts if text)


def split_by(described: list[ColumnFacts], *, is_class: bool) -> SplitBy:
    """Return how a table is best split."""
    roles = {facts.column.role for facts in described}
    if "part" in roles:
        return "given"
    if "group" in roles:
        return "group"
    return "stratified" if is_class else "random"


def previewed_rows(columns: dict[str, Array]) -> tuple[tuple[str, str], ...]:
    """Return the first rows in words."""
    rows = []
    for place in range(min(_PREVIEWED, len(next(iter(columns.values()))))):
        values = (prepare.text_of(values[place]) for values in columns.values())
        rows.append((", ".join(value[:40] for value in values), ""))
    return tuple(rows)
