"""The batch that a step could not be made with, as the run folder keeps it."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from nodes.errors import RunError

_MOST_PICTURES: Final = 64
_OF_PICTURES: Final = 4
"""Dimensions of a batch of pictures."""


class KeptField(NamedTuple):
    """One field of the batch, for all of its samples."""

    name: str
    sizes: tuple[int, ...]
    """The samples first."""

    low: float | None
    high: float | None
    """The smallest and the largest number; None where there is none."""

    lost: int
    """Values that are no finite number."""


class KeptBatch(NamedTuple):
    """What is known of a batch."""

    fields: tuple[KeptField, ...]
    pictures: tuple[NDArray[np.uint8], ...]
    """Of its first samples, each (channels, height, width); empty where they are no pictures."""


def read_batch(file: Path) -> KeptBatch:
    """Read a batch that was kept.

    Raises:
        RunError: The file is gone or damaged.
    """
    try:
        values = load_file(file)
    # Numbers that numpy does not have are a TypeError.
    except (OSError, SafetensorError, TypeError, KeyError) as error:
        raise RunError(
            "The batch cannot be read",
            why=f"{error}.",
            where=str(file),
            hint="Look whether the folder of the run was moved.",
        ) from error
    return KeptBatch(
        tuple(_field(name, values[name]) for name in sorted(values)),
        next(filter(None, map(_pictures, values.values())), ()),
    )


def _field(name: str, values: NDArray[Any]) -> KeptField:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    return KeptField(name, values.shape, low, high, values.size - finite.size)


def _pictures(values: NDArray[Any]) -> tuple[NDArray[np.uint8], ...]:
    if values.ndim != _OF_PICTURES or values.shape[1] not in (1, 3):
        return ()
    shown = values[:_MOST_PICTURES].astype(np.float64)
    finite = shown[np.isfinite(shown)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    scaled = (np.nan_to_num(shown, nan=low, posinf=high, neginf=low) - low) / (high - low or 1.0)
    return tuple(np.rint(scaled * 255).astype(np.uint8))
