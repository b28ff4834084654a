"""Pictures with a table: its columns are what is learnt of each picture, or goes in beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.content import Content, Made, Ready
from engine.data.decoding import Decoded, decoded
from engine.data.listing import Entry
from engine.data.places import Places
from engine.data.records import read_records
from engine.data.shuffling import WINDOW_BLOCKS
from engine.data.tables import needs_columns, parts_of, rows_not_whole, sides_of, unreadable
from nodes.io import DataField
from nodes.sources import PictureTable, Table

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]


def read_picture_table(source: PictureTable) -> Content:
    """Read pictures with what a table says of each, decoded once into the cache.

    Raises:
        DataError: Pictures or values are missing and nobody said to leave them out.
    """
    path, notes = Path(source.path), list[str]()
    found = read_records(path, source.picture, source.sheet)
    used = tuple(column for column in source.columns if column.role != "ignore")
    needs_columns(found.columns, used, path)
    table = Table(path=source.path, columns=used, skip_problems=source.skip_problems)
    columns = dict(found.columns)
    bad = rows_not_whole(columns, table, notes) if used else np.zeros(len(found.places), bool)
    rows = np.flatnonzero(~bad)
    if not len(rows):
        raise unreadable(path, "No row is whole.")
    places = found.places.chosen(rows)
    read = _decoded(source, places)
    image = Made(DataField("image", "image", _size(source)), read.arrays["image"])
    rows = rows[read.kept]
    columns = {name: values[rows] for name, values in columns.items()}
    blocks = places.blocks() if read.is_gradual else None
    if blocks is not None:
        notes.append(_how_it_is_read(blocks))
    return Content(
        len(rows),
        (Ready(image), *parts_of(table)),
        columns,
        sides_of(columns, table),
        (*notes, *read.notes),
        blocks,
    )


def _size(source: PictureTable) -> tuple[int, int, int]:
    return source.channels, source.height, source.width


class _Numbered(Sequence[Entry]):
    """The pictures of records as files are told, each with its number."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Entry]: ...
    def __getitem__(self, wanted: int | slice) -> Entry | Sequence[Entry]:
        """Return one picture, or some."""
        if isinstance(wanted, slice):
            return [self[place] for place in range(*wanted.indices(len(self)))]
        return Entry(self._places[wanted].named, str(wanted))


def _decoded(source: PictureTable, places: Places) -> Decoded:
    """Decode every picture once."""

    def read(entry: Entry, size: tuple[int, ...]) -> Array:
        return prepare.picture(places[int(entry.label)].open(), size)

    plans = {"image": (_size(source), np.dtype(np.uint8), read)}
    settings = f"{_size(source)}\n{places.digest}"
    return decoded(source, _Numbered(places), plans, places.files, settings)


def _how_it_is_read(blocks: Indices) -> str:
    together = grouped(int(np.diff(blocks).max()))
    return (
        f"The files are read in blocks of up to {together} pictures, in a new order each epoch; "
        f"the pictures of {WINDOW_BLOCKS} blocks are shuffled among each other."
    )
