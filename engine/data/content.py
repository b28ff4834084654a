"""What a source holds before the constants of its preparation are known.

A reader returns a ``Content``; its ``fitted`` takes the constants from the training samples and
makes the arrays that the model gets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.places import Origins
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
from engine.data.row_sets import Rows
from engine.data.spec import ArrayDataSet, DataSpec, Values
from engine.data.subwords import learn_subwords
from nodes.io import DataField, FieldKind
from nodes.sources import Column, Token

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Made:
    """A field of a data set with its values."""

    field: DataField
    values: Values
    preparation: Preparation | None = None
    class_names: tuple[str, ...] = ()


class Part(Protocol):
    """One field to be."""

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """Take the constants from the training samples and prepare all."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a source holds."""

    samples: int
    parts: tuple[Part, ...]
    columns: Mapping[str, Array] = field(default_factory=dict)
    """Raw values by column, for the parts that need them."""

    sides: Mapping[str, Array] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    blocks: Indices | None = None
    """The first sample of each block that is best read as a whole, and the number of samples."""

    origins: Mapping[str, Origins] = field(default_factory=dict)
    """Where the files of the samples lie, by field."""

    def fitted(self, spec: DataSpec, training: Rows) -> ArrayDataSet:
        """Prepare every field with constants of the training samples."""
        listed = np.asarray(training)
        made = [part.make(self.columns, listed) for part in self.parts]
        whole = msgspec.structs.replace(
            spec,
            fields=tuple(one.field for one in made),
            samples=self.samples,
            class_names={
                **{one.field.name: one.class_names for one in made if one.class_names},
                **spec.class_names,
            },
            preparations={one.field.name: one.preparation for one in made if one.preparation},
            notes=(*spec.notes, *self.notes),
        )
        arrays = {one.field.name: one.values for one in made}
        for array in arrays.values():
            if isinstance(array, np.ndarray):
                # Shared by everyone who opens the data set.
                array.setflags(write=False)
        raw = {name: values for name, values in self.columns.items() if len(values) == self.samples}
        return ArrayDataSet(whole, arrays, self.sides, raw, self.blocks, self.origins)


@dataclass(frozen=True, slots=True)
class Ready:
    """A field whose values need no constants."""

    made: Made

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """Return it as it is."""
        del columns, training
        return self.made


@dataclass(frozen=True, slots=True)
class FeatureVector:
    """Columns of numbers and categories side by side."""

    columns: tuple[Column, ...]
    name: str = "features"

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """Standardise numbers, spread categories."""
        parts = tuple(_feature(column, columns[column.name], training) for column in self.columns)
        how = Features(columns=parts)
        return Made(self.field(how), prepared(columns, how), how)

    def field(self, how: Features) -> DataField:
        """Return the field that comes out."""
        return DataField(
            self.name, "vector", (sum(column_width(column) for column in how.columns),)
        )


@dataclass(frozen=True, slots=True)
class Category:
    """A column of words as numbers: a label, or the index of an embedding."""

    column: str
    name: str
    is_label: bool

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """List the values of all samples, so that no label of a held-out one is unknown."""
        del training
        known = known_values(columns[self.column])
        how = Index(column=self.column, values=known, unknown=not self.is_label)
        return Made(self.field(how), prepared(columns, how), how, self.class_names(how))

    def field(self, how: Index) -> DataField:
        """Return the field that comes out."""
        kind: FieldKind = "label" if self.is_label else "category"
        return DataField(self.name, kind, (), "int", len(how.values) + how.unknown)

    def class_names(self, how: Index) -> tuple[str, ...]:
        """Return what the numbers stand for."""
        return how.values if self.is_label else ("unknown", *how.values)


@dataclass(frozen=True, slots=True)
class Number:
    """A column of numbers, standardised by itself."""

    column: str
    name: str

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """Take mean and deviation of the training samples."""
        raw = prepare.numbers(columns[self.column])[training]
        how = Standard(columns=(self.column,), mean=(_mean(raw),), deviation=(_deviation(raw),))
        return Made(self.field(), prepared(columns, how), how)

    def field(self) -> DataField:
        """Return the field that comes out."""
        return DataField(self.name, "number", (1,))


@dataclass(frozen=True, slots=True)
class Words:
    """A column of text as the numbers of its tokens."""

    column: str
    name: str
    words: int
    length: int
    unit: Token = "word"

    def make(self, columns: Mapping[str, Array], training: Indices) -> Made:
        """Choose the commonest tokens of the training samples."""
        texts = [str(text or "") for text in columns[self.column]]
        how = Tokens(
            column=self.column,
            unit=self.unit,
            vocabulary=vocabulary([texts[place] for place in training], self.unit, self.words),
            length=self.length,
        )
        return Made(self.field(), prepared({self.column: texts}, how), how)

    def field(self) -> DataField:
        """Return the field that comes out."""
        # As many as may be known, so that the drawing does not depend on the split.
        return DataField(self.name, "tokens", (self.length,), "int", self.words)


TablePart: TypeAlias = FeatureVector | Category | Number | Words
"""What the columns of a table become."""


def prepared(columns: Mapping[str, Any], how: Preparation) -> Array:
    """Prepare values just as an exported folder does."""
    return prepare.prepared(columns, msgspec.to_builtins(how))


def vocabulary(texts: Iterable[str], unit: str, most: int) -> tuple[str, ...]:
    """Return the commonest tokens, at most ``most`` with the two reserved ones."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(prepare.pieces(text, unit))
    return common_tokens(counts, unit, most)


def common_tokens(counts: Counter[str], unit: str, most: int) -> tuple[str, ...]:
    """Return the commonest tokens, at most ``most`` with the two reserved ones.

    Args:
        counts: How often each piece of the texts is met.
    """
    if unit == "subword":
        return learn_subwords(counts, most - prepare.RESERVED)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(token for token, _ in ranked[: most - prepare.RESERVED])


def known_values(values: Array) -> tuple[str, ...]:
    """Return the different values of a column in order, missing ones left out."""
    found = {prepare.text_of(value) for value in values.tolist()} - {""}
    return tuple(sorted(found, key=natural))


def _feature(column: Column, raw: Array, training: Indices) -> FeatureColumn:
    if column.kind == "date":
        return _date(column, raw, training)
    if column.kind != "number":
        return CategoryColumn(name=column.name, values=known_values(raw))
    numbers = prepare.numbers(raw)
    some = numbers[training]
    return NumberColumn(
        name=column.name,
        fill=float(np.median(some[np.isfinite(some)])) if np.isfinite(some).any() else 0.0,
        mean=_mean(some),
        deviation=_deviation(some),
        marks_missing=not bool(np.isfinite(numbers).all()),
    )


def _date(column: Column, raw: Array, training: Indices) -> DateColumn:
    day_first = prepare.is_day_first(raw)
    days = prepare.dates(raw, day_first=day_first)
    some = days[training]
    return DateColumn(
        name=column.name,
        fill=float(np.median(some[np.isfinite(some)])) if np.isfinite(some).any() else 0.0,
        mean=_mean(some),
        deviation=_deviation(some),
        day_first=day_first,
        has_hours=has_hours(days),
        marks_missing=not bool(np.isfinite(days).all()),
    )


def has_hours(days: Array) -> bool:
    """Say whether dates have times of day that are not all midnight."""
    return bool((days[np.isfinite(days)] % 1 > 0).any())


def column_width(column: FeatureColumn) -> int:
    """Return how many numbers of the vector a column makes."""
    match column:
        case CategoryColumn():
            return len(column.values)
        case DateColumn():
            return 5 + 2 * column.has_hours + column.marks_missing
        case NumberColumn():
            return 1 + column.marks_missing


def _mean(values: Array) -> float:
    some = values[np.isfinite(values)]
    return float(some.mean()) if some.size else 0.0


def _deviation(values: Array) -> float:
    """Return the standard deviation, 1 for a column that never changes."""
    some = values[np.isfinite(values)]
    found = float(some.std()) if some.size else 0.0
    return found if found > 1e-12 else 1.0


def natural(value: str) -> tuple[int, float, str]:
    """Return what orders values as people do: numbers by size, before words."""
    try:
        return 0, float(value), value
    except ValueError:
        return 1, 0.0, value
