"""The record batches of an Arrow stream file, each read by itself.

What Hugging Face's library saves are streams, which polars reads as a whole only. Where the batches
lie is told by the head of each message (arrow.apache.org/docs/format/Columnar.html, "Encapsulated
message format"); polars reads the batches that are wanted.
"""

import io
import struct
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

_MARK: Final = b"\xff\xff\xff\xff"
_END: Final = _MARK + bytes(4)
_BATCH: Final = 3
_LARGEST_HEAD: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class Batches:
    """Where the record batches of a file lie."""

    head: bytes
    """The messages that every batch needs: the schema, and the values of dictionaries."""

    firsts: Indices
    """The first row of each batch, and the number of rows at the end."""

    places: Indices
    """The first byte of each batch, and the end of the last."""

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return int(self.firsts[-1])


def batches_of(file: Path) -> Batches:
    """Find the record batches of a file.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    return _batches(file, file.stat().st_mtime_ns)


def read_batches(file: Path, first: int, rows: int, columns: Collection[str] | None = None) -> Any:
    """Read rows of a file as a frame.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    found = batches_of(file)
    begin = int(np.searchsorted(found.firsts, first, side="right")) - 1
    end = int(np.searchsorted(found.firsts, first + rows, side="left"))
    return _frame(file, found, begin, end, columns).slice(first - int(found.firsts[begin]), rows)


def read_batch(file: Path, number: int) -> tuple[Any, int, bytes]:
    """Read one batch as a frame; return also where its bytes begin in the file, and these.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    found = batches_of(file)
    content = _content(file, found, number, number + 1)
    return _read(found.head + content + _END, None), int(found.places[number]), content


def names_of(file: Path) -> tuple[str, ...]:
    """Return the columns of a file.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    return tuple(_read(batches_of(file).head + _END, None).columns)


def _frame(
    file: Path, found: Batches, begin: int, end: int, columns: Collection[str] | None
) -> Any:
    return _read(found.head + _content(file, found, begin, end) + _END, columns)


def _content(file: Path, found: Batches, begin: int, end: int) -> bytes:
    first, last = int(found.places[begin]), int(found.places[end])
    with file.open("rb") as stream:
        stream.seek(first)
        return stream.read(last - first)


def _read(content: bytes, columns: Collection[str] | None) -> Any:
    import polars

    wanted = None if columns is None else list(columns)
    return polars.read_ipc_stream(io.BytesIO(content), columns=wanted)


@lru_cache(maxsize=256)
def _batches(file: Path, time: int) -> Batches:
    del time
    head, firsts, places = b"", [0], list[int]()
    size, at = file.stat().st_size, 0
    with file.open("rb") as stream:
        while message := _message(stream, at):
            kind, rows, end = message
            if end > size:
                raise ValueError("The file ends in the middle of a record batch")
            if kind == _BATCH:
                firsts.append(firsts[-1] + rows)
                places.append(at)
            elif not places:
                stream.seek(at)
                head += stream.read(end - at)
            else:
                raise ValueError("The values of a dictionary change between its record batches")
            at = end
    if not head:
        raise ValueError("It is no stream of Arrow")
    return Batches(head, np.array(firsts, np.int64), np.array([*places, at], np.int64))


def _message(stream: BinaryIO, at: int) -> tuple[int, int, int] | None:
    """Return the kind of the message at a place, its rows, and where it ends; None at the end."""
    stream.seek(at)
    start = stream.read(8)
    if len(start) < 8 or start == _END:
        return None
    length = int.from_bytes(start[4:], "little")
    if start[:4] != _MARK or not 0 < length < _LARGEST_HEAD:
        raise ValueError("It is no stream of Arrow")
    head = stream.read(length)
    try:
        return _told(head, at + 8 + length)
    except struct.error as error:
        raise ValueError("It is no stream of Arrow") from error


def _told(head: bytes, body_at: int) -> tuple[int, int, int]:
    """Read the head of a message: a table of FlatBuffers with its kind, content and length."""
    (table,) = struct.unpack_from("<I", head, 0)
    kind = _number(head, table, 1, "<B")
    rows, inner = 0, _field(head, table, 2)
    if kind == _BATCH and inner:
        rows = _number(head, inner + struct.unpack_from("<I", head, inner)[0], 0, "<q")
    body = _number(head, table, 3, "<q")
    if body < 0 or rows < 0:
        raise ValueError("It is no stream of Arrow")
    return kind, rows, body_at + body


def _number(head: bytes, table: int, field: int, form: str) -> int:
    """Return a number of a table; one that is not written is 0."""
    place = _field(head, table, field)
    return int(struct.unpack_from(form, head, place)[0]) if place else 0


def _field(head: bytes, table: int, field: int) -> int:
    """Return where a field of a table lies; 0 for one that is not written."""
    layout = table - struct.unpack_from("<i", head, table)[0]
    (length,) = struct.unpack_from("<H", head, layout)
    if 4 + 2 * field >= length:
        return 0
    (offset,) = struct.unpack_from("<H", head, layout + 4 + 2 * field)
    return table + int(offset) if offset else 0
