"""Which samples train, which validate, which test; and what passes from one part to another."""

import hashlib
from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.corrections import original_of, without_left_out
from engine.data.digests import digests, read_in_turn
from engine.data.spec import DataSet
from engine.data.split_record import SplitRecord
from nodes.errors import DataError
from nodes.io import Data

Indices = npt.NDArray[np.int64]

_PARTS = ("training", "validation", "test")
_MOST_COMPARED = 200_000


class Split(msgspec.Struct, frozen=True):
    """Which samples train, which validate, which test; ascending and disjoint."""

    training: Indices
    validation: Indices
    test: Indices


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
    order = np.random.Generator(np.random.Philox(seed)).permutation(samples)
    for_test, for_validation = amounts(samples, validation=validation, test=test)
    ends = np.split(order, [for_test, for_test + for_validation])
    return Split(np.sort(ends[2]), np.sort(ends[1]), np.sort(ends[0]))


def amounts(samples: int, *, validation: float, test: float) -> tuple[int, int]:
    """Return how many of the samples test and how many validate."""
    for_test = round(samples * test)
    return for_test, min(round(samples * validation), samples - for_test)


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
    shares = {"validation": data.validation_share, "test": data.test_share}
    samples = data_set.spec.samples
    match data.split_by:
        case "random":
            return split(samples, seed=data.split_seed, **shares)
        case "order":
            return _in_order(data_set.sides.get("time", np.arange(samples)), **shares)
        case "stratified":
            return _by_stratum(_labels(data_set), seed=data.split_seed, **shares)
        case "group":
            return _by_group(_side(data_set, "group"), seed=data.split_seed, **shares)
        case "given":
            part = _side(data_set, "part").astype(np.int64)
            return _given(part, data_set.sides.get("group"), data)


def record_of(parts: Split, data: Data, notes: tuple[str, ...] = ()) -> SplitRecord:
    """Return what a run keeps of its split.

    Args:
        notes: What was said when the samples were read.
    """
    indices = (parts.training, parts.validation, parts.test)
    return SplitRecord(
        by=data.split_by,
        seed=data.split_seed,
        counts=(len(indices[0]), len(indices[1]), len(indices[2])),
        digests=(_digest_of(indices[0]), _digest_of(indices[1]), _digest_of(indices[2])),
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
        shared = _shared(group[parts.training], [group[parts.validation], group[parts.test]])
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


def _in_order(times: npt.NDArray[np.generic], *, validation: float, test: float) -> Split:
    """Hold the latest out; what is of one time stays in the order of the samples."""
    samples = len(times)
    for_test, for_validation = amounts(samples, validation=validation, test=test)
    order = np.argsort(times, kind="stable")
    ends = np.split(order, [samples - for_test - for_validation, samples - for_test])
    return Split(*(np.sort(end) for end in ends))


def _by_stratum(
    labels: npt.NDArray[np.generic], *, validation: float, test: float, seed: int
) -> Split:
    """Deal each class out by itself."""
    parts: list[list[Indices]] = [[], [], []]
    for place, label in enumerate(np.unique(labels)):
        members = np.flatnonzero(labels == label)
        inner = split(len(members), validation=validation, test=test, seed=seed + 7919 * place)
        for part, chosen in zip(parts, (inner.training, inner.validation, inner.test), strict=True):
            part.append(members[chosen])
    return Split(*(np.sort(np.concatenate(part)) for part in parts))


def _by_group(
    group: npt.NDArray[np.generic], *, validation: float, test: float, seed: int
) -> Split:
    """Deal whole groups out until each part has about its share of the samples."""
    _, numbers, sizes = np.unique(group, return_inverse=True, return_counts=True)
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(sizes))
    reached = np.cumsum(sizes[order]) - sizes[order] / 2
    for_test, for_validation = amounts(len(group), validation=validation, test=test)
    bounds = np.searchsorted(reached, [for_test, for_test + for_validation])
    part_of = np.zeros(len(sizes), np.int64)
    part_of[order[: bounds[0]]] = 2
    part_of[order[bounds[0] : bounds[1]]] = 1
    return _from_parts(part_of[numbers])


def _given(part: Indices, group: npt.NDArray[np.generic] | None, data: Data) -> Split:
    """Take the parts that the data names; it may leave what validates to the share."""
    if (part == 1).any() or not data.validation_share:
        return _from_parts(part)
    rest = np.flatnonzero(part == 0)
    shares = {"validation": data.validation_share, "test": 0.0, "seed": data.split_seed}
    inner = (
        split(len(rest), **shares)  # type: ignore[arg-type]
        if group is None
        else _by_group(group[rest], **shares)  # type: ignore[arg-type]
    )
    return Split(rest[inner.training], rest[inner.validation], np.flatnonzero(part == 2))


def _from_parts(part: Indices) -> Split:
    return Split(*(np.flatnonzero(part == number) for number in range(len(_PARTS))))


def _labels(data_set: DataSet) -> npt.NDArray[np.generic]:
    field = next(
        (field for field in data_set.spec.fields if field.classes and not field.sizes), None
    )
    if field is None:
        raise _nothing("stratified", "It has no field of classes.")
    return data_set.read(field.name, np.arange(data_set.spec.samples))


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


def _digest_of(indices: Indices) -> str:
    return hashlib.sha256(indices.astype("<i8").tobytes()).hexdigest()[:16]


def _shared(training: npt.NDArray[np.generic], others: list[npt.NDArray[np.generic]]) -> int:
    return len(np.intersect1d(training, np.concatenate(others)))


def _twins(data_set: DataSet, parts: Split) -> int:
    """Count held-out samples whose inputs all occur together in the training part."""
    too_long = data_set.spec.samples > _MOST_COMPARED or not data_set.is_ready
    if too_long or not len(parts.training):
        return 0
    known = set(_digests(data_set, parts.training))
    held_out = np.concatenate([parts.validation, parts.test])
    return sum(digest in known for digest in _digests(data_set, held_out))


def _digests(data_set: DataSet, samples: Indices) -> Iterator[bytes]:
    for _, values in read_in_turn(data_set, samples):
        yield from digests(values)
