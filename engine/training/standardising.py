"""Measuring on the training samples what a ``Standardize`` takes off, and divides by."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.data.loading import Feed
from engine.training.checkpoints import random_states, restore_random_states

MOST_SAMPLES: Final = 10_000
_BATCH: Final = 64
_LAYER: Final = "Standardize"
_MEASURED: Final = frozenset({"mean", "deviation"})
"""A person's own layer of the same name may have neither."""


def measure_training_samples(compiled: CompiledModel, training: Feed) -> None:
    """Give each layer that standardises the mean and the deviation of what arrives there.

    At most 10,000 samples are read, in even steps and without augmentation. A layer that was
    measured before, or took its numbers from a file, keeps them. One layer is measured after the
    other, since what arrives at the second depends on the first.
    """
    fresh = [module for module in compiled.module.modules() if _is_fresh(module)]
    if not fresh or not training.samples:
        return
    places = training.spread(min(training.samples, MOST_SAMPLES))
    with _at_rest(compiled.module):
        for module in fresh:
            tally = _Tally(module)
            with closing(training.batches(places, _BATCH)) as batches, tally.listening():
                for batch in batches:
                    compiled.outputs(batch)
            tally.write()


class _Tally:
    """Mean and sum of squared deviations of each channel of what arrives at a layer.

    Batches are united as Chan, Golub and LeVeque do, "Updating Formulae and a Pairwise Algorithm
    for Computing Sample Variances", 1979.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._state: Mapping[str, Tensor] = dict(module.named_buffers())
        self._count = 0
        self._mean = torch.zeros_like(self._state["mean"], dtype=torch.float64)
        self._squares = torch.zeros_like(self._mean)

    @contextmanager
    def listening(self) -> Iterator[None]:
        handle = self._module.register_forward_pre_hook(self._take)
        try:
            yield
        finally:
            handle.remove()

    def write(self) -> None:
        """Keep what was measured, where it is something to divide by."""
        if not self._count:
            return
        deviation = (self._squares / self._count).sqrt()
        usable = self._mean.isfinite() & deviation.isfinite() & (deviation > 0)
        self._state["mean"].copy_(torch.where(usable, self._mean, 0.0))
        self._state["deviation"].copy_(torch.where(usable, deviation, 1.0))

    def _take(self, module: nn.Module, arguments: tuple[Any, ...]) -> None:
        x: Tensor = arguments[0]
        channels = x.movedim(int(module.dim), 0).flatten(1)  # type: ignore[arg-type]
        variance, mean = torch.var_mean(channels.float(), 1, correction=0)
        count = channels.shape[1]
        away = mean.double() - self._mean
        whole = self._count + count
        self._squares += variance.double() * count + away**2 * (self._count * count / whole)
        self._mean += away * (count / whole)
        self._count = whole


def _is_fresh(module: nn.Module) -> bool:
    state = dict(module.named_buffers())
    if type(module).__name__ != _LAYER or not state.keys() >= _MEASURED:
        return False
    return bool((state["mean"] == 0).all()) and bool((state["deviation"] == 1).all())


@contextmanager
def _at_rest(module: nn.Module) -> Iterator[None]:
    """Evaluate, without gradients and without using up random numbers."""
    random, was_training = random_states(), module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(was_training)
        restore_random_states(random)
