"""Training samples before and after augmentation, as pictures for people."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data.augmenting import Augmenter
from engine.data.loading import open_feed
from engine.data.opening import open_data
from engine.data.showing import Pixels, as_picture, picture_field
from engine.data.splitting import split_of
from nodes.io import Data, DataField

SAMPLES: Final = 4
_ANSWERS: Final = ("label", "mask", "number")


def before_and_after(data: Data, number: int) -> tuple[Pixels, Pixels] | None:
    """Return some training samples as they are stored, and as the steps change them.

    None for data that cannot be drawn.

    Args:
        number: Other numbers show other samples, changed in other ways.

    Shapes:
        out: (samples, C, H, W) each

    Raises:
        DataError: The data set cannot be read, or a step cannot be done with it.
    """
    data_set = open_data(data)
    spec = data_set.spec
    field = picture_field(spec)
    if field is None:
        return None
    training = split_of(data_set, data).training
    count = min(SAMPLES, len(training))
    chosen = training[np.random.default_rng(number).choice(len(training), count, replace=False)]
    answers = [each.name for each in spec.fields if each.kind in _ANSWERS]
    feed = open_feed(data_set, chosen, [field.name, *answers], torch.device("cpu"))
    batch = next(feed.batches(np.arange(len(chosen)), SAMPLES))
    augmenter = Augmenter(data.augmentation, spec, [field.name], answers, seed=number)
    changed = augmenter.augmented(batch, epoch=0, seen=0)
    as_bytes = data_set.read(field.name, chosen[:1]).dtype == np.uint8
    return (
        _drawn(field, batch[field.name], as_bytes=as_bytes),
        _drawn(field, changed[field.name], as_bytes=as_bytes),
    )


def _drawn(field: DataField, values: Tensor, *, as_bytes: bool) -> Pixels:
    samples: npt.NDArray[Any] = values.numpy()
    if as_bytes and field.kind == "image":
        # On the scale they are stored with: what became darker must look darker.
        samples = np.rint(samples.clip(0, 1) * 255).astype(np.uint8)
    return np.stack([as_picture(field, sample) for sample in samples])
