"""Training samples before and after augmentation, as pictures for people."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from engine.data.augmenting import Augmenter, in_order
from engine.data.loading import open_feed
from engine.data.opening import open_data
from engine.data.showing import Pixels, as_picture, picture_field
from engine.data.spec import DataSpec
from engine.data.splitting import split_of
from nodes.io import Data, DataField

SAMPLES: Final = 4
_ANSWERS: Final = ("label", "mask", "number")
_BARS_HIGH: Final = 96
_BARS_WIDE: Final = 96
_INK: Final = 230


class Stage(NamedTuple):
    """Some samples, as one step leaves them."""

    title: str
    """Of the step; empty for samples as they are read."""

    pictures: Pixels
    """(samples, C, H, W), or (samples, H, W) of sequences"""


def stages(data: Data, number: int) -> tuple[Stage, ...]:
    """Return some training samples as they are read, and as each step leaves them.

    The last one is what a model learns from. None for data that cannot be drawn.

    Args:
        number: Other numbers show other samples, changed in other ways.

    Raises:
        DataError: The data set cannot be read, or a step cannot be done with it.
    """
    data_set = open_data(data)
    spec = data_set.spec
    field = picture_field(spec) or _rows_field(spec)
    if field is None:
        return ()
    training = split_of(data_set, data).training
    count = min(SAMPLES, len(training))
    chosen = training[np.random.default_rng(number).choice(len(training), count, replace=False)]
    answers = [each.name for each in spec.fields if each.kind in _ANSWERS]
    feed = open_feed(data_set, chosen, [field.name, *answers], torch.device("cpu"))
    batch = next(feed.batches(np.arange(len(chosen)), SAMPLES))
    steps = in_order(data.augmentation)
    left: list[npt.NDArray[Any]] = [batch[field.name].numpy()]
    for count in range(1, len(steps) + 1):
        # What is drawn for a step does not depend on those behind it.
        augmenter = Augmenter(steps[:count], spec, [field.name], answers, seed=number)
        left.append(augmenter.augmented(batch, epoch=0, seen=0)[field.name].numpy())
    as_bytes = data_set.read(field.name, chosen[:1]).dtype == np.uint8
    titles = ("", *(step.info.title for step in steps))
    drawn = _drawn(field, left, as_bytes=as_bytes)
    return tuple(Stage(*one) for one in zip(titles, drawn, strict=True))


def _rows_field(spec: DataSpec) -> DataField | None:
    return next((field for field in spec.fields if field.kind == "vector"), None)


def _drawn(
    field: DataField, left: Sequence[npt.NDArray[Any]], *, as_bytes: bool
) -> Iterator[Pixels]:
    largest = max(float(np.abs(samples).max(initial=0)) for samples in left)
    for samples in left:
        if field.kind == "vector":
            yield np.stack([_bars(sample / max(largest, 1e-6)) for sample in samples])
            continue
        shown = samples
        if as_bytes and field.kind == "image":
            # On the scale they are stored with: what became darker must look darker.
            shown = np.rint(samples.clip(0, 1) * 255).astype(np.uint8)
        yield np.stack([as_picture(field, sample) for sample in shown])


def _bars(values: npt.NDArray[Any]) -> Pixels:
    """Draw numbers from −1 to 1 as bars up and down from the middle.

    Shapes:
        values: (numbers,)
        out: (1, H, W)
    """
    heights = np.linspace(1, -1, _BARS_HIGH)[:, None]
    inside = (heights * np.sign(values) >= 0) & (np.abs(heights) <= np.abs(values))
    each = max(2, _BARS_WIDE // len(values))
    wide = np.repeat(inside, each, axis=1)
    wide[:, each - 1 :: each] = False
    return (wide * np.uint8(_INK)).astype(np.uint8)[None]
