"""What the probes said of each layer over a run."""

from __future__ import annotations

from bisect import bisect

import numpy as np

from engine.training.events import LayerProbe

_LONGEST = 600
_QUANTILES = 7
_SAME = 1e-6


class LayerHistory:
    """Quantiles and gradient norms of one layer against the epoch.

    Keeps at most a few hundred points over the whole run: when it is full every second point
    goes, and from then on only every second new one is kept.
    """

    def __init__(self) -> None:
        self.epochs: list[float] = []
        self.quantiles: list[tuple[float, ...]] = []
        self.gradient_norms: list[float] = []
        self._stride = 1
        self._count = 0

    def add(self, epoch: float, probe: LayerProbe) -> None:
        """Keep what a probe says, if it says it; of a moment before the newest in its place."""
        if self.epochs and epoch < self.epochs[-1]:
            self.fill(epoch, probe.quantiles)
            return
        self._count += 1
        if self._count % self._stride:
            return
        if _is_told(probe.quantiles):
            self.epochs.append(epoch)
            self.quantiles.append(probe.quantiles)
        if probe.gradient_norm is not None:
            self.gradient_norms.append(probe.gradient_norm)
        if max(len(self.epochs), len(self.gradient_norms)) > _LONGEST:
            self._thin()

    def fill(self, epoch: float, quantiles: tuple[float, ...]) -> None:
        """Put in what was found out later of an epoch; one that is known stays as it is."""
        place = bisect(self.epochs, epoch - _SAME)
        is_known = place < len(self.epochs) and self.epochs[place] <= epoch + _SAME
        if not is_known and _is_told(quantiles):
            self.epochs.insert(place, epoch)
            self.quantiles.insert(place, quantiles)

    def forget_after(self, epoch: float) -> None:
        """Let go of what came after a moment: the run stands there again."""
        place = bisect(self.epochs, epoch + _SAME)
        del self.epochs[place:], self.quantiles[place:]

    def _thin(self) -> None:
        self._stride *= 2
        self.epochs = self.epochs[::2]
        self.quantiles = self.quantiles[::2]
        self.gradient_norms = self.gradient_norms[::2]


def _is_told(quantiles: tuple[float, ...]) -> bool:
    return len(quantiles) == _QUANTILES and all(map(np.isfinite, quantiles))
