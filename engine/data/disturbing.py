"""Changing values where they are: colours, black squares, noise, loudness, silence."""

import torch
from torch import Tensor


def coloured(pictures: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor) -> Tensor:
    """Return pictures with colours changed by factors of their own; 1 changes nothing.

    Shapes:
        pictures: (N, C, H, W)
        brightness, contrast, saturation: (N,)
        out: (N, C, H, W)
    """
    changed = pictures * _each(brightness, pictures)
    mean = changed.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + (changed - mean) * _each(contrast, pictures)
    if pictures.shape[1] == 3:
        weights = pictures.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
        grey = (changed * weights).sum(1, keepdim=True)
        changed = grey + (changed - grey) * _each(saturation, pictures)
    return changed.clamp(min(0.0, float(pictures.min())), max(1.0, float(pictures.max())))


def with_squares(pictures: Tensor, rows: Tensor, columns: Tensor, side: int) -> Tensor:
    """Return pictures with a black square about a place of each.

    Shapes:
        pictures: (N, C, H, W)
        rows, columns: (N,) the middles of the squares, in pixels
        out: (N, C, H, W)
    """
    height, width = pictures.shape[-2:]
    inside = _band(rows - side / 2, side, height)[:, :, None]
    inside = inside & _band(columns - side / 2, side, width)[:, None]  # (N, H, W)
    return pictures.masked_fill(inside[:, None], 0)


def shifted_in_time(waves: Tensor, steps: Tensor) -> Tensor:
    """Return waves that begin so many steps later; what is left free is silent.

    Shapes:
        waves: (N, C, T)
        steps: (N,) whole numbers
        out: (N, C, T)
    """
    length = waves.shape[-1]
    places = torch.arange(length, device=waves.device) - steps[:, None]
    there = (places >= 0) & (places < length)
    fetched = places.clamp(0, length - 1)[:, None].expand(waves.shape)
    return waves.gather(-1, fetched) * there[:, None]


def silenced(values: Tensor, starts: Tensor, widths: Tensor, dim: int) -> Tensor:
    """Return values with a band of one axis set to zero.

    Args:
        dim: The axis, counted from the end: −1 or −2.

    Shapes:
        values: (N, ..., A, B)
        starts, widths: (N,)
        out: (N, ..., A, B)
    """
    band = _band(starts, widths, values.shape[dim])  # (N, length)
    shape = [len(values), *([1] * (values.ndim - 1))]
    shape[dim] = values.shape[dim]
    return values.masked_fill(band.reshape(shape), 0)


def without_band(waves: Tensor, starts: Tensor, widths: Tensor) -> Tensor:
    """Return waves without a band of their frequencies.

    Shapes:
        waves: (N, C, T)
        starts, widths: (N,) in shares of all frequencies, from 0 to 1
        out: (N, C, T)
    """
    spectrum = torch.fft.rfft(waves)
    bins = spectrum.shape[-1]
    kept = silenced(torch.view_as_real(spectrum), starts * bins, widths * bins, -2)
    heard: Tensor = torch.fft.irfft(torch.view_as_complex(kept), n=waves.shape[-1])
    return heard


def _each(factors: Tensor, like: Tensor) -> Tensor:
    return factors.view(-1, *([1] * (like.ndim - 1)))


def _band(starts: Tensor, width: Tensor | float, length: int) -> Tensor:
    """Say which places of an axis lie in a band of each sample.

    Shapes:
        out: (N, length)
    """
    places = torch.arange(length, device=starts.device) + 0.5
    begin = starts[:, None]
    end = begin + (width[:, None] if isinstance(width, Tensor) else width)
    return (places >= begin) & (places < end)
