"""The constants of a large table, taken from its training rows in one pass."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import (
    Category,
    FeatureVector,
    Number,
    TablePart,
    Words,
    common_tokens,
)
from engine.data.large.files import TableFiles
from engine.data.large.survey import Survey, frames
from engine.data.large.values import days_of, numbers_of, texts_of
from engine.data.preparation import (
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    Features,
    Index,
    NumberColumn,
    Preparation,
    Standard,
    Tokens,
)
from engine.data.row_sets import Rows, RowSet, places_of
from engine.data.tables import NO_VALUE
from nodes.io import DataField
from nodes.sources import Column, Token

Array = npt.NDArray[Any]

_MEDIAN_OF: Final = 1_000_000
"""Of a longer column the median of this many training values, evenly spread, stands for all."""

_HELD_OF_ALL: Final = 16_000_000
"""Of many columns fewer each: the values that are held for medians take 256 MB at most."""


@dataclass(slots=True)
class Moments:
    """Count, mean and squared deviations, put together block by block (Chan et al., 1983)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    some: list[Array] = field(default_factory=list)

    def add(self, values: Array, every: int) -> None:
        """Take the finite ones of some values."""
        is_finite = np.isfinite(values)
        finite = values if is_finite.all() else values[is_finite]
        if not finite.size:
            return
        mean = float(finite.mean())
        apart, both = mean - self.mean, self.count + len(finite)
        away = finite - mean
        self.squares += float(np.square(away, out=away).sum())
        self.squares += apart**2 * self.count * len(finite) / both
        self.mean += apart * len(finite) / both
        self.count = both
        # A copy: a view would hold all values, and so the whole column.
        self.some.append(finite[::every].copy())

    @property
    def deviation(self) -> float:
        """The standard deviation, 1 for a column that never changes."""
        found = (self.squares / self.count) ** 0.5 if self.count else 0.0
        return found if found > 1e-12 else 1.0

    @property
    def median(self) -> float:
        """The middle one of the values kept; 0 where there is none."""
        return float(np.median(np.concatenate(self.some))) if self.some else 0.0


@dataclass(frozen=True, slots=True)
class Described:
    """A field, and how it is made of columns."""

    field: DataField
    how: Preparation
    columns: tuple[str, ...]
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constants:
    """What was counted over the training rows."""

    moments: Mapping[str, Moments]
    tokens: Mapping[str, Counter[str]]


def count_training(
    files: TableFiles, found: Survey, parts: tuple[TablePart, ...], training: Rows
) -> Constants:
    """Go through the training rows once.

    Args:
        training: Which of the kept rows train.
    """
    numbers, texts = _columns(parts)
    moments = {name: Moments() for name in numbers}
    tokens: dict[str, Counter[str]] = {name: Counter() for name in texts}
    each = min(_MEDIAN_OF, _HELD_OF_ALL // max(len(numbers), 1))
    every = max(len(training) // max(each, 1), 1)
    for first, frame in frames(files, [*numbers, *texts]) if numbers or texts else ():
        inside = _training_rows(found.kept, training, first, first + frame.height) - first
        for name, column in numbers.items():
            moments[name].add(_values(frame[name], column, found)[inside], every)
        for name in texts:
            values = texts_of(frame[name])
            for row in inside:
                tokens[name].update(prepare.pieces(values[row], texts[name]))
    return Constants(moments, tokens)


def _training_rows(kept: RowSet, training: Rows, first: int, last: int) -> Array:
    """Return the rows of a stretch that train."""
    ends = kept.places_of(np.array([first, last]))
    begin, end = places_of(training, ends).tolist()
    return kept[training[begin:end]]


def _values(series: Any, column: Column, found: Survey) -> Array:
    if column.kind == "date":
        return days_of(series, day_first=column.name in found.day_first)[0]
    return numbers_of(series)[0]


def described(part: TablePart, found: Survey, constants: Constants) -> Described:
    """Return what a part becomes, and how."""
    match part:
        case FeatureVector():
            columns = tuple(_feature(column, found, constants) for column in part.columns)
            how = Features(columns=columns)
            return Described(part.field(how), how, tuple(column.name for column in columns))
        case Category():
            known = found.known.get(part.column, ())
            index = Index(column=part.column, values=known, unknown=not part.is_label)
            names = part.class_names(index)
            return Described(part.field(index), index, (part.column,), names)
        case Number():
            moments = constants.moments[part.column]
            standard = Standard(
                columns=(part.column,), mean=(moments.mean,), deviation=(moments.deviation,)
            )
            return Described(part.field(), standard, (part.column,))
        case Words():
            tokens = Tokens(
                column=part.column,
                unit=part.unit,
                vocabulary=common_tokens(constants.tokens[part.column], part.unit, part.words),
                length=part.length,
            )
            return Described(part.field(), tokens, (part.column,))


def _feature(column: Column, found: Survey, constants: Constants) -> FeatureColumn:
    if column.kind not in NO_VALUE:
        return CategoryColumn(name=column.name, values=found.known.get(column.name, ()))
    moments = constants.moments[column.name]
    if column.kind == "date":
        return DateColumn(
            name=column.name,
            fill=moments.median,
            mean=moments.mean,
            deviation=moments.deviation,
            day_first=column.name in found.day_first,
            has_hours=column.name in found.with_hours,
            marks_missing=column.name in found.gaps,
        )
    return NumberColumn(
        name=column.name,
        fill=moments.median,
        mean=moments.mean,
        deviation=moments.deviation,
        marks_missing=column.name in found.gaps,
    )


def _columns(parts: tuple[TablePart, ...]) -> tuple[dict[str, Column], dict[str, Token]]:
    """Return the columns of numbers and dates, and those of texts with what their tokens are."""
    numbers: dict[str, Column] = {}
    texts: dict[str, Token] = {}
    for part in parts:
        if isinstance(part, FeatureVector):
            numbers |= {column.name: column for column in part.columns if column.kind in NO_VALUE}
        elif isinstance(part, Number):
            numbers[part.column] = Column(name=part.column)
        elif isinstance(part, Words):
            texts[part.column] = part.unit
    return numbers, texts
