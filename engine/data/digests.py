"""What tells equal samples by: a digest of everything that a model reads of one."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.progress import tell
from engine.data.spec import DataSet, inputs_of

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

_AT_ONCE: Final = 2048


def read_in_turn(
    data_set: DataSet, samples: Indices
) -> Iterator[tuple[Indices, Mapping[str, Array]]]:
    """Yield some samples at a time with what a model reads of them, field by field."""
    fields = inputs_of(data_set)
    for first in range(0, len(samples), _AT_ONCE):
        tell(first, len(samples))
        some = samples[first : first + _AT_ONCE]
        yield some, {field.name: data_set.read(field.name, some) for field in fields}


def digests(values: Mapping[str, Array]) -> Iterator[bytes]:
    """Yield a digest of each sample; equal ones are those of samples that are equal."""
    for sample in zip(*values.values(), strict=True):
        digest = hashlib.blake2b(digest_size=16)
        for value in sample:
            digest.update(np.ascontiguousarray(value).tobytes())
        yield digest.digest()
