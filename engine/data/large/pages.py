"""Rows of Parquet files whose row groups are too large to be taken as a whole.

Who writes a table with pandas gets a million rows in one row group, whatever they weigh, and polars
takes at least all bytes of it for any row. Here the pages that hold the rows which are wanted are
cut out, column by column, and polars reads a small Parquet file of them
(github.com/apache/parquet-format: "File Format" and ``parquet.thrift``).
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from engine.data.large.thrift import (
    BINARY,
    INT_32,
    INT_64,
    LIST,
    STRUCT,
    Fields,
    read_struct,
    write_struct,
)

Indices = npt.NDArray[np.int64]

LARGEST_GROUP: Final = 128 << 20
"""What a row group may take in the file, in bytes, to be read by polars as it is."""

_MARK: Final = b"PAR1"
_REPEATED: Final = 2
_DEEPEST: Final = 2
_NOT_AS_TOLD: Final = (LookupError, TypeError, AttributeError, OverflowError)
"""What comes of heads that hold other fields than Parquet's."""

_HEAD_BYTES: Final = 1 << 10
_LONGEST_HEAD: Final = 1 << 24

# The numbers of fields in parquet.thrift.
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_REPETITION, _NAME, _CHILDREN = 3, 4, 5
_COLUMNS, _GROUP_BYTES, _GROUP_ROWS = 1, 2, 3
_META = 3
_PATH, _VALUES, _UNPACKED, _PACKED, _DATA_AT, _DICTIONARY_AT = 3, 5, 6, 7, 9, 11
_KIND, _PAGE_BYTES, _DATA, _DATA_2 = 1, 3, 5, 8
_DICTIONARY_PAGE: Final = 2
_KEPT_OF_META: Final = (1, 2, _PATH, 4)


@dataclass(frozen=True, slots=True)
class _Group:
    first: int
    rows: int
    size_bytes: int
    leaves: tuple[Fields, ...]
    """What is said of each column, one for each value of a struct."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """Where the pages of one column of one row group lie."""

    dictionary: tuple[int, int]
    """Where the page of the different values begins and ends; empty where there is none."""

    firsts: Indices
    """The first row of each page, and the number of rows at the end."""

    places: Indices
    """The first byte of each page, and the end of the last."""


def has_large_groups(file: Path) -> bool:
    """Say whether rows of a file have to be cut out of its row groups, and can be.

    Raises:
        OSError: It cannot be read.
    """
    try:
        schema, groups = _footer(file, file.stat().st_mtime_ns)
    except ValueError:
        # Whoever reads it tells what is wrong.
        return False
    are_plain = all(one.get(_REPETITION, (0, 0))[1] != _REPEATED for one in schema.values())
    deepest = max((len(path) for path in schema), default=0)
    largest = max((group.size_bytes for group in groups), default=0)
    return largest > LARGEST_GROUP and are_plain and deepest <= _DEEPEST


def read_rows(file: Path, first: int, rows: int, columns: Sequence[str]) -> Any:
    """Read rows of some columns as a frame.

    Raises:
        ValueError: The file is no Parquet.
        OSError: It cannot be read.
        polars.exceptions.PolarsError: It cannot be read either.
    """
    import polars

    try:
        frames = [*_frames(file, file.stat().st_mtime_ns, first, rows, columns)]
    except (*_NOT_AS_TOLD, polars.exceptions.PanicException) as error:
        raise ValueError("The heads of its pages are not as Parquet has them") from error
    types = {name: polars.read_parquet_schema(file)[name] for name in columns}
    whole = polars.concat(frames) if frames else polars.DataFrame(schema=types)
    # What Arrow's types are stands elsewhere in the file.
    return whole.cast({name: kind for name, kind in types.items() if whole[name].dtype != kind})


def _frames(file: Path, time: int, first: int, rows: int, columns: Sequence[str]) -> Iterator[Any]:
    """Yield what each row group has of some rows."""
    import polars

    for number, group in enumerate(_footer(file, time)[1]):
        begin, end = max(first - group.first, 0), min(first + rows - group.first, group.rows)
        if begin < end:
            yield polars.DataFrame(
                [_column(file, time, number, name, begin, end) for name in columns]
            )


def _column(file: Path, time: int, group: int, name: str, begin: int, end: int) -> Any:
    """Read some rows of a column of one row group; the values of a struct are put together."""
    import polars

    leaves = _footer(file, time)[1][group].leaves
    mine = [place for place, leaf in enumerate(leaves) if _path(leaf)[0] == name]
    read = [_leaf(file, time, group, place, begin, end).alias(name) for place in mine]
    if len(_path(leaves[mine[0]])) == 1:
        return read[0]
    together = polars.DataFrame([one.struct.unnest()[:, 0] for one in read]).to_struct(name)
    return together.zip_with(read[0].is_not_null(), polars.Series([None], dtype=together.dtype))


def _leaf(file: Path, time: int, group: int, place: int, begin: int, end: int) -> Any:
    """Read some rows of the values that one column chunk holds."""
    import polars

    schema, groups = _footer(file, time)
    leaf, pages = groups[group].leaves[place], _pages(file, time, group, place)
    low = int(np.searchsorted(pages.firsts, begin, side="right")) - 1
    high = int(np.searchsorted(pages.firsts, end, side="left"))
    first, rows = int(pages.firsts[low]), int(pages.firsts[high] - pages.firsts[low])
    with file.open("rb") as stream:
        dictionary = _stretch(stream, *pages.dictionary)
        data = _stretch(stream, int(pages.places[low]), int(pages.places[high]))
    content = _small_file(_above(schema, _path(leaf)), leaf, rows, dictionary, data)
    return polars.read_parquet(io.BytesIO(content)).to_series().slice(begin - first, end - begin)


def _small_file(
    schema: Sequence[Fields], leaf: Fields, rows: int, dictionary: bytes, data: bytes
) -> bytes:
    """Write a Parquet file of one column, whose pages are written already."""
    size = len(dictionary) + len(data)
    meta = {number: leaf[number] for number in _KEPT_OF_META}
    meta |= {_VALUES: (INT_64, rows), _UNPACKED: (INT_64, size), _PACKED: (INT_64, size)}
    meta[_DATA_AT] = INT_64, len(_MARK) + len(dictionary)
    if dictionary:
        meta[_DICTIONARY_AT] = INT_64, len(_MARK)
    chunk: Fields = {2: (INT_64, len(_MARK)), _META: (STRUCT, meta)}
    group: Fields = {
        _COLUMNS: (LIST, (STRUCT, [chunk])),
        _GROUP_BYTES: (INT_64, size),
        _GROUP_ROWS: (INT_64, rows),
    }
    footer = write_struct(
        {
            1: (INT_32, 1),
            _SCHEMA: (LIST, (STRUCT, list(schema))),
            _ROWS: (INT_64, rows),
            _GROUPS: (LIST, (STRUCT, [group])),
        }
    )
    return b"".join([_MARK, dictionary, data, footer, len(footer).to_bytes(4, "little"), _MARK])


def _above(schema: dict[tuple[str, ...], Fields], path: tuple[str, ...]) -> list[Fields]:
    """Return what is said of a column and of what it lies in, each with a single child."""
    found: list[Fields] = [{_NAME: (BINARY, b"schema"), _CHILDREN: (INT_32, 1)}]
    above = (path[:depth] for depth in range(1, len(path)))
    return [*found, *(schema[one] | {_CHILDREN: (INT_32, 1)} for one in above), schema[path]]


def _path(leaf: Fields) -> tuple[str, ...]:
    return tuple(step.decode("utf-8", "replace") for step in leaf[_PATH][1][1])


def _stretch(stream: BinaryIO, begin: int, end: int) -> bytes:
    stream.seek(begin)
    return stream.read(end - begin)


@lru_cache(maxsize=64)
def _footer(file: Path, time: int) -> tuple[dict[tuple[str, ...], Fields], tuple[_Group, ...]]:
    """Return what is said of each column by its path, and of the row groups."""
    del time
    with file.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        tail = _stretch(stream, max(size - 8, 0), size)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MARK or length + 12 > size:
            raise ValueError("It is no Parquet file")
        told, _ = read_struct(_stretch(stream, size - 8 - length, size - 8))
    try:
        return _paths(told[_SCHEMA][1][1]), tuple(_groups(told[_GROUPS][1][1]))
    except _NOT_AS_TOLD as error:
        raise ValueError("The end of the file is not as Parquet has it") from error


def _paths(elements: Sequence[Fields]) -> dict[tuple[str, ...], Fields]:
    """Return the elements of a schema, written one after the other, by their paths."""
    found: dict[tuple[str, ...], Fields] = {}
    left: list[tuple[tuple[str, ...], int]] = [((), elements[0][_CHILDREN][1])]
    for element in elements[1:]:
        while left and not left[-1][1]:
            left.pop()
        above, count = left.pop()
        path = (*above, element[_NAME][1].decode("utf-8", "replace"))
        left += [(above, count - 1), (path, element.get(_CHILDREN, (INT_32, 0))[1])]
        found[path] = element
    return found


def _groups(written: Sequence[Fields]) -> Iterator[_Group]:
    first = 0
    for group in written:
        leaves = tuple(chunk[_META][1] for chunk in group[_COLUMNS][1][1])
        size = sum(leaf[_PACKED][1] for leaf in leaves)
        yield _Group(first, group[_GROUP_ROWS][1], size, leaves)
        first += group[_GROUP_ROWS][1]


@lru_cache(maxsize=1 << 12)
def _pages(file: Path, time: int, group: int, place: int) -> _Pages:
    """Find the pages of a column by their heads."""
    whole = _footer(file, time)[1][group]
    leaf = whole.leaves[place]
    at = min(leaf[_DATA_AT][1], leaf.get(_DICTIONARY_AT, leaf[_DATA_AT])[1] or leaf[_DATA_AT][1])
    dictionary, firsts, places = (0, 0), [0], list[int]()
    with file.open("rb") as stream:
        while firsts[-1] < whole.rows:
            head, begin = _head(stream, at)
            end = begin + head[_PAGE_BYTES][1]
            if end < begin:
                raise ValueError("A page of the file ends before it begins")
            if head[_KIND][1] == _DICTIONARY_PAGE:
                dictionary = at, end
            elif data := head.get(_DATA) or head.get(_DATA_2):
                firsts.append(firsts[-1] + data[1][1][1])
                places.append(at)
            at = end
    return _Pages(dictionary, np.array(firsts, np.int64), np.array([*places, at], np.int64))


def _head(stream: BinaryIO, at: int) -> tuple[Fields, int]:
    """Read the head of a page, and return also where its content begins."""
    length = _HEAD_BYTES
    while True:
        content = _stretch(stream, at, at + length)
        try:
            head, end = read_struct(content)
            return head, at + end
        except ValueError:
            if len(content) < length or length > _LONGEST_HEAD:
                raise
            # It tells the least and the greatest value, which may be long texts.
            length *= 16
