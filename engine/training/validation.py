"""A look at the validation data: losses and metrics, nothing learned."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, nullcontext
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.data.loading import Batch
from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.training.bench import Bench

_LARGEST_BATCH: Final = 256


class Validation(NamedTuple):
    """The figures of one look."""

    loss: float | None = None
    """None without validation data."""

    metric: float | None = None
    figures: Mapping[str, float] = {}
    """Each loss where there are several, and the metric of each output where several have one."""


def validate(
    bench: Bench, is_stopped: Callable[[], bool], judge: Judge | MaskJudge | None = None
) -> Validation | None:
    """Measure the averaged weights, or else the trained ones.

    What the model puts out is shown to ``judge``. None where somebody asked to stop.
    """
    if not bench.material.validation.samples:
        return Validation()
    updater = bench.updater
    average = updater.average.in_place() if updater.average else nullcontext()
    updater.compiled.module.eval()
    try:
        with torch.no_grad(), average:
            return _measure(bench, is_stopped, judge)
    finally:
        updater.compiled.module.train()


def _measure(
    bench: Bench, is_stopped: Callable[[], bool], judge: Judge | MaskJudge | None
) -> Validation | None:
    feed, metric = bench.material.validation, bench.metric
    loss, measured = 0.0, 0.0
    figures: dict[str, float] = {}
    size = max(bench.project.recipe.batch_size, _LARGEST_BATCH)
    with closing(feed.batches(np.arange(feed.samples), size)) as batches:
        for batch in batches:
            if is_stopped():
                return None
            outputs = bench.updater.outputs(batch)  # each (N, ...)
            count = len(outputs[0])
            told = bench.updater.loss(outputs, batch)
            loss += told.total.item() * count
            if judge:
                judge.add(outputs, batch)
            if metric:
                measured += metric(outputs, batch).item() * count
            for name, value in (*told.parts.items(), *_measured(bench, outputs, batch)):
                figures[name] = figures.get(name, 0.0) + value.item() * count
    return Validation(
        loss / feed.samples,
        measured / feed.samples if metric else None,
        {name: value / feed.samples for name, value in figures.items()},
    )


def _measured(
    bench: Bench, outputs: tuple[Tensor, ...], batch: Batch
) -> Iterator[tuple[str, Tensor]]:
    return ((name, metric(outputs, batch)) for name, metric in bench.metrics.items())
