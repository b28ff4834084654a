"""What a run is trained on: the data set of the drawing, dealt out and made ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from engine.compile.plan import Plan
from engine.data.augmenting import Augmenter
from engine.data.loading import Feed, Indices, open_feed
from engine.data.meaning import main_meaning
from engine.data.memory import memory_limit, room_within
from engine.data.opening import open_data
from engine.data.row_sets import Rows, RowSet, places_of
from engine.data.showing import class_field
from engine.data.shuffling import spread_over
from engine.data.spec import DataSet, DataSpec
from engine.data.split_record import SplitRecord
from engine.data.splitting import record_of, split_of
from nodes.errors import DataError
from nodes.io import DataField

PROBE_SAMPLES: Final = 8
_CONSIDERED: Final = 1 << 15
"""Of very many samples so many are looked through for those to look with."""


@dataclass(frozen=True, slots=True)
class Material:
    """The samples of a run."""

    spec: DataSpec
    training: Feed
    """As they are stored; what is learned from goes through ``augmenter``."""

    augmenter: Augmenter
    validation: Feed
    """May have no samples."""

    probe: Mapping[str, Tensor]
    """The few samples that layers are looked at with, on the device."""

    class_names: tuple[str, ...]
    """Of the labels that the model predicts."""

    labels: Callable[[Indices], Indices] | None
    """Reads the class of validation samples, whether the model is told it or not."""

    label_names: tuple[str, ...]
    split: SplitRecord
    """Which samples went into which part."""

    validation_numbers: Rows
    """Which samples of the data set validate, in their order."""

    seed: int
    """What the samples to look with were chosen by."""

    memory: int | None = None
    """Bytes that the process may take, where somebody said it."""


def gather(
    plan: Plan,
    device: torch.device,
    seed: int,
    *,
    memory: int | None = None,
    holds_training: bool = True,
) -> Material:
    """Open the data set of a drawing and deal its samples out.

    Args:
        memory: Bytes that the process may take; None for the limit that is set. Where none is,
            samples may take a quarter of what is free.
        holds_training: Whether the samples to learn from may be among those in memory.

    Raises:
        DataError: There is no such data set, it is not what was drawn, or nothing is left to train.
    """
    data = plan.data
    data_set = open_data(data)
    wanted = tuple(dict.fromkeys((*plan.inputs, *plan.targets)))
    _compare(data_set.spec, {field.name: field for field in data.fields}, wanted)
    parts = split_of(data_set, data)
    if not len(parts.training):
        raise DataError(
            "No samples are left to train with",
            why="All of them are held out to validate or to test.",
            where=data_set.spec.title,
            hint="Hold out smaller shares.",
        )
    meaning = main_meaning(plan)
    target = meaning.target if meaning else ""
    looked_at = parts.validation if len(parts.validation) else parts.training
    chosen = probe_samples(data_set, looked_at, target, seed)
    memory = memory_limit() if memory is None else memory
    room = None if memory is None else room_within(memory)
    of_training = room if holds_training else 0
    training = open_feed(
        data_set,
        parts.training,
        wanted,
        device,
        bytes_in_memory=of_training,
        stops_when_lost=data_set.spec.stop_when_lost,
    )
    left = None if room is None else room - training.bytes_held
    return Material(
        spec=data_set.spec,
        training=training,
        augmenter=Augmenter(data.augmentation, data_set.spec, plan.inputs, plan.targets, seed),
        validation=open_feed(data_set, parts.validation, wanted, device, bytes_in_memory=left),
        probe=_whole(open_feed(data_set, chosen, wanted, device)),
        class_names=data_set.spec.class_names.get(target, ()),
        labels=_labels(data_set, parts.validation),
        label_names=_label_names(data_set.spec),
        split=record_of(parts, data, data_set.spec.notes),
        validation_numbers=parts.validation,
        seed=seed,
        memory=memory,
    )


def probe_samples(data_set: DataSet, among: Rows, target: str, seed: int) -> Indices:
    """Choose a few samples at random, of different classes as long as there are new ones."""
    considered = _within_reach(data_set, among)
    order = np.random.Generator(np.random.Philox(seed)).permutation(considered)
    field = next((field for field in data_set.spec.fields if field.name == target), None)
    if field is None or field.classes is None or field.sizes:
        return order[:PROBE_SAMPLES]
    _, firsts = np.unique(data_set.read(target, order), return_index=True)
    rest = np.setdiff1d(np.arange(len(order)), firsts)
    places = np.concatenate([np.sort(firsts), rest])[:PROBE_SAMPLES]
    return np.asarray(order[places], np.int64)


def _within_reach(data_set: DataSet, among: Rows) -> Indices:
    """Return all samples, or of very many those of some blocks."""
    if not isinstance(among, RowSet):
        return among
    return among[spread_over(places_of(among, data_set.blocks), _CONSIDERED)]


def _labels(data_set: DataSet, samples: Rows) -> Callable[[Indices], Indices] | None:
    field = class_field(data_set.spec)
    if field is None or field.sizes:
        return None
    name = field.name
    return lambda places: np.asarray(data_set.read(name, samples[places]), np.int64)


def _label_names(spec: DataSpec) -> tuple[str, ...]:
    field = class_field(spec)
    return spec.class_names.get(field.name, ()) if field is not None else ()


def _whole(feed: Feed) -> Mapping[str, Tensor]:
    return next(feed.batches(np.arange(feed.samples), feed.samples))


def _compare(spec: DataSpec, drawn: Mapping[str, DataField], wanted: tuple[str, ...]) -> None:
    """Refuse a data set that changed since the drawing took its fields down."""
    there = {field.name: field for field in spec.fields}
    for name in wanted:
        found, expected = there.get(name), drawn.get(name)
        if found is None or (expected is not None and found != expected.as_stored()):
            raise DataError(
                f"The data set is not the one that was drawn: the field {name[:60]} differs",
                why=f"The drawing has {_described(expected)}, the data set {_described(found)}.",
                where=spec.title,
                hint="Choose the data set of the Data node again.",
            )


def _described(field: DataField | None) -> str:
    if field is None:
        return "nothing of that name"
    sizes = "×".join(str(size) for size in field.sizes) or "one value"
    classes = f" of {field.classes} classes" if field.classes else ""
    return f"{field.kind} {sizes}{classes}"
