"""Pictures of what a layer puts out for one sample: maps and rows of bytes on one scale."""

import math
from typing import Final, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

Form: TypeAlias = Literal["maps", "bars", "histogram", "sequence"]
Floats: TypeAlias = npt.NDArray[np.float32]

BARS: Final = 64
FIRST: Final = 3
PREVIEWED: Final = 6
PREVIEW_SIDE: Final = 48
CHANNELS: Final = 256
DETAIL_SIDE: Final = 128
DETAIL_PIXELS: Final = 1 << 20
KEEP: Final = 1.5


class Maps(msgspec.Struct, frozen=True, kw_only=True):
    """Some channels of one sample as bytes."""

    pixels: bytes
    """uint8, channels x rows x columns."""

    channels: tuple[int, ...]
    size: tuple[int, ...]
    """Rows and columns, where they are fewer than the layer's."""

    low: float
    high: float


def form_of(shape: tuple[int, ...]) -> Form:
    """Choose how one sample of this shape is shown."""
    match shape:
        case (_, height, width) if height * width > 1:
            return "maps"
        case (rows, columns) if rows > 1 and columns > 1:
            return "sequence"
    return "bars" if 0 < torch.Size(shape).numel() <= BARS else "histogram"


def preview(sample: Tensor, shown: tuple[int, ...] = ()) -> Maps:
    """Picture the six channels that vary most: three for a card, and three more from close by.

    The most varied come first. The channels of the last picture, ``shown``, stay where they are
    unless others vary much more, so that a preview does not flicker between two equals.

    Shapes:
        sample: (C, H, W)
    """
    sample = _clean(sample)
    spread = _variances(sample)
    first = _best(spread, shown[:FIRST], FIRST)
    spread[list(first)] = -1.0
    more = _best(spread, shown[FIRST:], min(PREVIEWED, len(spread)) - len(first))
    return _maps(sample, first + more, PREVIEW_SIDE)


def _best(spread: Floats, shown: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Return the channels of the largest spread, those shown so far first."""
    favoured = spread.copy()
    favoured[list(shown)] *= KEEP
    best = np.argsort(-favoured, kind="stable")[:most].tolist()
    kept = [channel for channel in shown if channel in best]
    return (*kept, *(channel for channel in best if channel not in kept))


def every_channel(sample: Tensor) -> Maps:
    """Picture the channels of one sample in order, up to 256, together at most a megapixel.

    Shapes:
        sample: (C, H, W)
    """
    sample = _clean(sample)
    channels = min(sample.shape[0], CHANNELS)
    side = min(DETAIL_SIDE, int((DETAIL_PIXELS / channels) ** 0.5))
    return _maps(sample, tuple(range(channels)), side)


def heat_map(sample: Tensor, *, side: int) -> Maps:
    """Picture a sequence as it lies in memory: the first axis down, the second across.

    Shapes:
        sample: (C, T), as ``nn.Conv1d`` puts it out, or (T, F), as recurrent layers do
    """
    return _maps(_clean(sample).unsqueeze(0), (0,), side)


def _maps(sample: Tensor, channels: tuple[int, ...], side: int) -> Maps:
    low, high = (float(value) for value in torch.aminmax(sample))
    every = channels == tuple(range(sample.shape[0]))
    # numpy picks channels in a third of the time that torch takes.
    chosen = sample if every else torch.from_numpy(sample.numpy()[list(channels)])
    small = _shrunk(chosen, side)
    size = tuple(small.shape[1:])
    return Maps(
        pixels=_bytes(small.numpy(), low, high),
        channels=channels,
        size=() if size == tuple(sample.shape[1:]) else size,
        low=low,
        high=high,
    )


def _clean(sample: Tensor) -> Tensor:
    sample = sample.detach().float().cpu()
    # A sum is finite only where every value is, and costs a tenth of replacing what is not.
    if math.isfinite(float(sample.sum())):
        return sample
    return torch.nan_to_num(sample, nan=0.0, posinf=0.0, neginf=0.0)


def _shrunk(maps: Tensor, side: int) -> Tensor:
    height, width = maps.shape[1:]
    factor = -(-max(height, width) // side)
    if factor <= 1:
        return maps
    return functional.adaptive_avg_pool2d(maps, (-(-height // factor), -(-width // factor)))


def _bytes(values: Floats, low: float, high: float) -> bytes:
    width = high - low
    if not 1e-30 < width < 3e38:
        return bytes(values.size)
    scaled = (values - np.float32(low)) * np.float32(255 / width)
    pixels: npt.NDArray[np.uint8] = np.rint(scaled, out=scaled).astype(np.uint8)
    return pixels.tobytes()


def _variances(sample: Tensor) -> Floats:
    flat: Floats = sample.reshape(sample.shape[0], -1).numpy()
    centred = flat - flat.mean(axis=1, keepdims=True)
    spread: Floats = np.einsum("cp,cp->c", centred, centred)
    return spread
