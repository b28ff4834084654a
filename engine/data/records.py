"""Records of pictures: rows of a table, and where the picture of each lies."""

import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy.typing as npt

from engine.data import hugging
from engine.data.folders import PICTURES
from engine.data.progress import told
from engine.data.tables import column_values, read_columns, unreadable
from nodes.errors import DataError

Array = npt.NDArray[Any]

TAR_PICTURE = "picture"
"""What the picture of a record is called where a tar file holds it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture lies: a file, or a stretch of one."""

    file: Path
    name: str
    first: int = 0
    size: int | None = None
    content: bytes | None = None

    @property
    def named(self) -> Path:
        """What a person finds it by."""
        is_file = self.size is None and self.content is None
        return self.file if is_file else self.file / self.name

    def open(self) -> Path | BinaryIO:
        """Return what the picture can be read from.

        Raises:
            OSError: There is none.
        """
        if self.content == b"":
            raise OSError("There is no picture")
        if self.content is not None:
            return io.BytesIO(self.content)
        if self.size is None:
            return self.file
        with self.file.open("rb") as stream:
            stream.seek(self.first)
            return io.BytesIO(stream.read(self.size))


@dataclass(frozen=True, slots=True)
class Records:
    """Pictures, and the values of each by column."""

    places: Sequence[Place]
    columns: Mapping[str, Array]


def read_records(path: Path, picture: str) -> Records:
    """Read the records of a table, of tar files, or of a saved data set.

    Args:
        picture: The column of the pictures.

    Raises:
        DataError: They cannot be read, or there is no such column.
    """
    if tar_files(path):
        return tar_records(tar_files(path))
    if hugging.is_saved(path):
        return _saved(path, picture)
    columns = read_columns(path, {picture})
    if picture not in columns:
        raise unreadable(path, f"It has no column “{picture[:40]}”.")
    found = Finder(path.parent)
    places = [found.place(str(name or "")) for name in columns[picture]]
    return Records(places, {name: one for name, one in columns.items() if name != picture})


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


def tar_files(path: Path) -> tuple[Path, ...]:
    """Return the tar files at a path, in order."""
    if path.is_dir():
        return tuple(sorted(path.glob("*.tar")))
    return (path,) if path.suffix == ".tar" else ()


def tar_records(files: Sequence[Path]) -> Records:
    """Read tar files as WebDataset writes them: members of one name, but for its ending, are one.

    ``cls`` and ``txt`` become columns of these names, ``json`` one for each of its keys.

    Raises:
        DataError: One is no tar file, or there are no pictures in it.
    """
    places: dict[str, Place] = {}
    values: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for file in files:
        for key, ending, member, archive in _members(file):
            if "." + ending.rpartition(".")[2] in PICTURES:
                places.setdefault(key, Place(file, member.name, member.offset_data, member.size))
            elif ending in ("cls", "txt", "json"):
                values[key] |= _values(ending, archive, member)
    if not places:
        raise DataError(
            "The archive holds no pictures",
            why=f"Members that end in {', '.join(PICTURES[:6])} were looked for.",
            where=str(files[0]),
            hint="Choose tar files as WebDataset writes them.",
        )
    return Records(list(places.values()), _columns(list(places), values))


def _members(file: Path) -> Iterator[tuple[str, str, tarfile.TarInfo, tarfile.TarFile]]:
    try:
        with tarfile.open(file, "r:") as archive:
            for member in told(archive):
                folder, _, name = member.name.rpartition("/")
                stem, _, ending = name.partition(".")
                if member.isfile() and stem:
                    yield f"{file.name}/{folder}/{stem}", ending.lower(), member, archive
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DataError(
            "The archive cannot be read",
            why=f"{error}.",
            where=str(file),
            hint="Write it again, or leave it out of the folder.",
        ) from error


def _values(ending: str, archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    stream = archive.extractfile(member)
    text = stream.read().decode("utf-8", "replace").strip() if stream else ""
    if ending != "json":
        return {ending: text}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    flat = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in flat if not isinstance(value, dict | list)}


def _columns(keys: Sequence[str], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Array]:
    import polars

    names = list(dict.fromkeys(name for key in keys for name in values.get(key, {})))
    return {
        name: column_values(
            polars.Series(
                [_text(values.get(key, {}).get(name)) for key in keys], dtype=polars.String
            )
        )
        for name in names
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _saved(path: Path, picture: str) -> Records:
    frame = hugging.frame(path)
    if picture not in frame.columns:
        raise unreadable(path, f"It has no column “{picture[:40]}”.")
    places = [
        _given(path, place, value) for place, value in enumerate(told(frame[picture].to_list()))
    ]
    rest = frame.drop(picture)
    return Records(places, {name: column_values(rest[name]) for name in rest.columns})


def _given(path: Path, place: int, value: Mapping[str, Any] | None) -> Place:
    name = str((value or {}).get("path") or f"row {place + 1}")
    content = (value or {}).get("bytes")
    file = Path(name)
    is_beside = content is None and value is not None and file.is_absolute()
    return Place(file if is_beside else path, name, content=None if is_beside else content or b"")
