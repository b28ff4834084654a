"""A look at the validation data: losses and metrics, nothing learned."""

from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from typing import Final, NamedTuple

import torch
from torch import Tensor

from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.training.bench import Bench
from engine.training.checkpoints import random_states, restore_random_states
from engine.training.metrics import Metric

_LARGEST_BATCH: Final = 256
_MAIN: Final = ""


class Validation(NamedTuple):
    """The figures of one look."""

    loss: float | None = None
    """None without validation data."""

    metric: float | None = None
    figures: Mapping[str, float] = {}
    """Each loss where there are several, and the metric of each output where several have one."""


def validate(
    bench: Bench, is_to_halt: Callable[[], bool], judge: Judge | MaskJudge | None = None
) -> Validation | None:
    """Measure the averaged weights, or else the trained ones.

    What the model puts out is shown to ``judge``. None where somebody asked to halt: the look can
    begin anew and finds the same.
    """
    if not bench.material.validation.samples:
        return Validation()
    updater = bench.updater
    average = updater.average.in_place() if updater.average else nullcontext()
    # A layer of one's own may draw random numbers here too.
    random = random_states()
    updater.compiled.module.eval()
    try:
        with torch.no_grad(), average:
            found = _measure(bench, is_to_halt, judge)
        if found is None:
            restore_random_states(random)
        return found
    finally:
        updater.compiled.module.train()


def _measure(
    bench: Bench, is_to_halt: Callable[[], bool], judge: Judge | MaskJudge | None
) -> Validation | None:
    feed, metrics = bench.material.validation, _metrics(bench)
    loss = 0.0
    figures: dict[str, float] = {}
    counted: dict[str, Tensor] = {}
    size = max(bench.project.recipe.batch_size, _LARGEST_BATCH)
    with closing(feed.batches(range(feed.samples), size)) as batches:
        for batch in batches:
            if is_to_halt():
                return None
            outputs = bench.updater.outputs(batch)  # each (N, ...)
            count = len(outputs[0])
            told = bench.updater.loss(outputs, batch)
            loss += told.total.item() * count
            if judge:
                judge.add(outputs, batch)
            for name, value in told.parts.items():
                figures[name] = figures.get(name, 0.0) + value.item() * count
            for name, one in metrics.items():
                # Added up in double, so that a mean over many is exact.
                found = one.counted(outputs, batch).cpu().double()
                counted[name] = counted[name] + found if name in counted else found
    measured = {name: one.of(counted[name]).item() for name, one in metrics.items()}
    return Validation(
        loss / feed.samples,
        measured.pop(_MAIN, None),
        {name: value / feed.samples for name, value in figures.items()} | measured,
    )


def _metrics(bench: Bench) -> Mapping[str, Metric]:
    main = {_MAIN: bench.metric} if bench.metric else {}
    return {**main, **bench.metrics}
