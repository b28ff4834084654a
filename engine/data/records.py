"""Records: rows of a table, and where the picture or the recording of each lies."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.data import hugging
from engine.data.hugging import Beginning
from engine.data.kinds import PICTURES
from engine.data.named_files import Finder
from engine.data.places import Place, Places, Records
from engine.data.progress import told
from engine.data.saved_pictures import ElsewhereError, read_where_they_lie
from engine.data.stretches import are_large, shared
from engine.data.tables import column_values, read_columns, unreadable
from engine.data.tars import first_of_tars, read_tars, tar_files


def read_records(
    path: Path, column: str, sheet: str = "", *, suffixes: Sequence[str] = PICTURES, mask: str = ""
) -> Records:
    """Read the records of a table, of tar files, or of a saved data set.

    Args:
        column: The column of the pictures, or of the recordings.
        sheet: Which sheet of a workbook.
        suffixes: What the files that a table names end in.
        mask: The column of the masks of pictures, where they have some.

    Raises:
        DataError: They cannot be read, or there is no such column.
    """
    if tar_files(path):
        return read_tars(tar_files(path))
    if hugging.is_saved(path):
        return _saved(path, column, mask)
    named = [column, mask] if mask else [column]
    columns = read_columns(path, named, sheet=sheet)
    for name in named:
        if name not in columns:
            raise unreadable(path, f"It has no column “{name[:40]}”.")
    finder = Finder(path.parent, suffixes)
    places = finder.places(columns.pop(column).tolist())
    masks = finder.places(columns.pop(mask).tolist()) if mask else None
    return Records(places, {name: shared(one) for name, one in columns.items()}, masks)


def _saved(path: Path, column: str, mask: str) -> Records:
    if are_large(hugging.data_files(path)):
        with contextlib.suppress(ElsewhereError):
            found = read_where_they_lie(path, column)
            masks = read_where_they_lie(path, mask).places if mask else None
            return replace(found, masks=masks)
    frame = hugging.frame(path)
    for name in (column, mask):
        if name and name not in frame.columns:
            raise unreadable(path, f"It has no column “{name[:40]}”.")
    return _of_frame(path, frame, hugging.packed_columns(path), column, mask)


def read_first_records(
    path: Path, column: str, sheet: str = "", *, suffixes: Sequence[str] = PICTURES, most: int
) -> Records:
    """Read records as ``read_records`` does: of large files the first few alone.

    Raises:
        DataError: They cannot be read, or there is no such column.
    """
    if tar_files(path):
        return first_of_tars(tar_files(path), most)
    if hugging.is_saved(path):
        return first_records(path, hugging.beginning(path, most), column)
    return read_records(path, column, sheet, suffixes=suffixes)


def first_records(path: Path, first: Beginning, column: str, mask: str = "") -> Records:
    """Return the first records of a saved data set.

    Args:
        column: The column of the pictures, or of the recordings.
        mask: The column of the masks of pictures, where they have some.
    """
    return _of_frame(path, first.frame, (*first.pictures, *first.sounds), column, mask)


def _of_frame(path: Path, frame: Any, packed: Sequence[str], column: str, mask: str) -> Records:
    rest = frame.drop(packed, strict=False)
    columns = {name: column_values(rest[name]) for name in rest.columns}
    masks = _in_memory(path, frame[mask]) if mask else None
    return Records(_in_memory(path, frame[column]), columns, masks)


def _in_memory(path: Path, packed: Any) -> Places:
    values = told(packed.to_list())
    return Places([_given(path, place, value) for place, value in enumerate(values)])


def _given(path: Path, place: int, value: Mapping[str, Any] | None) -> Place:
    name = str((value or {}).get("path") or f"row {place + 1}")
    content = (value or {}).get("bytes")
    file = Path(name)
    is_beside = content is None and value is not None and file.is_absolute()
    return Place(file if is_beside else path, name, content=None if is_beside else content or b"")
