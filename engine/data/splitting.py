"""Which samples train, which validate, which test; and what passes from one part to another."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.corrections import original_of, without_left_out
from engine.data.dealing import (
    Dealer,
    Parts,
    at_random,
    by_group,
    by_stratum,
    by_time,
    dealt,
    in_turn,
)
from engine.data.digests import digests, read_in_turn
from engine.data.progress import tell
from engine.data.row_sets import Rows, in_stretches
from engine.data.spec import DataSet
from engine.data.split_record import SplitRecord
from nodes.errors import DataError
from nodes.io import Data

Indices = npt.NDArray[np.int64]

_MOST_COMPARED = 200_000
_LABELS_AT_ONCE = 1 << 20


class Split(msgspec.Struct, frozen=True):
    """Which samples train, which validate, which test; ascending and disjoint."""

    training: Rows
    validation: Rows
    test: Rows


class Leak(msgspec.Struct, frozen=True):
    """What passes from the training part to another one."""

    kind: Literal["groups", "doubles"]
    words: str


def split(samples: int, *, validation: float, test: float, seed: int) -> Split:
    """Deal the samples out at random, the same way for the same seed.

    Args:
        validation: The share held out to validate, from 0 to 1.
        test: The share held out to test, from 0 to 1.
    """
    shares = {"validation": validation, "test": test}
    return Split(*dealt(samples, _random_dealer(shares, seed)))


def split_of(data_set: DataSet, data: Data) -> Split:
    """Split a data set as its node says, without the samples that were left out.

    Raises:
        DataError: The data set has nothing to split by in this way.
    """
    parts = _dealt(original_of(data_set), data)
    return Split(
        *(
            without_left_out(part, data.corrections)
            for part in (parts.training, parts.validation, parts.test)
        )
    )


def _dealt(data_set: DataSet, data: Data) -> Split:
    return Split(*dealt(data_set.spec.samples, _dealer(data_set, data)))


def _dealer(data_set: DataSet, data: Data) -> Dealer:
    shares = {"validation": data.validation_share, "test": data.test_share}
    seed = data.split_seed
    match data.split_by:
        case "random":
            return _random_dealer(shares, seed)
        case "order" if "time" in data_set.sides:
            return _told(by_time(data_set.sides["time"], **shares))
        case "order":
            return in_turn(data_set.spec.samples, **shares)
        case "stratified":
            field = _label_field(data_set)
            return lambda first, last: by_stratum(
                _labels(data_set, field, first, last), seed=seed, first=first, **shares
            )
        case "group":
            return _told(by_group(_side(data_set, "group"), seed=seed, **shares))
        case "given":
            return _given_dealer(_side(data_set, "part"), data_set.sides.get("group"), data)


def _random_dealer(shares: Mapping[str, float], seed: int) -> Dealer:
    return lambda first, last: at_random(last - first, seed=seed, first=first, **shares)


def _told(parts: Parts) -> Dealer:
    return lambda first, last: parts[first:last]


def record_of(parts: Split, data: Data, notes: tuple[str, ...] = ()) -> SplitRecord:
    """Return what a run keeps of its split.

    Args:
        notes: What was said when the samples were read.
    """
    rows = (parts.training, parts.validation, parts.test)
    return SplitRecord(
        by=data.split_by,
        seed=data.split_seed,
        counts=(len(rows[0]), len(rows[1]), len(rows[2])),
        digests=(_digest_of(rows[0]), _digest_of(rows[1]), _digest_of(rows[2])),
        relabelled=sum(one.label is not None for one in data.corrections),
        left_out=sum(one.label is None for one in data.corrections),
        notes=notes,
    )


def leaks(data_set: DataSet, data: Data) -> tuple[Leak, ...]:
    """Say what the parts share that would make held-out figures look better than they are.

    Compared are groups that were not kept together, and samples whose inputs are equal.
    """
    parts = split_of(data_set, data)
    found = []
    group = data_set.sides.get("group")
    if group is not None and data.split_by != "group":
        shared = _shared(group, parts)
        if shared:
            words = f"{shared} of the groups are in the training part and in another one."
            found.append(Leak("groups", f"{words} Split by group to keep them apart."))
    twins = _twins(data_set, parts)
    if twins:
        held_out = "held-out sample is" if twins == 1 else "held-out samples are"
        words = f"{twins} {held_out} equal to training samples."
        more = "Figures look better than they are; leave the doubles out."
        found.append(Leak("doubles", f"{words} {more}"))
    return tuple(found)


def _given_dealer(
    part: npt.NDArray[np.generic], group: npt.NDArray[np.generic] | None, data: Data
) -> Dealer:
    """Take the parts that the data names; it may leave what validates to the share."""
    if (part == 1).any() or not data.validation_share:
        return lambda first, last: part[first:last].astype(np.uint8)
    shares = {"validation": data.validation_share, "test": 0.0}
    if group is not None:
        parts = part.astype(np.uint8)
        rest = parts == 0
        parts[rest] = by_group(group[rest], seed=data.split_seed, **shares)
        return _told(parts)

    def dealer(first: int, last: int) -> Parts:
        parts = part[first:last].astype(np.uint8)
        rest = parts == 0
        count = int(np.count_nonzero(rest))
        parts[rest] = at_random(count, seed=data.split_seed, first=first, **shares)
        return parts

    return dealer


def _label_field(data_set: DataSet) -> str:
    field = next(
        (field for field in data_set.spec.fields if field.classes and not field.sizes), None
    )
    if field is None:
        raise _nothing("stratified", "It has no field of classes.")
    return field.name


def _labels(data_set: DataSet, field: str, first: int, last: int) -> npt.NDArray[np.generic]:
    """Read the classes of a stretch, in the smallest numbers that hold them."""
    if last - first <= _LABELS_AT_ONCE:
        return data_set.read(field, np.arange(first, last))
    labels = np.empty(last - first, np.int32)
    for begin in range(first, last, _LABELS_AT_ONCE):
        end = min(begin + _LABELS_AT_ONCE, last)
        tell(begin, data_set.spec.samples)
        labels[begin - first : end - first] = data_set.read(field, np.arange(begin, end))
    return labels


def _side(data_set: DataSet, name: str) -> npt.NDArray[np.generic]:
    if name not in data_set.sides:
        why = "It does not say which samples belong together."
        raise _nothing(name, why if name == "group" else "It does not name its parts.")
    return data_set.sides[name]


def _nothing(by: str, why: str) -> DataError:
    return DataError(
        "The data set cannot be split in this way",
        why=why,
        where=f"Split by {by}",
        hint="Split at random, or choose the column that says it.",
    )


def _digest_of(rows: Rows) -> str:
    digest = hashlib.sha256()
    for numbers in in_stretches(rows):
        digest.update(np.ascontiguousarray(numbers, "<i8").data)
    return digest.hexdigest()[:16]


def _shared(group: npt.NDArray[np.generic], parts: Split) -> int:
    """Count the groups that are in the training part and in another one."""
    training, validation, test = (
        _distinct(group, part) for part in (parts.training, parts.validation, parts.test)
    )
    return len(np.intersect1d(training, np.union1d(validation, test)))


def _distinct(group: npt.NDArray[np.generic], rows: Rows) -> npt.NDArray[np.generic]:
    found = [np.unique(group[numbers]) for numbers in in_stretches(rows)]
    return np.unique(np.concatenate(found)) if found else group[:0]


def _twins(data_set: DataSet, parts: Split) -> int:
    """Count held-out samples whose inputs all occur together in the training part."""
    too_long = data_set.spec.samples > _MOST_COMPARED or not data_set.is_ready
    if too_long or not len(parts.training):
        return 0
    known = set(_digests(data_set, np.asarray(parts.training)))
    held_out = np.concatenate([parts.validation, parts.test])
    return sum(digest in known for digest in _digests(data_set, held_out))


def _digests(data_set: DataSet, samples: Indices) -> Iterator[bytes]:
    for _, values in read_in_turn(data_set, samples):
        yield from digests(values)
