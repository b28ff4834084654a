"""Samples for people: as a picture, in words, and what was done to them for the model."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.preparation import (
    Answer,
    CategoryColumn,
    DateColumn,
    Features,
    Index,
    NumberColumn,
    Plain,
    Preparation,
    Standard,
    Tokens,
    Waveform,
    Windows,
)
from engine.data.prepare import RESERVED, UNKNOWN, text_of
from engine.data.spec import DataSet, DataSpec
from nodes.io import DataField

Pixels = npt.NDArray[np.uint8]

_DRAWN: Final = ("image", "audio", "sequence")
_SIDE: Final = 48
_LONGEST: Final = 300


def class_field(spec: DataSpec) -> DataField | None:
    """Return the field that says which class a sample belongs to."""
    return next((field for field in spec.fields if field.kind == "label"), None)


def picture_field(spec: DataSpec) -> DataField | None:
    """Return the field that can be looked at."""
    return next((field for field in spec.fields if field.kind in _DRAWN and field.sizes), None)


def as_picture(field: DataField, values: npt.NDArray[Any]) -> Pixels:
    """Draw one sample: an image as it is, a waveform as its envelope, a sequence as a map.

    Shapes:
        values: the sizes of the field
        out: (C, H, W), or (H, W) of a sequence, which has no form of its own
    """
    if field.kind == "image":
        return _image(values)
    if field.kind == "audio":
        return _envelope(values.astype(np.float32).mean(axis=0))
    return _map(np.asarray(values, np.float32).reshape(len(values), -1).T)


def words_of(data_set: DataSet, sample: int) -> str:
    """Tell one sample in a line of words."""
    if data_set.columns:
        return _row(data_set, sample)
    told = []
    for field in data_set.spec.fields:
        if field.kind in ("label", *_DRAWN) or (field.name == "next"):
            continue
        values = data_set.read(field.name, np.array([sample]))[0]
        told.append(_in_words(values, data_set.spec.preparations.get(field.name)))
    return "  ".join(told)[:_LONGEST]


def label_of(data_set: DataSet, sample: int) -> str:
    """Return the class of a sample, or its answer where that is a number."""
    spec = data_set.spec
    field = class_field(spec)
    if field is not None:
        value = int(data_set.read(field.name, np.array([sample])).reshape(-1)[0])
        names = spec.class_names.get(field.name, ())
        return names[value] if value < len(names) else str(value)
    answer = spec.fields[-1]
    how = spec.preparations.get(answer.name)
    if answer.kind != "number" or not isinstance(how, Standard):
        return ""
    scaled = float(data_set.read(answer.name, np.array([sample])).reshape(-1)[0])
    return f"{scaled * how.deviation[0] + how.mean[0]:.4g}"


def steps_of(spec: DataSpec) -> tuple[tuple[str, str], ...]:
    """Say for each field what is done to it before the model gets it."""
    return tuple((field.name, _step(field, spec)) for field in spec.fields)


def _step(field: DataField, spec: DataSpec) -> str:
    how = spec.preparations.get(field.name)
    match how:
        case Features():
            return _features(how)
        case Index():
            return f"{len(how.values)} values become whole numbers" + (
                "; 0 is any other one" if how.unknown else ""
            )
        case Standard():
            return f"(value − {how.mean[0]:.4g}) / {how.deviation[0]:.4g}"
        case Windows():
            done = "zeros in front of fewer" if how.fills else "each standardised"
            return f"{how.length} rows of {', '.join(how.columns)[:120]}; {done}"
        case Tokens():
            return (
                f"{len(how.vocabulary)} {how.unit}s are known; {how.length} of them make a sample"
            )
        case Answer():
            return "What was answered so far; a prediction begins with nothing"
        case Waveform():
            return f"One channel at {how.rate / 1000:g} kHz, {how.length / how.rate:g} s"
        case Plain() | None:
            return _plain(field)


def _features(how: Features) -> str:
    numbers = [column for column in how.columns if isinstance(column, NumberColumn)]
    categories = [column for column in how.columns if isinstance(column, CategoryColumn)]
    parts = []
    if numbers:
        parts.append(f"{len(numbers)} numbers standardised")
    marked = sum(column.marks_missing for column in numbers)
    if marked:
        parts.append(f"gaps in {marked} filled and marked")
    dates = sum(isinstance(column, DateColumn) for column in how.columns)
    if dates:
        parts.append(f"{dates} dates as time passed, time of year, weekday and hour")
    if categories:
        spread = sum(len(column.values) for column in categories)
        parts.append(f"{len(categories)} categories spread into {spread} zeros and ones")
    return ", ".join(parts)


def _plain(field: DataField) -> str:
    if field.kind == "image":
        return "Bytes divided by 255"
    if field.kind in ("label", "mask"):
        return f"Numbers of {field.classes} classes"
    return "As it is"


def _row(data_set: DataSet, sample: int) -> str:
    values = [(name, text_of(column[sample])) for name, column in sorted(data_set.columns.items())]
    inputs = [(name, value) for name, value in _in_order(data_set, values) if value]
    if len(inputs) == 1:
        return " ".join(inputs[0][1].split())[:_LONGEST]
    return ", ".join(f"{name} {' '.join(value.split())}" for name, value in inputs)[:_LONGEST]


def _in_order(data_set: DataSet, values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the columns that the model reads, as it reads them; the answer is told beside."""
    by_name, answer = dict(values), data_set.spec.fields[-1].name
    used: list[str] = []
    for name, how in data_set.spec.preparations.items():
        if name != answer:
            used += _columns(how)
    return [(name, by_name[name]) for name in used if name in by_name]


def _columns(how: Preparation) -> list[str]:
    match how:
        case Features():
            return [column.name for column in how.columns]
        case Index() | Tokens():
            return [how.column]
        case Standard() | Plain() | Windows():
            return list(how.columns)
        case Answer() | Waveform():
            return []


def _in_words(values: npt.NDArray[Any], how: Preparation | None) -> str:
    if isinstance(how, Tokens | Answer):
        gap = " " if isinstance(how, Tokens) and how.unit == "word" else ""
        return gap.join(_token(how, int(number)) for number in values if number).strip()
    flat = values.reshape(-1)[:6]
    return ", ".join(f"{number:.3g}" for number in flat.tolist())


def _token(how: Tokens | Answer, number: int) -> str:
    return "·" if number == UNKNOWN else how.vocabulary[number - RESERVED]


def _image(values: npt.NDArray[Any]) -> Pixels:
    if values.dtype != np.uint8:
        values = _scaled(values.astype(np.float32))
    # Any number of channels: the first three are colours, two or more than three are one grey.
    if len(values) in (1, 3):
        return values
    return values[:1] if len(values) == 2 else values[:3]


def _envelope(wave: npt.NDArray[np.float32]) -> Pixels:
    pieces = np.array_split(wave, _SIDE)
    high = np.array([piece.max(initial=0) for piece in pieces])
    low = np.array([piece.min(initial=0) for piece in pieces])
    scale = max(float(np.abs(wave).max(initial=0)), 1e-6)
    rows = np.linspace(1, -1, _SIDE)[:, None] * scale
    inside = (rows <= high + scale / _SIDE) & (rows >= low - scale / _SIDE)
    return (inside * np.uint8(230)).astype(np.uint8)[None]


def _map(values: npt.NDArray[np.float32]) -> Pixels:
    """Draw rows over time; one row alone as a line."""
    if len(values) == 1:
        return line_picture(values[0])
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    return _scaled((values - low) / np.maximum(high - low, 1e-6))


def line_picture(values: npt.NDArray[np.float32]) -> Pixels:
    """Draw numbers that follow each other.

    Shapes:
        out: (H, length)
    """
    low, high = float(values.min()), float(values.max())
    share = (values - low) / max(high - low, 1e-6)
    places = np.round((1 - share) * (_SIDE - 1)).astype(int)
    picture = np.zeros((_SIDE, len(values)), np.uint8)
    for column, (place, before) in enumerate(
        zip(places, np.concatenate([places[:1], places[:-1]]), strict=True)
    ):
        first, last = sorted((int(place), int(before)))
        picture[first : last + 1, column] = 230
    return picture


def _scaled(values: npt.NDArray[np.float32]) -> Pixels:
    low, high = float(values.min()), float(values.max())
    scaled: Pixels = ((values - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    return scaled
