"""Looking through a data set for what should not be in it: doubles, and labels that look wrong."""

from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.corrections import label_field
from engine.data.doubles import MOST_COMPARED, Doubles, find_doubles
from engine.data.label_errors import FOLDS, cross_validated, cross_validated_words, suspected
from engine.data.row_sets import Rows, RowSet, places_of
from engine.data.spec import DataSet, inputs_of
from engine.data.splitting import Split, split_of
from nodes.io import Data, DataField

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

MOST_JUDGED: Final = 20_000
MOST_CLASSES: Final = 200
_SIDE: Final = 28
_BANDS, _TIMES = 32, 16
_CATEGORY: Final = 16
_AT_ONCE: Final = 1024


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A sample whose label is probably wrong."""

    sample: int
    label: int
    called: int
    """The class that it looks like."""

    sure: float
    """How sure a model that did not learn from it is of that, from 0 to 1."""

    part: str


class Twins(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of which one is enough, and where they are."""

    samples: tuple[int, ...]
    is_exact: bool
    parts: tuple[str, ...]
    """The parts of the split that they are in; of more than one, figures look too good."""

    labels: tuple[int, ...] = ()
    """Their classes, where there are some; of more than one, a label is wrong."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    compared: int
    twins: tuple[Twins, ...]
    judged: int = 0
    """How many labels were judged; 0 where the data has no classes."""

    right: float = 0.0
    """How often the simple model agrees with the labels, from 0 to 1."""

    suspects: tuple[Suspect, ...] = ()


def review(data_set: DataSet, data: Data) -> Review:
    """Look through the samples that a data node uses.

    Raises:
        LoomError: It cannot be read or split.
    """
    parts = split_of(data_set, data)
    used = _used(parts)
    twins = tuple(_placed(one, data_set, parts) for one in find_doubles(data_set, used))
    field = label_field(data_set.spec)
    compared = min(len(used), MOST_COMPARED)
    if field is None or not 2 <= (field.classes or 0) <= MOST_CLASSES:
        return Review(compared=compared, twins=twins)
    return _judged(data_set, field, used, parts, Review(compared=compared, twins=twins))


def _used(parts: Split) -> Rows:
    """Return all samples that are in a part, in their order."""
    each = (parts.training, parts.validation, parts.test)
    sets = [part for part in each if isinstance(part, RowSet)]
    if len(sets) == len(each):
        return sets[0] | sets[1] | sets[2]
    return np.sort(np.concatenate(each))


def _judged(data_set: DataSet, field: DataField, used: Rows, parts: Split, found: Review) -> Review:
    some = used[:: -(-len(used) // MOST_JUDGED)]
    labels = data_set.read(field.name, some).astype(np.int64)
    classes = field.classes or 0
    # Of a class with a sample or two, nobody can learn what the others are like.
    enough = np.bincount(labels, minlength=classes)[labels] >= FOLDS
    some, labels = some[enough], labels[enough]
    if len({*labels.tolist()}) < 2:
        return found
    chances = _chances(data_set, some, labels, classes)
    places = suspected(labels, chances)
    called = chances.argmax(1)
    return msgspec.structs.replace(
        found,
        judged=len(some),
        right=float((called == labels).mean()),
        suspects=tuple(
            Suspect(
                sample=int(some[place]),
                label=int(labels[place]),
                called=int(called[place]),
                sure=float(chances[place].max()),
                part=_part_of(int(some[place]), parts),
            )
            for place in places.tolist()
            if called[place] != labels[place]
        ),
    )


def _placed(one: Doubles, data_set: DataSet, parts: Split) -> Twins:
    field = label_field(data_set.spec)
    samples = np.array(one.samples)
    labels = data_set.read(field.name, samples).tolist() if field is not None else []
    return Twins(
        samples=one.samples,
        is_exact=one.is_exact,
        parts=tuple(sorted({_part_of(sample, parts) for sample in one.samples}, key=_ORDER.index)),
        labels=tuple(sorted({int(label) for label in labels})),
    )


_ORDER: Final = ("training", "validation", "test")


def _part_of(sample: int, parts: Split) -> str:
    for name in _ORDER[1:]:
        members = getattr(parts, name)
        place = int(places_of(members, np.array([sample]))[0])
        if place < len(members) and members[place] == sample:
            return name
    return _ORDER[0]


def _chances(data_set: DataSet, samples: Indices, labels: Array, classes: int) -> Array:
    """Judge texts by their words, everything else by a few hundred numbers of each sample."""
    inputs = inputs_of(data_set)
    text = next((field for field in inputs if field.kind == "tokens"), None)
    if text is not None:
        tokens = data_set.read(text.name, samples).astype(np.int64)
        known = int(tokens.max(initial=1)) + 1
        return cross_validated_words(tokens.reshape(len(samples), -1), known, labels, classes)
    blocks = [_numbers_of(data_set, field, samples) for field in inputs]
    return cross_validated(np.concatenate(blocks, axis=1), labels, classes)


def _numbers_of(data_set: DataSet, field: DataField, samples: Indices) -> Array:
    pieces = [
        _numbers(field, data_set.read(field.name, samples[first : first + _AT_ONCE]))
        for first in range(0, len(samples), _AT_ONCE)
    ]
    found = np.concatenate(pieces).astype(np.float32)
    if field.kind == "image":
        return found
    deviation = found.std(axis=0)
    # A number that hardly ever changes would weigh as much as all the others.
    scale = np.maximum(deviation, 0.1 * float(deviation.max()) + 1e-9)
    scaled: Array = (found - found.mean(axis=0)) / scale
    return scaled


def _numbers(field: DataField, values: Array) -> Array:
    match field.kind:
        case "image":
            return _thinned(values.astype(np.float32) / (255 if values.dtype == np.uint8 else 1))
        case "audio":
            return _spectrum(values.astype(np.float32).mean(axis=1))
        case "category":
            random = np.random.Generator(np.random.Philox(1))
            directions = random.standard_normal((field.classes or 1, _CATEGORY), np.float32)
            return directions[values.astype(np.int64)].reshape(len(values), -1)
        case _:
            return np.asarray(values, np.float32).reshape(len(values), -1)


def _thinned(pictures: Array) -> Array:
    """Average pictures over squares, down to about 28 pixels a side."""
    n, c, h, w = pictures.shape
    high, wide = -(-h // _SIDE), -(-w // _SIDE)
    cut = pictures[:, :, : h // high * high, : w // wide * wide]
    squares: Array = cut.reshape(n, c, h // high, high, w // wide, wide).mean(axis=(3, 5))
    return squares.reshape(n, -1)


def _spectrum(waves: Array) -> Array:
    """Return how loud 32 bands are at 16 times.

    Shapes:
        waves: (N, T)
        out: (N, 512)
    """
    length = max(waves.shape[1] // _TIMES, 2 * _BANDS)
    short = _TIMES * length - waves.shape[1]
    padded = np.pad(waves, ((0, 0), (0, max(short, 0))))[:, : _TIMES * length]
    loud = np.abs(np.fft.rfft(padded.reshape(len(waves), _TIMES, length))) ** 2
    # Narrow bands below, wide ones above, as people hear.
    ends = np.unique(np.geomspace(1, loud.shape[2], _BANDS + 1).astype(int))
    bands: Array = np.log(np.add.reduceat(loud, ends[:-1], axis=2) + 1e-6)
    return bands.reshape(len(waves), -1)
