"""The figures of a layer's output: moments, zeros, histogram and quantiles, in microseconds.

torch's mean, norm and aminmax are vectorised while its std, var and histc are not (20 to 100 times
slower on a CPU), so the moments come from the first three, and the histogram and the quantiles
from at most 4,096 values taken in even steps.
"""

import math
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

SAMPLED: Final = 4096
COUNTED: Final = 1 << 18
QUANTILES: Final = (0.02, 0.10, 0.25, 0.50, 0.75, 0.90, 0.98)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of many numbers; values that are not finite are left out."""

    mean: float = 0.0
    deviation: float = 0.0
    low: float = 0.0
    high: float = 0.0
    zeros: float = 0.0
    not_finite: float = 0.0
    counts: tuple[int, ...] = ()
    bin_low: float = 0.0
    bin_high: float = 0.0
    quantiles: tuple[float, ...] = ()


def summarise(values: Tensor, *, bins: int) -> Summary:
    """Describe all values of a tensor of any shape."""
    flat = values.detach().reshape(-1).float()
    total = flat.numel()
    low, high = _range(flat)
    if not (math.isfinite(low) and math.isfinite(high)):
        flat = flat[torch.isfinite(flat)]
        low, high = _range(flat)
    if not flat.numel():
        return Summary(not_finite=1.0 if total else 0.0)
    mean, deviation = _moments(flat, low, high)
    picked = _every_nth(flat, SAMPLED)
    bin_low, bin_high = (low, high) if high > low else (low - 0.5, low + 0.5)
    return Summary(
        mean=mean,
        deviation=deviation,
        low=low,
        high=high,
        zeros=_share_of_zeros(flat),
        not_finite=1 - flat.numel() / total,
        counts=histogram(picked, bin_low, bin_high, bins),
        bin_low=bin_low,
        bin_high=bin_high,
        quantiles=quantiles(picked[picked != 0]),
    )


def histogram(
    values: npt.NDArray[np.float64], low: float, high: float, bins: int
) -> tuple[int, ...]:
    """Count values in equal bins from ``low`` to ``high``; both ends belong to a bin."""
    places = ((values - low) * (bins / (high - low))).astype(np.int64)
    return tuple(np.bincount(places.clip(0, bins - 1), minlength=bins).tolist())


def quantiles(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return the quantiles of ``QUANTILES``, linear between two values; nothing for no values."""
    if not values.size:
        return ()
    # np.quantile takes a tenth of a millisecond for its checks alone.
    places = np.array(QUANTILES) * (values.size - 1)
    return tuple(np.interp(places, np.arange(values.size), np.sort(values)).tolist())


def _range(flat: Tensor) -> tuple[float, float]:
    if not flat.numel():
        return 0.0, 0.0
    low, high = torch.aminmax(flat)
    return float(low), float(high)


def _moments(flat: Tensor, low: float, high: float) -> tuple[float, float]:
    mean = float(flat.mean())
    square = float(torch.linalg.vector_norm(flat)) ** 2 / flat.numel()
    variance = square - mean * mean
    # Where the values lie close together far from zero, or overflow, the difference means nothing.
    if not math.isfinite(variance) or variance < 1e-3 * square:
        exact = flat.double()
        return float(exact.mean()), float(exact.std(correction=0)) if high > low else 0.0
    return mean, math.sqrt(variance)


def _share_of_zeros(flat: Tensor) -> float:
    if flat.numel() > COUNTED:
        picked = _every_nth(flat, SAMPLED)
        return 1 - float(np.count_nonzero(picked)) / picked.size
    # On the processor numpy counts three times as fast as torch.
    counted = np.count_nonzero(flat.numpy()) if flat.is_cpu else int(torch.count_nonzero(flat))
    return 1 - float(counted) / flat.numel()


def _every_nth(flat: Tensor, most: int) -> npt.NDArray[np.float64]:
    """Take at most ``most`` values in even steps that do not keep to one column of the images."""
    step = -(-flat.numel() // most)
    while math.gcd(step, flat.numel()) > 1:
        step += 1
    picked: npt.NDArray[np.float64] = flat[::step].cpu().numpy().astype(np.float64)
    return picked
