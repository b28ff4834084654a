"""The values of one block, column by column, as reading the whole table would give them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
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
from engine.data.tables import as_dates, as_numbers
from engine.data.written import as_text

Array = npt.NDArray[Any]


def numbers_of(series: Any) -> tuple[Array, Array]:
    """Return the numbers of a column of a frame, NaN where there is none, and which are text."""
    import polars

    if series.dtype.is_numeric() or series.dtype == polars.Boolean:
        found = np.array(series.cast(polars.Float64).to_numpy(), np.float64)
        found[np.isinf(found)] = np.nan
        return found, np.zeros(len(found), bool)
    text = as_text(series).str.strip_chars()
    cast = text.cast(polars.Float64, strict=False)
    found, wrong = np.array(cast.to_numpy(), np.float64), np.zeros(len(text), bool)
    # Numbers that people wrote, and words: few, or the column would be one of categories.
    found[np.isinf(found)] = np.nan
    doubtful = np.flatnonzero((cast.is_null() & text.is_not_null()).to_numpy())
    if doubtful.size:
        found[doubtful], wrong[doubtful] = as_numbers(text.gather(doubtful).to_numpy())
    return found, wrong


def days_of(series: Any, *, day_first: bool) -> tuple[Array, Array]:
    """Return the dates of a column as days since 1970, NaN where there is none, and which are text.

    Shapes:
        out: (rows,) each
    """
    codes, different = codes_of(series)
    written, wrong = as_dates(np.array(different, object))
    return prepare.dates(written, day_first=day_first)[codes], wrong[codes]


def codes_of(series: Any) -> tuple[Array, list[str]]:
    """Return the place of each value among the different values, and these as text.

    Shapes:
        out: (rows,)
    """
    import polars

    text = as_text(series).fill_null("")
    different = text.unique(maintain_order=True)
    places = polars.Series(range(len(different)), dtype=polars.Int64)
    codes = text.replace_strict(different, places, return_dtype=polars.Int64)
    return np.array(codes.to_numpy(), np.int64), [prepare.text_of(value) for value in different]


def texts_of(series: Any) -> list[str]:
    """Return the values of a column as text; empty where one is missing."""
    return [str(text or "") for text in as_text(series).to_list()]


def is_missing(series: Any) -> Array:
    """Say which values are missing."""
    codes, different = codes_of(series)
    return np.array([value == "" for value in different], bool)[codes]


def prepared(frame: Any, how: Preparation) -> Array:
    """Prepare the values of a block, as ``prepare.prepared`` does with columns in memory."""
    match how:
        case Features():
            return np.concatenate([_feature(frame, column) for column in how.columns], axis=1)
        case Index():
            return _index(frame[how.column], how.values, unknown=how.unknown)
        case Standard():
            columns = {name: numbers_of(frame[name])[0] for name in how.columns}
            return prepare.standardised(columns, _plain(how))
        case Tokens():
            return prepare.tokens(texts_of(frame[how.column]), _plain(how))
        case _:
            raise TypeError(f"no column of a table is prepared by {type(how).__name__}")


def _feature(frame: Any, column: FeatureColumn) -> Array:
    if isinstance(column, DateColumn):
        codes, different = codes_of(frame[column.name])
        written, _ = as_dates(np.array(different, object))
        parts: Array = prepare.date_parts(written, _plain(column)).astype(np.float32)[codes]
        return parts
    if isinstance(column, CategoryColumn):
        places = _index(frame[column.name], column.values, unknown=True)
        spread: Array = np.eye(len(column.values) + 1, dtype=np.float32)[places, 1:]
        return spread
    numbers, _ = numbers_of(frame[column.name])
    part: dict[str, Any] = {"type": "number", **_plain(column)}
    return prepare.features({column.name: numbers}, [part])


def _index(series: Any, values: tuple[str, ...], *, unknown: bool) -> Array:
    codes, different = codes_of(series)
    # A label that is missing is that of a row which was left out, and never asked for.
    numbers = prepare.index(different, {"values": values, "unknown": True}) - (not unknown)
    found: Array = numbers[codes]
    return found


def _plain(how: Preparation | NumberColumn | DateColumn) -> Mapping[str, Any]:
    return {name: getattr(how, name) for name in how.__struct_fields__}
