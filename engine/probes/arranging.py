"""Samples in a plane by t-SNE: those that a layer takes for alike stand together.

Exact, and some iterations at a time, so that a run that goes on waits for none of it long.
"""

import time
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

MOST_SAMPLES: Final = 800
"""Each iteration compares all with all."""

ITERATIONS: Final = 750
_EXAGGERATED: Final = 250
_EXAGGERATION: Final = 12.0
_PERPLEXITY: Final = 30.0
_SEARCHED: Final = 40
_LEAST_GAIN: Final = 0.01
_LEAST: Final = 1e-12
_START_SPREAD: Final = 1e-4


class Arrangement:
    """The samples of one layer on their way to their places.

    Method of van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008; the
    learning rate is that of Belkina et al., Nature Communications 10, 2019. It begins at the
    principal components and draws no random numbers.

    Shapes:
        values: (N, F)
        start: (N, 2), principal components
    """

    iterations = ITERATIONS

    def __init__(self, values: Tensor, start: Tensor) -> None:
        samples = len(values)
        perplexity = min(_PERPLEXITY, max(1.0, (samples - 1) / 3))
        self._alike = joint_probabilities(values, perplexity)
        spread = float(start[:, 0].std()) if samples > 1 else 0.0
        self.points = start * (_START_SPREAD / spread if spread > 0 else 1.0)
        self._rate = max(samples / _EXAGGERATION / 4, 50.0)
        self._speed = torch.zeros_like(self.points)
        self._gains = torch.ones_like(self.points)
        self.iteration = 0

    @property
    def is_done(self) -> bool:
        """Whether the samples have arrived."""
        return self.iteration >= self.iterations

    def go_on(self, seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """Iterate for about so long, at least once where there is something left to do."""
        end = clock() + seconds
        with torch.no_grad():
            while not self.is_done:
                self._iterate()
                if clock() >= end:
                    return

    def _iterate(self) -> None:
        early = self.iteration < _EXAGGERATED
        slope = gradient(self._alike * (_EXAGGERATION if early else 1.0), self.points)
        against = (slope * self._speed) < 0
        self._gains = torch.where(against, self._gains + 0.2, self._gains * 0.8)
        self._gains.clamp_(min=_LEAST_GAIN)
        self._speed = (0.5 if early else 0.8) * self._speed - self._rate * self._gains * slope
        self.points = self.points + self._speed
        self.points -= self.points.mean(0)
        self.iteration += 1


def joint_probabilities(values: Tensor, perplexity: float) -> Tensor:
    """Return how alike samples are: for each pair a share of one.

    The spread around each sample is such that it has as many neighbours as the perplexity says.

    Shapes:
        values: (N, F)
        out: (N, N), symmetric, with zeros on its diagonal
    """
    far = torch.cdist(values, values).square()
    far = far / far.mean().clamp(min=_LEAST)
    samples = len(values)
    low, high = torch.zeros(samples, 1), torch.full((samples, 1), torch.inf)
    narrow = torch.ones(samples, 1)
    wanted = torch.log(torch.tensor(perplexity))
    for _ in range(_SEARCHED):
        entropy = _entropy(_conditional(far, narrow))
        is_wide = entropy > wanted
        low, high = torch.where(is_wide, narrow, low), torch.where(is_wide, high, narrow)
        narrow = torch.where(high.isinf(), narrow * 2, (low + high) / 2)
    shares = _conditional(far, narrow)
    return (shares + shares.T) / (2 * samples)


def gradient(alike: Tensor, points: Tensor) -> Tensor:
    """Return how the Kullback-Leibler divergence of nearness from ``alike`` grows at each point.

    Shapes:
        alike: (N, N)
        points: (N, 2)
        out: (N, 2)
    """
    near = _nearness(points)
    pull = (alike - near / near.sum().clamp(min=_LEAST)) * near
    return 4 * (pull.sum(1, keepdim=True) * points - pull @ points)


def _nearness(points: Tensor) -> Tensor:
    lengths = points.square().sum(1)
    far = (lengths[:, None] + lengths[None, :] - 2 * points @ points.T).clamp(min=0)
    return (1 / (1 + far)) * (1 - torch.eye(len(points)))


def _conditional(far: Tensor, narrow: Tensor) -> Tensor:
    scores = (-far * narrow).masked_fill(torch.eye(len(far), dtype=torch.bool), -torch.inf)
    # One sample alone has none to share with.
    return torch.softmax(scores, 1).nan_to_num(0.0)


def _entropy(shares: Tensor) -> Tensor:
    return -torch.xlogy(shares, shares).sum(1, keepdim=True)
