"""A moving average of the weights, which often predicts better than the weights themselves.

Polyak and Juditsky 1992; the decay grows with the steps as in TensorFlow's, so that the first
weights, which are random, are soon forgotten.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_PREFIX = "trained:"


class Average:
    """The averaged weights of a model, beside those that are trained.

    Args:
        decay: How much of the average is kept at each step, from 0 to below 1.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._module = module
        self._decay = decay
        self._trained = {
            name: weight for name, weight in module.named_parameters() if weight.requires_grad
        }
        self.averaged = {name: weight.detach().clone() for name, weight in self._trained.items()}
        """By the names of the weights."""

    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        decay = min(self._decay, (1 + step) / (10 + step))
        weights = [weight.detach() for weight in self._trained.values()]
        torch._foreach_lerp_(list(self.averaged.values()), weights, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have the averaged weights for a while."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def saved(self, weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return what others read as the weights, and the trained ones as a run needs them."""
        trained = {f"{_PREFIX}{name}": weights[name] for name in self.averaged}
        return {**weights, **self.averaged}, trained

    def restore(self, averaged: Mapping[str, Tensor]) -> None:
        """Take the average back from a checkpoint's weights."""
        for name, tensor in self.averaged.items():
            tensor.copy_(averaged[name])

    def begin_again(self, part: nn.Module) -> None:
        """Let the average of a layer begin with its weights as they are now."""
        fresh = set(part.parameters())
        for name, weight in self._trained.items():
            if weight in fresh:
                self.averaged[name].copy_(weight.detach())

    def _swap(self) -> None:
        # The pointers, not the numbers: exact, and it costs nothing.
        for name, weight in self._trained.items():
            weight.data, self.averaged[name] = self.averaged[name], weight.data


def trained_weights(
    weights: Mapping[str, Tensor], beside: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Part what a checkpoint holds: the weights that train, and the optimiser's memory."""
    trained = {
        name.removeprefix(_PREFIX): tensor
        for name, tensor in beside.items()
        if name.startswith(_PREFIX)
    }
    memory = {name: tensor for name, tensor in beside.items() if not name.startswith(_PREFIX)}
    return {**weights, **trained}, memory
