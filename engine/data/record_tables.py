"""Pictures or recordings with a table: its columns are what is learnt of each, or goes beside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.content import Content, Made, Ready
from engine.data.decoding import Decoded, Plan, decoded
from engine.data.kinds import PICTURES, RECORDINGS
from engine.data.listing import Entry
from engine.data.masks import decoded_with_masks, picture_plan
from engine.data.places import Numbered, Origins, Places, Records
from engine.data.preparation import Waveform
from engine.data.records import read_records
from engine.data.shuffling import WINDOW_BLOCKS
from engine.data.tables import needs_columns, parts_of, rows_not_whole, sides_of, unreadable
from nodes.io import DataField
from nodes.sources import PictureTable, SoundTable, Table

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

_MOST_HELD_BYTES: Final = 64 << 20
"""What lies in memory is let go once it is decoded, if it is more."""


def read_record_table(source: PictureTable | SoundTable) -> Content:
    """Read pictures or recordings with what a table says of each, decoded once into the cache.

    Raises:
        DataError: Files or values are missing and nobody said to leave them out.
    """
    path, notes = Path(source.path), list[str]()
    found = _records(source, path)
    used = tuple(column for column in source.columns if column.role != "ignore")
    needs_columns(found.columns, used, path)
    table = Table(path=source.path, columns=used, skip_problems=source.skip_problems)
    columns = dict(found.columns)
    bad = rows_not_whole(columns, table, notes) if used else np.zeros(len(found.places), bool)
    rows = np.flatnonzero(~bad)
    if not len(rows):
        raise unreadable(path, "No row is whole.")
    places = found.places.chosen(rows)
    masks = found.masks and found.masks.chosen(rows)
    read, first, last = _decoded(source, places, masks)
    rows = rows[read.kept]
    columns = {name: values[rows] for name, values in columns.items()}
    blocks = places.blocks() if read.is_gradual else None
    if blocks is not None:
        notes.append(_how_it_is_read(source, blocks))
    return Content(
        len(rows),
        (first, *parts_of(table), *last),
        columns,
        sides_of(columns, table),
        (*notes, *read.notes),
        blocks,
        _origins({first.made.field.name: places, "mask": masks}, read),
    )


def _records(source: PictureTable | SoundTable, path: Path) -> Records:
    if isinstance(source, SoundTable):
        return read_records(path, source.sound, source.sheet, suffixes=RECORDINGS)
    return read_records(path, source.picture, source.sheet, suffixes=PICTURES, mask=source.mask)


def _origins(files: Mapping[str, Places | None], read: Decoded) -> dict[str, Origins]:
    there = {name: places for name, places in files.items() if places is not None}
    if sum(places.held_bytes for places in there.values()) > _MOST_HELD_BYTES:
        return {}
    return {name: Origins(places, read.kept) for name, places in there.items()}


def _decoded(
    source: PictureTable | SoundTable, places: Places, masks: Places | None
) -> tuple[Decoded, Ready, tuple[Ready, ...]]:
    """Decode every file once, or of very many each when it is asked for.

    Returns what was decoded, the field that comes first, and the one that comes last.
    """
    if isinstance(source, SoundTable):
        return _sounds(source, places)
    if masks is not None:
        read, (image, mask) = decoded_with_masks(source, places, masks, "table")
        return read, image, (mask,)
    size = (source.channels, source.height, source.width)
    settings = f"{size}\n{places.digest}"
    plans = {"image": picture_plan(size, places)}
    read = decoded(source, Numbered(places), plans, places.files, settings)
    return read, Ready(Made(DataField("image", "image", size), read.arrays["image"])), ()


def _sounds(source: SoundTable, places: Places) -> tuple[Decoded, Ready, tuple[Ready, ...]]:
    how = Waveform(rate=source.rate, length=source.length)
    settings = f"{how}\n{places.digest}"
    plans = {"sound": _sound_plan(how, places)}
    read = decoded(source, Numbered(places), plans, places.files, settings)
    field = DataField("sound", "audio", (1, source.length))
    return read, Ready(Made(field, read.arrays["sound"], how)), ()


def _sound_plan(how: Waveform, places: Places) -> Plan:
    constants = msgspec.to_builtins(how)

    def read(entry: Entry, wanted: tuple[int, ...]) -> Array:
        del wanted
        return prepare.recording(places[int(entry.label)].open(), constants)

    return (1, how.length), np.dtype(np.float16), read


def _how_it_is_read(source: PictureTable | SoundTable, blocks: Indices) -> str:
    together = grouped(int(np.diff(blocks).max()))
    kind = "pictures" if isinstance(source, PictureTable) else "recordings"
    return (
        f"The files are read in blocks of up to {together} {kind}, in a new order each epoch; "
        f"the {kind} of {WINDOW_BLOCKS} blocks are shuffled among each other."
    )
