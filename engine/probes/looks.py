"""How samples look to a person: texts as their beginnings, anything else as small pictures."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d

from engine.data.preparation import Preparation, Windows
from engine.probes.capture import scaled_bytes
from engine.probes.texts import beginnings

_SIDE: Final = 48
"""Of the picture of a sound, and how high a curve is drawn."""

_INK: Final = 230


@dataclass(frozen=True, slots=True)
class Looks:
    """Some samples as they are shown."""

    shape: tuple[int, ...]
    """Of one picture."""

    pixels: bytes
    """uint8; empty where the samples are texts, or too large to be drawn."""

    texts: tuple[str, ...]
    """Their beginnings, where they are texts."""


def looks_of(values: Tensor, how: Preparation | None, most: int) -> Looks:
    """Shrink images that have more than so many numbers, and draw long sounds by their swing.

    Shapes:
        values: (N, *sizes), of one input of the model; N at least 1
    """
    if texts := beginnings(values, how):
        return Looks(tuple(values.shape[1:]), b"", texts)
    small = values
    if isinstance(how, Windows) and values.shape[2:] == (1,):
        small = _curves(values[..., 0].float(), most // _SIDE)
    elif values[0].numel() > most:
        small = _shrunk(values, most)
    is_small = small[0].numel() <= most
    return Looks(tuple(small.shape[1:]), scaled_bytes(small) if is_small else b"", ())


def _shrunk(values: Tensor, most: int) -> Tensor:
    if values.ndim == 4:
        share = math.sqrt(most / values[0].numel())
        height, width = (max(1, int(size * share)) for size in values.shape[2:])
        return adaptive_avg_pool2d(values.float(), (height, width))
    if values.ndim == 3 and values.shape[1] <= 2 and values.shape[2] >= _SIDE:
        return _envelopes(values.float().mean(1))
    return values


def _envelopes(waves: Tensor) -> Tensor:
    """Draw how far sounds swing to both sides in each of 48 stretches, each on its own scale.

    Shapes:
        waves: (N, T)
        out: (N, 1, 48, 48), from 0 to 1
    """
    waves = torch.nan_to_num(waves)
    high, low = adaptive_max_pool1d(waves, _SIDE), -adaptive_max_pool1d(-waves, _SIDE)
    scale = waves.abs().amax(1)[:, None, None].clamp(min=1e-6)
    rows = torch.linspace(1, -1, _SIDE)[None, :, None] * scale.cpu()
    thin = scale.cpu() / _SIDE
    inside = (rows <= high.cpu()[:, None] + thin) & (rows >= low.cpu()[:, None] - thin)
    return inside[:, None].float() * (_INK / 255)


def _curves(series: Tensor, widest: int) -> Tensor:
    """Draw series of one number over time as lines, each on its own scale.

    Args:
        widest: Of a longer series the mean of neighbours is drawn.

    Shapes:
        series: (N, T)
        out: (N, 1, 48, T), from 0 to 1
    """
    series = torch.nan_to_num(series.cpu())
    if series.shape[1] > widest:
        series = adaptive_avg_pool1d(series, widest)
    low, high = series.amin(1, keepdim=True), series.amax(1, keepdim=True)
    share = (series - low) / (high - low).clamp(min=1e-6)
    places = ((1 - share) * (_SIDE - 1)).round()
    before = torch.cat([places[:, :1], places[:, :-1]], dim=1)
    rows = torch.arange(_SIDE)[None, :, None]
    inside = (rows >= torch.minimum(places, before)[:, None]) & (
        rows <= torch.maximum(places, before)[:, None]
    )
    return inside[:, None].float() * (_INK / 255)
