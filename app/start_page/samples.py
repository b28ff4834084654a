"""A few samples of a data set, in the form in which a card shows them."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.data.builtin import open_data_set
from engine.data.content import column_width
from engine.data.preparation import Features, NumberColumn, Standard, Tokens
from engine.data.spec import DataSet
from nodes.io import DataField

_PICTURES = 9
_POINTS = 240
_CURVES = 3
_CURVE_POINTS = 160
_LINES = 4
_WORDS = 6
_ROWS = 4
_COLUMNS = 2


class Pictures(msgspec.Struct, frozen=True):
    """Images, (count, C, H, W) from 0 to 255."""

    pixels: NDArray[np.uint8]


class Points(msgspec.Struct, frozen=True):
    """Points of a plane with their class."""

    places: NDArray[np.float32]
    """(count, 2), each axis from 0 to 1, upwards."""

    classes: NDArray[np.int64]


class Curves(msgspec.Struct, frozen=True):
    """Lines from left to right, (count, length), from 0 to 1."""

    values: NDArray[np.float32]


class Lines(msgspec.Struct, frozen=True):
    """Beginnings of texts."""

    texts: tuple[str, ...]


class Table(msgspec.Struct, frozen=True):
    """Some cells of a table; the last column is what is predicted."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Samples: TypeAlias = Pictures | Points | Curves | Lines | Table


def read_samples(name: str) -> Samples:
    """Return some samples of a built-in data set.

    Raises:
        DataError: There is no such data set, or its file cannot be read.
    """
    data = open_data_set(name)
    first = data.spec.fields[0]
    match first.kind:
        case "image":
            return Pictures(_read(data, first, _PICTURES).astype(np.uint8))
        case "tokens":
            return Lines(tuple(_texts(data, first)))
        case "sequence" | "audio":
            return Curves(_curves(data, first))
        case "vector" if first.sizes == (2,):
            return _points(data, first)
        case _:
            return _table(data)


def _read(data: DataSet, field: DataField, count: int) -> NDArray[np.generic]:
    """Read samples from all over the data set, since files are often sorted by class."""
    count = min(count, data.spec.samples)
    places = np.linspace(0, data.spec.samples - 1, count).astype(np.int64)
    return data.read(field.name, places)


def _texts(data: DataSet, field: DataField) -> list[str]:
    prepared = data.spec.preparations.get(field.name)
    words = prepared.vocabulary if isinstance(prepared, Tokens) else ()
    glue = " " if isinstance(prepared, Tokens) and prepared.unit == "word" else ""
    texts = []
    for row in _read(data, field, _LINES).astype(np.int64):
        known = [words[token - 2] for token in row if 2 <= token < len(words) + 2]
        text = glue.join(known if not glue else known[:_WORDS])
        texts.append(" ".join(text.split()))
    return texts


def _curves(data: DataSet, field: DataField) -> NDArray[np.float32]:
    values = _read(data, field, _CURVES).astype(np.float32)
    # A recording is channels×samples, a series is length×features: of each, the first.
    lines = values[:, 0] if field.kind == "audio" else values[..., 0]
    step = max(1, lines.shape[1] // _CURVE_POINTS)
    return _between_0_and_1(lines[:, ::step], per_line=field.kind == "audio")


def _between_0_and_1(values: NDArray[np.float32], *, per_line: bool) -> NDArray[np.float32]:
    axis = 1 if per_line else None
    low, high = values.min(axis=axis, keepdims=True), values.max(axis=axis, keepdims=True)
    scaled: NDArray[np.float32] = (values - low) / np.maximum(high - low, 1e-9)
    return scaled


def _points(data: DataSet, field: DataField) -> Points:
    places = _read(data, field, _POINTS).astype(np.float32)
    low, high = places.min(axis=0), places.max(axis=0)
    label = next((other for other in data.spec.fields if other.classes), None)
    classes = np.zeros(len(places), np.int64)
    if label is not None:
        classes = _read(data, label, _POINTS).astype(np.int64).reshape(-1)
    return Points((places - low) / np.maximum(high - low, 1e-9), classes)


def _table(data: DataSet) -> Table:
    *inputs, target = data.spec.fields
    header, columns = [], []
    for field in inputs:
        values = _read(data, field, _ROWS).reshape(_ROWS, -1)
        prepared = data.spec.preparations.get(field.name)
        if isinstance(prepared, Features):
            for name, column in _feature_columns(prepared, values):
                header.append(name)
                columns.append(column)
        else:
            header.append(field.name)
            columns.append([_number(value) for value in values[:, 0]])
    header, columns = header[:_COLUMNS], columns[:_COLUMNS]
    header.append(target.name)
    columns.append(_target_column(data, target))
    return Table(tuple(header), tuple(zip(*columns, strict=True)))


def _feature_columns(
    features: Features, values: NDArray[np.generic]
) -> list[tuple[str, list[str]]]:
    """Give the columns of numbers back as they were before they were standardised."""
    found, at = [], 0
    for column in features.columns:
        if isinstance(column, NumberColumn):
            raw = values[:, at].astype(np.float64) * column.deviation + column.mean
            found.append((column.name, [_number(value) for value in raw]))
            at += 2 if column.marks_missing else 1
        else:
            at += column_width(column)
    return found


def _target_column(data: DataSet, target: DataField) -> list[str]:
    values = _read(data, target, _ROWS).reshape(_ROWS, -1)[:, 0]
    names = data.spec.class_names.get(target.name, ())
    if names and target.classes:
        return [names[int(value)] for value in values]
    prepared = data.spec.preparations.get(target.name)
    if isinstance(prepared, Standard):
        values = values.astype(np.float64) * prepared.deviation[0] + prepared.mean[0]
    return [_number(value) for value in values]


def _number(value: object) -> str:
    number = float(str(value))
    return f"{number:.0f}" if abs(number - round(number)) < 1e-3 else f"{number:.4g}"
