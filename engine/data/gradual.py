"""Samples that are decoded when they are first asked for, and kept on disk from then on.

For data sets of which nobody wants to wait until all is decoded. Several processes may read the
same one: what they write is the same.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.cache import let_go, mapped
from engine.data.listing import Entry
from engine.data.spec import SamplesLostError
from nodes.errors import DataError

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]
Reader = Callable[[Entry, tuple[int, ...]], Array]

_AT_ONCE: Final = 256
_TOLD: Final = 3
_ROOM_LEFT: Final = 2
"""Samples are kept where the disk has so many times the room that all of them take."""

_WHOLE, _DONE = "values.npy", "done.npy"


def make_room_for(folder: Path, count: int, size: tuple[int, ...], dtype: "np.dtype[Any]") -> None:
    """Lay out the files that samples are kept in; they take no room before they are filled.

    Raises:
        OSError: The disk is full.
    """
    np.save(folder / _DONE, np.zeros(count, np.uint8))
    whole = count * int(np.prod(size)) * dtype.itemsize
    if whole * _ROOM_LEFT < shutil.disk_usage(folder).free:
        np.lib.format.open_memmap(folder / _WHOLE, mode="w+", dtype=dtype, shape=(count, *size))


class Gradual:
    """The values of one field, decoded on demand."""

    def __init__(
        self,
        folder: Path,
        found: Sequence[Entry],
        size: tuple[int, ...],
        dtype: "np.dtype[Any]",
        read: Reader,
    ) -> None:
        self._file = folder / _WHOLE
        self._found = found
        self._size = size
        self._dtype = dtype
        self._read = read
        self._done = np.load(folder / _DONE, mmap_mode="r+", allow_pickle=False)
        self._kept = mapped(self._file) if self._file.is_file() else None
        self._has_room = self._kept is not None

    def __len__(self) -> int:
        return len(self._found)

    @property
    def is_complete(self) -> bool:
        """Whether all samples are decoded."""
        return self._kept is not None and bool(self._done.all())

    def __getitem__(self, indices: Indices) -> Array:
        """Return some samples, in their order.

        Raises:
            SamplesLostError: Some of them cannot be read.
        """
        values = np.empty((len(indices), *self._size), self._dtype)
        is_kept = (self._done[indices] != 0) & (self._kept is not None)
        if self._kept is not None and is_kept.any():
            values[is_kept] = self._kept[indices[is_kept]]
            let_go(self._kept)
        fresh = np.flatnonzero(~is_kept)
        lost: dict[int, tuple[Path, str]] = {}
        for first in range(0, len(fresh), _AT_ONCE):
            places = fresh[first : first + _AT_ONCE]
            decoded = self._decoded(indices[places])
            for place, sample, value in zip(places, indices[places], decoded, strict=True):
                if isinstance(value, str):
                    lost[int(place)] = self._found[int(sample)].path, value
                else:
                    values[place] = value
            self._keep(indices[places], decoded)
        if lost:
            raise _lost(lost, len(indices))
        return values

    def _decoded(self, samples: Indices) -> list[Array | str]:
        def one(sample: int) -> Array | str:
            entry = self._found[sample]
            try:
                return self._read(entry, self._size)
            except prepare.UNREADABLE as error:
                return prepare.reason(error, entry.path)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(one, samples.tolist()))

    def _keep(self, samples: Indices, decoded: Sequence[Array | str]) -> None:
        """Write what was decoded, as long as there is room."""
        if not self._has_room:
            return
        found = {
            sample: value
            for sample, value in zip(samples.tolist(), decoded, strict=True)
            if not isinstance(value, str)
        }
        try:
            self._write(found)
        except OSError:
            # What is kept stays of use.
            self._has_room = False

    def _write(self, found: Mapping[int, Array]) -> None:
        assert isinstance(self._kept, np.memmap), "samples are kept"
        length = int(np.prod(self._size)) * self._dtype.itemsize
        # Not by the map: a full disk would end the process instead of raising an error.
        with self._file.open("r+b") as stream:
            for sample in sorted(found):
                stream.seek(self._kept.offset + sample * length)
                stream.write(np.ascontiguousarray(found[sample], self._dtype).tobytes())
        self._done[list(found)] = 1


def _lost(lost: Mapping[int, tuple[Path, str]], count: int) -> SamplesLostError:
    (first, why), *others = lost.values()
    told = "; ".join([why, *(f"{path.name}: {why}" for path, why in others[: _TOLD - 1])])
    more = f"; and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
    error = DataError(
        "One file cannot be read" if len(lost) == 1 else f"{len(lost)} files cannot be read",
        why=f"{told}{more}.",
        where=str(first),
        hint="Leave them out, or mend the files.",
    )
    is_lost = np.zeros(count, bool)
    is_lost[list(lost)] = True
    return SamplesLostError(error, is_lost)
