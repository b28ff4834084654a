"""What a layer put out, as something small that a card on the canvas can paint.

The trainer sends numbers; these are pictures and bar heights, made once for each probe and
never changed. Pictures are made when a card is painted with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.plots.forms import keeping_form
from app.plots.images import PixelArray, map_image, sample_image
from app.theme import Theme
from engine.training.events import LayerProbe, SamplesChosen

MAPS, MOST_MAPS = 3, 6
"""So many maps a card shows, and so many where it is seen from close by."""

BINS = 20
POINTS = 60


@dataclass(frozen=True)
class MapsPreview:
    """The maps that vary most, all on one scale; made when they are first looked at."""

    make: Callable[[int], Sequence[QImage]]
    """Makes at most so many pictures."""

    @cached_property
    def images(self) -> tuple[QImage, ...]:
        """Up to three pictures."""
        return tuple(self.make(MAPS))

    @cached_property
    def more_images(self) -> tuple[QImage, ...]:
        """Up to six pictures."""
        return tuple(self.make(MOST_MAPS))


@dataclass(frozen=True, slots=True)
class BarsPreview:
    """A bar for each value of a short vector."""

    tops: tuple[float, ...]
    """From 0 to 1 of the card's height."""

    zero: float
    """Where the bars stand, from 0 to 1; above 0 where some values are negative."""

    largest: int
    """The bar in the accent colour."""


@dataclass(frozen=True, slots=True)
class HistogramPreview:
    """Twenty bars in the category's colour."""

    heights: tuple[float, ...]
    """From 0 to 1."""


@dataclass(frozen=True, slots=True)
class CurvePreview:
    """The loss so far."""

    heights: tuple[float, ...]
    """From 0 to 1, from the first step to the last one; evenly spaced."""


Preview: TypeAlias = MapsPreview | BarsPreview | HistogramPreview | CurvePreview


def preview_of(probe: LayerProbe, theme: Theme) -> Preview | None:
    """What the card of a layer shows; None where the probe holds nothing to show."""
    if probe.form == "bars" and probe.values:
        return _bars(probe.values)
    if probe.form in ("maps", "sequence") and probe.pixels:
        return MapsPreview(lambda most: thumbnails(probe, theme, most))
    if probe.counts:
        return _histogram(probe.counts)
    return None


def thumbnails(probe: LayerProbe, theme: Theme, most: int = MAPS) -> list[QImage]:
    """The maps that vary most, or the one picture of a sequence; else nothing."""
    maps = maps_of(probe)
    if len(maps) > most and tuple(probe.channels) in ((), tuple(range(len(maps)))):
        spread = maps.reshape(len(maps), -1).var(axis=1)
        maps = maps[np.argsort(-spread, kind="stable")[:most]]
    images = [map_image(pixels, theme) for pixels in maps[:most]]
    return [keeping_form(image) for image in images] if probe.form == "maps" else images


def maps_of(probe: LayerProbe) -> PixelArray:
    """The maps that a probe brings along.

    Shapes:
        out: (C, H, W); C is 1 for a sequence and 0 where there are no maps
    """
    if probe.form not in ("maps", "sequence") or not probe.pixels:
        return np.empty((0, 1, 1), dtype=np.uint8)
    rows, columns = probe.pixel_size or _map_size(probe)
    return np.frombuffer(probe.pixels, dtype=np.uint8).reshape(-1, rows, columns)


def sample_thumbnails(samples: SamplesChosen, theme: Theme) -> list[QImage]:
    """A picture of each sample that layers can be looked at with."""
    pixels = np.frombuffer(samples.pixels, dtype=np.uint8).reshape(-1, *samples.shape)
    return [sample_image(sample, theme) for sample in pixels]


def curve_preview(losses: Sequence[float]) -> CurvePreview:
    """The course of the loss in at most sixty points; values that are no number are left out."""
    values = np.asarray(losses, dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) > POINTS:
        values = _means(values, POINTS)
    if not len(values):
        return CurvePreview(())
    low, span = values.min(), np.ptp(values) or 1.0
    return CurvePreview(tuple(((values - low) / span).tolist()))


def _map_size(probe: LayerProbe) -> tuple[int, int]:
    if probe.form == "sequence":
        time, features = probe.shape
        return features, time
    return probe.shape[-2], probe.shape[-1]


def _bars(values: Sequence[float]) -> BarsPreview:
    finite = np.nan_to_num(np.asarray(values, dtype=np.float64), posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    span = (high - low) or 1.0
    tops = ((finite - low) / span).tolist()
    return BarsPreview(tuple(tops), zero=-low / span, largest=int(finite.argmax()))


def _histogram(counts: Sequence[int]) -> HistogramPreview:
    heights = _means(np.asarray(counts, dtype=np.float64), min(BINS, len(counts)))
    return HistogramPreview(tuple((heights / (heights.max() or 1.0)).tolist()))


def _means(values: npt.NDArray[np.float64], parts: int) -> npt.NDArray[np.float64]:
    """Return the means of so many parts in order, of which the first may be longer by one.

    Shapes:
        values: (N,), N at least ``parts``
        out:    (parts,)
    """
    length, longer = divmod(len(values), parts)
    lengths = np.full(parts, length)
    lengths[:longer] += 1
    means: npt.NDArray[np.float64]
    means = np.add.reduceat(values, np.cumsum(lengths) - lengths) / lengths
    return means
