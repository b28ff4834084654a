"""Samples that are in a data set more than once: equal ones, and pictures that are nearly equal."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import msgspec
import networkx
import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.data.digests import digests, read_in_turn
from engine.data.row_sets import Rows
from engine.data.spec import DataSet, inputs_of
from nodes.io import DataField

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

MOST_COMPARED: Final = 200_000
_SIDE, _WAVES = 32, 8
_FARTHEST: Final = 6
"""So many of their 64 bits may differ in two pictures that look the same."""

_ALIKE: Final = 0.985
"""The least correlation of their pixels: two strokes of a pen have like bits already."""

_MOST_IN_A_BAND: Final = 100
"""Pictures that share a quarter of their bits; more are plain ones, whose bits say little."""


class Doubles(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of which one is enough."""

    samples: tuple[int, ...]
    is_exact: bool
    """Equal in every input; else pictures that look the same."""


def find_doubles(data_set: DataSet, samples: Rows) -> tuple[Doubles, ...]:
    """Return the groups of samples that a model cannot tell apart, by their first sample.

    Pictures are also compared by a perceptual hash, the signs of their 64 slowest waves (Zauner
    2010, Implementation and Benchmarking of Perceptual Image Hash Functions), and then by pixels.
    """
    picture = next((field for field in inputs_of(data_set) if field.kind == "image"), None)
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    hashes: dict[int, int] = {}
    for some, values in read_in_turn(data_set, samples[:MOST_COMPARED]):
        for sample, digest in zip(some.tolist(), digests(values), strict=True):
            groups[digest].append(sample)
        if picture is not None:
            found = _perceptual(_small(values[picture.name]))
            hashes |= zip(some.tolist(), found, strict=True)
    firsts = [group[0] for group in groups.values()]
    exact = [_doubles(group, is_exact=True) for group in groups.values() if len(group) > 1]
    near = _near({first: hashes[first] for first in firsts}, data_set, picture) if picture else []
    return tuple(sorted([*exact, *near], key=lambda one: one.samples))


def _doubles(samples: Sequence[int], *, is_exact: bool) -> Doubles:
    return Doubles(samples=tuple(sorted(samples)), is_exact=is_exact)


def _near(hashes: dict[int, int], data_set: DataSet, picture: DataField) -> list[Doubles]:
    alike: networkx.Graph[int] = networkx.Graph()
    for one, other in sorted(_candidates(hashes)):
        first, second = _small(data_set.read(picture.name, np.array([one, other])))
        length = float(np.linalg.norm(first) * np.linalg.norm(second))
        # Two plain pictures differ in their brightness alone.
        if length > 0 and float((first * second).sum()) >= _ALIKE * length:
            alike.add_edge(one, other)
    found = networkx.connected_components(alike)
    return [_doubles(list(group), is_exact=False) for group in found]


def _candidates(hashes: dict[int, int]) -> set[tuple[int, int]]:
    """Return pairs of pictures whose bits are nearly the same.

    Two that differ in at most three bits share one quarter of them.
    """
    found: set[tuple[int, int]] = set()
    for shift in (0, 16, 32, 48):
        bands: defaultdict[int, list[int]] = defaultdict(list)
        for sample, bits in hashes.items():
            bands[bits >> shift & 0xFFFF].append(sample)
        for band in bands.values():
            if len(band) <= _MOST_IN_A_BAND:
                found |= {
                    (one, other)
                    for one, other in combinations(band, 2)
                    if (hashes[one] ^ hashes[other]).bit_count() <= _FARTHEST
                }
    return found


def _small(pictures: Array) -> Array:
    """Shrink pictures to grey ones.

    Shapes:
        pictures: (N, C, H, W)
        out: (N, 32, 32), the mean of each is 0
    """
    grey = pictures.astype(np.float32).mean(axis=1)
    shrunk = [
        np.asarray(Image.fromarray(one).resize((_SIDE, _SIDE), Image.Resampling.BOX))
        for one in grey
    ]
    found: Array = np.array(shrunk)
    found -= found.mean(axis=(1, 2), keepdims=True)
    return found


def _perceptual(small: Array) -> list[int]:
    """Return 64 bits for each picture: which of its slowest waves are stronger than the median."""
    places = (np.arange(_SIDE) + 0.5) * np.pi / _SIDE
    waves = np.cos(np.arange(_WAVES)[:, None] * places)
    strengths = (waves @ small @ waves.T).reshape(len(small), -1)
    bits = strengths > np.median(strengths, axis=1, keepdims=True)
    return [int.from_bytes(np.packbits(one).tobytes(), "big") for one in bits]
