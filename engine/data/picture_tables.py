"""Pictures with a table: its columns are what is learnt of each picture, or goes in beside it."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.amounts import grouped
from engine.data.content import Content, Made, Ready
from engine.data.decoding import Decoded, decoded
from engine.data.masks import decoded_with_masks, picture_plan
from engine.data.places import Numbered, Places
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
    found = read_records(path, source.picture, source.sheet, mask=source.mask)
    used = tuple(column for column in source.columns if column.role != "ignore")
    needs_columns(found.columns, used, path)
    table = Table(path=source.path, columns=used, skip_problems=source.skip_problems)
    columns = dict(found.columns)
    bad = rows_not_whole(columns, table, notes) if used else np.zeros(len(found.places), bool)
    rows = np.flatnonzero(~bad)
    if not len(rows):
        raise unreadable(path, "No row is whole.")
    places, masks = found.places.chosen(rows), found.masks
    read, image, mask = _decoded(source, places, None if masks is None else masks.chosen(rows))
    rows = rows[read.kept]
    columns = {name: values[rows] for name, values in columns.items()}
    blocks = places.blocks() if read.is_gradual else None
    if blocks is not None:
        notes.append(_how_it_is_read(blocks))
    return Content(
        len(rows),
        (image, *parts_of(table), *mask),
        columns,
        sides_of(columns, table),
        (*notes, *read.notes),
        blocks,
    )


def _decoded(
    source: PictureTable, places: Places, masks: Places | None
) -> tuple[Decoded, Ready, tuple[Ready, ...]]:
    """Decode every picture once, and its mask; of very many each when it is asked for."""
    if masks is not None:
        read, (image, mask) = decoded_with_masks(source, places, masks, "table")
        return read, image, (mask,)
    size = (source.channels, source.height, source.width)
    settings = f"{size}\n{places.digest}"
    plans = {"image": picture_plan(size, places)}
    read = decoded(source, Numbered(places), plans, places.files, settings)
    return read, Ready(Made(DataField("image", "image", size), read.arrays["image"])), ()


def _how_it_is_read(blocks: Indices) -> str:
    together = grouped(int(np.diff(blocks).max()))
    return (
        f"The files are read in blocks of up to {together} pictures, in a new order each epoch; "
        f"the pictures of {WINDOW_BLOCKS} blocks are shuffled among each other."
    )
