"""Pictures with a table: its columns are what is learnt of each picture, or goes in beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import Content, Made, Ready
from engine.data.decoding import Entry, decoded
from engine.data.records import Place, read_records
from engine.data.tables import needs_columns, parts_of, rows_not_whole, sides_of, unreadable
from nodes.io import DataField
from nodes.sources import PictureTable, Table

Array = npt.NDArray[Any]


def read_picture_table(source: PictureTable) -> Content:
    """Read pictures with what a table says of each, decoded once into the cache.

    Raises:
        DataError: Pictures or values are missing and nobody said to leave them out.
    """
    path, notes = Path(source.path), list[str]()
    found = read_records(path, source.picture)
    used = tuple(column for column in source.columns if column.role != "ignore")
    needs_columns(found.columns, used, path)
    table = Table(path=source.path, columns=used, skip_problems=source.skip_problems)
    columns = dict(found.columns)
    bad = rows_not_whole(columns, table, notes) if used else np.zeros(len(found.places), bool)
    rows = np.flatnonzero(~bad)
    if not len(rows):
        raise unreadable(path, "No row is whole.")
    kept, image, left_out = _decoded(source, [found.places[int(row)] for row in rows])
    rows = rows[kept]
    columns = {name: values[rows] for name, values in columns.items()}
    parts = (Ready(image), *parts_of(table))
    return Content(len(rows), parts, columns, sides_of(columns, table), (*notes, *left_out))


def _decoded(
    source: PictureTable, places: Sequence[Place]
) -> tuple[list[int], Made, tuple[str, ...]]:
    """Decode every picture once; return the places of those that could be."""
    size = (source.channels, source.height, source.width)

    def read(entry: Entry, size: tuple[int, ...]) -> Array:
        return prepare.picture(places[int(entry.label)].open(), size)

    entries = [Entry(place.named, str(number)) for number, place in enumerate(places)]
    files = sorted({place.file for place in places})
    plans = {"image": (size, np.dtype(np.uint8), read)}
    chosen = "\n".join(f"{place.named}:{place.first}" for place in places)
    kept, arrays, notes = decoded(source, entries, plans, files, f"{size}\n{chosen}")
    made = Made(DataField("image", "image", size), arrays["image"])
    return [int(entry.label) for entry in kept], made, notes
