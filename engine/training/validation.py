"""A look at the validation data: loss and metric, nothing learned."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from typing import Final

import numpy as np
import torch

from engine.data.loading import Feed
from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.training.metrics import Metric
from engine.training.update import Updater

_LARGEST_BATCH: Final = 256


def validate(
    updater: Updater,
    feed: Feed,
    batch_size: int,
    metric: Metric | None,
    is_stopped: Callable[[], bool],
    judge: Judge | MaskJudge | None = None,
) -> tuple[float | None, float | None] | None:
    """Return loss and metric of the averaged weights, or else the trained ones.

    What the model puts out is shown to ``judge``. None where somebody asked to stop; without
    validation data, no loss and no metric.
    """
    if not feed.samples:
        return None, None
    average = updater.average.in_place() if updater.average else nullcontext()
    updater.compiled.module.eval()
    try:
        with torch.no_grad(), average:
            return _measure(updater, feed, batch_size, metric, is_stopped, judge)
    finally:
        updater.compiled.module.train()


def _measure(
    updater: Updater,
    feed: Feed,
    batch_size: int,
    metric: Metric | None,
    is_stopped: Callable[[], bool],
    judge: Judge | MaskJudge | None,
) -> tuple[float, float | None] | None:
    losses, metrics = 0.0, 0.0
    size = max(batch_size, _LARGEST_BATCH)
    with closing(feed.batches(np.arange(feed.samples), size)) as batches:
        for batch in batches:
            if is_stopped():
                return None
            outputs = updater.outputs(batch)  # each (N, ...)
            count = len(outputs[0])
            losses += updater.compiled.loss(outputs, batch).item() * count
            if judge:
                judge.add(outputs, batch)
            if metric:
                metrics += metric(outputs, batch).item() * count
    return losses / feed.samples, metrics / feed.samples if metric else None
