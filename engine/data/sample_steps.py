"""What becomes of one sample on its way to the model: each value as stored, and as it is read."""

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.content import column_width
from engine.data.preparation import (
    CategoryColumn,
    Features,
    Index,
    Plain,
    Preparation,
    Standard,
    Tokens,
    Windows,
)
from engine.data.prepare import RESERVED, UNKNOWN, text_of
from engine.data.spec import DataSet

_Values = npt.NDArray[Any]
_MOST_NUMBERS: Final = 8

Meaning: TypeAlias = Literal["amount", "place", "cells"]
"""An amount, maybe with what belongs to it; a place in a list; a one among zeros."""


class SampleStep(NamedTuple):
    """One value of a sample: what the file holds, and the numbers that stand for it."""

    name: str
    before: str
    after: str
    numbers: tuple[float, ...] = ()
    """The numbers themselves, of one value that stands in one column."""

    meant: Meaning = "amount"
    """What the numbers are."""


def sample_steps(data_set: DataSet, sample: int) -> tuple[SampleStep, ...]:
    """Tell what each value of a sample becomes; nothing of pictures and sounds."""
    found: list[SampleStep] = []
    for field in data_set.spec.fields:
        how = data_set.spec.preparations.get(field.name)
        if how is not None:
            values = data_set.read(field.name, np.array([sample]))[0]
            found += _steps(data_set, sample, values, how)
    return tuple(found)


def _steps(
    data_set: DataSet, sample: int, values: _Values, how: Preparation
) -> Iterator[SampleStep]:
    match how:
        case Features():
            ends = np.cumsum([column_width(column) for column in how.columns])
            for column, piece in zip(how.columns, np.split(values, ends[:-1]), strict=True):
                stored = _stored(data_set, column.name, sample)
                meant: Meaning = "cells" if isinstance(column, CategoryColumn) else "amount"
                yield SampleStep(column.name, stored, _row(piece), tuple(piece.tolist()), meant)
        case Index():
            stored = _stored(data_set, how.column, sample)
            yield SampleStep(how.column, stored, str(int(values)), (float(values),), "place")
        case Standard():
            raw = values * how.deviation + how.mean
            for name, before, value in zip(how.columns, raw, values, strict=True):
                yield SampleStep(name, _row(before[None]), _row(value[None]), (float(value),))
        case Plain():
            for name, value in zip(how.columns, values, strict=True):
                yield SampleStep(name, _row(value[None]), _row(value[None]), (float(value),))
        case Tokens():
            known = values[values != how.padding]
            words = _row(np.array([_token(how, int(number)) for number in known]))
            yield SampleStep(how.column, words, _row(known))
        case Windows():
            for place, name in enumerate(how.columns):
                read = values[:, place]
                stored_rows = read * how.deviation[place] + how.mean[place]
                yield SampleStep(name, _row(stored_rows), _row(read))
        case _:
            return


def _stored(data_set: DataSet, column: str, sample: int) -> str:
    """Return a value as the file holds it; a dash where it holds none, or is not at hand."""
    if column not in data_set.columns:
        return "–"
    return text_of(data_set.columns[column][sample]) or "–"


def _row(values: _Values) -> str:
    some = values[:_MOST_NUMBERS].tolist()
    words = [f"{one:.4g}" if isinstance(one, float) else str(one) for one in some]
    return " ".join([*words, "…"] if len(values) > _MOST_NUMBERS else words)


def _token(how: Tokens, number: int) -> str:
    return "·" if number == UNKNOWN else how.vocabulary[number - RESERVED]
