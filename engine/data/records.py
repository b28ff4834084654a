"""Records of pictures: rows of a table, and where the picture of each lies."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.data import hugging
from engine.data.folders import PICTURES
from engine.data.places import Place, Places, Records
from engine.data.progress import told
from engine.data.saved_pictures import ElsewhereError, read_where_they_lie
from engine.data.stretches import are_large
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
    found = Finder(path.parent)
    places = [found.place(str(name or "")) for name in columns[picture]]
    rest = {name: one for name, one in columns.items() if name != picture}
    return Records(Places(places), rest)


class Finder:
    """Finds the pictures that a table names, below the folder where it lies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_name: defaultdict[str, list[Path]] = defaultdict(list)
        for path in told(sorted(folder.rglob("*"))):
            if path.suffix.lower() in PICTURES:
                self._by_name[path.name].append(path)
                self._by_name[path.stem].append(path)

    def place(self, name: str) -> Place:
        """Return where a picture lies: by its path, else by the one file of its name.

        Tables are written on other machines: what is before the name need not be there.
        """
        text = name.strip().replace("\\", "/")
        direct = self._folder / text
        if text and direct.is_file():
            return Place(direct, name)
        there = self._by_name.get(text.rpartition("/")[2], [])
        return Place(there[0] if len({*there}) == 1 else direct, name)

    def knows(self, name: str) -> bool:
        """Say whether there is a picture of this name."""
        return self.place(name).file.is_file() and bool(name.strip())


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
