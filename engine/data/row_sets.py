"""Which of very many rows: a bit for each, where a list of their numbers would fill the memory."""

from collections.abc import Iterator
from typing import Any, Final, Self, TypeAlias, overload

import numpy as np
import numpy.typing as npt

Indices: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

MOST_LISTED: Final = 1 << 22
"""Numbers of so many samples are a list, which takes 32 MB."""

_CHUNK: Final = 1 << 16
_CHUNK_BYTES: Final = _CHUNK // 8
_LISTED_CHUNKS: Final = 64
_AT_ONCE: Final = 1 << 20


class RowSet:
    """Ascending numbers of rows, read like an array of them.

    Args:
        bits: A bit for each row, the first of a byte its highest: whether the row is in it.
    """

    def __init__(self, bits: npt.NDArray[np.uint8]) -> None:
        missing = -len(bits) % _CHUNK_BYTES
        self._bits = np.concatenate([bits, np.zeros(missing, np.uint8)]) if missing else bits
        # A chunk at a time: the counts of all bytes would take as much again.
        counts = [int(np.bitwise_count(one).sum()) for one in self._chunks()]
        self._before = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._listed: dict[int, npt.NDArray[np.uint16]] = {}

    @classmethod
    def of(cls, mask: Mask) -> Self:
        """Return the rows at which a mask is true."""
        return cls(np.packbits(mask))

    @classmethod
    def first(cls, rows: int) -> Self:
        """Return the first so many rows."""
        bits = np.full(-(-rows // 8), 0xFF, np.uint8)
        if rows % 8:
            bits[-1] = 0xFF << (8 - rows % 8) & 0xFF
        return cls(bits)

    def __len__(self) -> int:
        return int(self._before[-1])

    @overload
    def __getitem__(self, wanted: int, /) -> int: ...
    @overload
    def __getitem__(self, wanted: slice | Indices, /) -> Indices: ...
    def __getitem__(self, wanted: int | slice | Indices, /) -> int | Indices:
        """Return the rows at some places: one, those of a stretch, or those asked for by number."""
        if isinstance(wanted, slice):
            return self._at(np.arange(*wanted.indices(len(self))))
        if isinstance(wanted, np.ndarray):
            return self._at(wanted)
        place = wanted + len(self) if wanted < 0 else wanted
        if not 0 <= place < len(self):
            raise IndexError(wanted)
        return int(self._at(np.array([place]))[0])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all numbers as a list, which takes eight bytes for each."""
        del copy
        return self[:].astype(np.int64 if dtype is None else dtype, copy=False)

    def stretches(self) -> Iterator[Indices]:
        """Yield all rows in order, about a million at once."""
        for begin in range(0, len(self), _AT_ONCE):
            yield self[begin : begin + _AT_ONCE]

    def places_of(self, rows: Indices) -> Indices:
        """Return how many rows of the set come before each of some numbers."""
        return np.array([self._before_row(row) for row in rows.tolist()], np.int64)

    def without(self, rows: Indices) -> "RowSet":
        """Return the set without some rows."""
        bits = self._bits.copy()
        there = rows[(rows >= 0) & (rows < len(bits) * 8)]
        np.bitwise_and.at(bits, there >> 3, ~(0x80 >> (there & 7)).astype(np.uint8))
        return RowSet(bits)

    def __or__(self, other: "RowSet") -> "RowSet":
        """Return the rows of both."""
        longer, shorter = sorted((self._bits, other._bits), key=len, reverse=True)
        bits = longer.copy()
        bits[: len(shorter)] |= shorter
        return RowSet(bits)

    def _chunks(self) -> Iterator[npt.NDArray[np.uint8]]:
        for begin in range(0, len(self._bits), _CHUNK_BYTES):
            yield self._bits[begin : begin + _CHUNK_BYTES]

    def _before_row(self, row: int) -> int:
        if row >= len(self._bits) * 8:
            return len(self)
        chunk, inside = divmod(max(row, 0), _CHUNK)
        return int(self._before[chunk] + np.searchsorted(self._rows_of(chunk), inside))

    def _at(self, places: Indices) -> Indices:
        rows = np.empty(len(places), np.int64)
        chunks = np.searchsorted(self._before, places, side="right") - 1
        order = np.argsort(chunks, kind="stable")
        bounds = np.flatnonzero(np.diff(chunks[order])) + 1
        for group in np.split(order, bounds):
            if len(group):
                chunk = int(chunks[group[0]])
                inside = self._rows_of(chunk)[places[group] - self._before[chunk]]
                rows[group] = inside.astype(np.int64) + chunk * _CHUNK
        return rows

    def _rows_of(self, chunk: int) -> npt.NDArray[np.uint16]:
        """Return the rows of a chunk, counted from its start; those listed last are kept."""
        found = self._listed.get(chunk)
        if found is None:
            bits = self._bits[chunk * _CHUNK_BYTES : (chunk + 1) * _CHUNK_BYTES]
            found = np.flatnonzero(np.unpackbits(bits)).astype(np.uint16)
            # Another thread may do the same at this moment: each sees a whole dictionary.
            kept = dict([*self._listed.items()][1 - _LISTED_CHUNKS :])
            self._listed = {**kept, chunk: found}
        return found


Rows: TypeAlias = Indices | RowSet
"""Ascending numbers of samples or rows: listed, or a bit for each where there are very many."""


class RowSetWriter:
    """Makes a set of rows stretch by stretch."""

    def __init__(self) -> None:
        self._bits: list[npt.NDArray[np.uint8]] = []
        self._rest = np.zeros(0, np.bool_)

    def add(self, mask: Mask) -> None:
        """Add the next rows, those at which the mask is true."""
        whole = np.concatenate([self._rest, mask])
        end = len(whole) // 8 * 8
        self._bits.append(np.packbits(whole[:end]))
        self._rest = whole[end:]

    def done(self) -> RowSet:
        """Return the set."""
        return RowSet(np.concatenate([*self._bits, np.packbits(self._rest)]))


def places_of(rows: Rows, numbers: Indices) -> Indices:
    """Return how many of the rows come before each of some numbers."""
    if isinstance(rows, RowSet):
        return rows.places_of(numbers)
    return np.searchsorted(rows, numbers)


def in_stretches(rows: Rows) -> Iterator[Indices]:
    """Yield the numbers in order: a list as a whole."""
    if isinstance(rows, RowSet):
        yield from rows.stretches()
    else:
        yield rows


def first_rows(rows: int) -> Rows:
    """Return the first so many rows, listed where they are few enough."""
    return np.arange(rows) if rows <= MOST_LISTED else RowSet.first(rows)
