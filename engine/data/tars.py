"""Tar files as WebDataset writes them: where each picture lies in them, and what is said of it.

The members of an archive that have one name, but for its ending, are one record. Pictures stay in
the archives.
"""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from engine.data.kinds import PICTURES
from engine.data.places import Records
from engine.data.progress import told
from engine.data.stretches import Some, kept_records, records_of
from nodes.errors import DataError

TAR_PICTURE: Final = "picture"
"""What the picture of a record is called."""


def tar_files(path: Path) -> tuple[Path, ...]:
    """Return the tar files at a path, in order."""
    if path.is_dir():
        return tuple(sorted(path.glob("*.tar")))
    return (path,) if path.suffix == ".tar" else ()


def read_tars(files: Sequence[Path]) -> Records:
    """Find the records of tar files.

    ``cls`` and ``txt`` become columns of these names, ``json`` one for each of its keys.

    Raises:
        DataError: One is no tar file, or there are no pictures in it.
    """
    found = kept_records(files, TAR_PICTURE, lambda: _looked_through(files))
    if not len(found.places):
        raise DataError(
            "The archive holds no pictures",
            why=f"Members that end in {', '.join(PICTURES[:6])} were looked for.",
            where=str(files[0]),
            hint="Choose tar files as WebDataset writes them.",
        )
    return found


def first_of_tars(files: Sequence[Path], most: int) -> Records:
    """Find the first records of the first of some tar files.

    Raises:
        DataError: It is no tar file.
    """
    return records_of(files[:1], [_some(files[0], most)])


def _looked_through(files: Sequence[Path]) -> Iterator[Some]:
    """Go through the archives one by one; of one at a time there are objects of Python."""
    for file in files:
        yield _some(file)


def _some(file: Path, most: int | None = None) -> Some:
    pictures, values = _of_archive(file, most)
    names, firsts, sizes = zip(*pictures.values(), strict=True) if pictures else ((), (), ())
    return Some(file, names, firsts, sizes, _frame([values.get(key, {}) for key in pictures]))


def _frame(rows: Sequence[Mapping[str, str | None]]) -> Any:
    import polars

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return polars.DataFrame(columns, schema=dict.fromkeys(names, polars.String))


def _of_archive(
    file: Path, most: int | None
) -> tuple[dict[str, tuple[bytes, int, int]], dict[str, dict[str, str | None]]]:
    """Return the picture of each record by its name, and the values of each as text."""
    pictures: dict[str, tuple[bytes, int, int]] = {}
    values: dict[str, dict[str, str | None]] = {}
    for key, ending, member, archive in _members(file):
        if len(pictures) == most and key not in pictures:
            break
        if "." + ending.rpartition(".")[2] in PICTURES:
            name = member.name.encode("utf-8", "surrogateescape")
            pictures.setdefault(key, (name, member.offset_data, member.size))
        elif ending in ("cls", "txt", "json"):
            values.setdefault(key, {}).update(_values(ending, archive, member))
    return pictures, values


def _members(file: Path) -> Iterator[tuple[str, str, tarfile.TarInfo, tarfile.TarFile]]:
    try:
        with tarfile.open(file, "r:") as archive:
            for member in told(archive):
                folder, _, name = member.name.rpartition("/")
                stem, _, ending = name.partition(".")
                if member.isfile() and stem:
                    yield f"{folder}/{stem}", ending.lower(), member, archive
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DataError(
            "The archive cannot be read",
            why=f"{error}.",
            where=str(file),
            hint="Write it again, or leave it out of the folder.",
        ) from error


def _values(
    ending: str, archive: tarfile.TarFile, member: tarfile.TarInfo
) -> dict[str, str | None]:
    stream = archive.extractfile(member)
    text = stream.read().decode("utf-8", "replace").strip() if stream else ""
    if ending != "json":
        return {ending: text}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    flat = found.items() if isinstance(found, dict) else ()
    return {
        key: None if value is None else str(value)
        for key, value in flat
        if not isinstance(value, dict | list)
    }
