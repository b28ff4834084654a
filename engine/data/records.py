"""Records of pictures: rows of a table, and where the picture of each lies."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.data import hugging
from engine.data.named_files import Finder
from engine.data.places import Place, Places, Records
from engine.data.progress import told
from engine.data.saved_pictures import ElsewhereError, read_where_they_lie
from engine.data.stretches import are_large, shared
from engine.data.tables import column_values, read_columns, unreadable
from engine.data.tars import read_tars, tar_files


def read_records(path: Path, picture: str, sheet: str = "") -> Records:
    """Read the records of a table, of tar files, or of a saved data set.

    Args:
        picture: The column of the pictures.
        sheet: Which sheet of a workbook.

    Raises:
        DataError: They cannot be read, or there is no such column.
    """
    if tar_files(path):
        return read_tars(tar_files(path))
    if hugging.is_saved(path):
        return _saved(path, picture)
    columns = read_columns(path, {picture}, sheet=sheet)
    if picture not in columns:
        raise unreadable(path, f"It has no column “{picture[:40]}”.")
    places = Finder(path.parent).places(columns.pop(picture).tolist())
    return Records(places, {name: shared(one) for name, one in columns.items()})


def _saved(path: Path, picture: str) -> Records:
    if are_large(hugging.data_files(path)):
        with contextlib.suppress(ElsewhereError):
            return read_where_they_lie(path, picture)
    frame = hugging.frame(path)
    if picture not in frame.columns:
        raise unreadable(path, f"It has no column “{picture[:40]}”.")
    places = [
        _given(path, place, value) for place, value in enumerate(told(frame[picture].to_list()))
    ]
    rest = frame.drop(picture)
    return Records(Places(places), {name: column_values(rest[name]) for name in rest.columns})


def _given(path: Path, place: int, value: Mapping[str, Any] | None) -> Place:
    name = str((value or {}).get("path") or f"row {place + 1}")
    content = (value or {}).get("bytes")
    file = Path(name)
    is_beside = content is None and value is not None and file.is_absolute()
    return Place(file if is_beside else path, name, content=None if is_beside else content or b"")
