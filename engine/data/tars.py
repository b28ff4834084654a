"""Tar files as WebDataset writes them: where each picture lies in them, and what is said of it.

The members of an archive that have one name, but for its ending, are one record. Pictures stay in
the archives; what is kept of a million records takes some tens of megabytes.
"""

import hashlib
import itertools
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from engine.data.cache import cached, mapped
from engine.data.folders import PICTURES
from engine.data.places import Place, Places, Records
from engine.data.progress import told
from engine.data.tables import column_values
from nodes.errors import DataError

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

TAR_PICTURE: Final = "picture"
"""What the picture of a record is called."""

BLOCK_PICTURES: Final = 1024
"""Pictures that are read together, of one archive."""

_KEPT_FROM_BYTES: Final = 256 << 20
"""Smaller archives are looked through each time."""

_ARRAYS: Final = ("names", "shards", "firsts", "sizes")


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
    if sum(file.stat().st_size for file in files) < _KEPT_FROM_BYTES:
        return _records(files, *_looked_through(files))
    folder, _ = cached(files, "records", lambda scratch: _keep(files, scratch))
    return _records(files, *_kept(folder))


@dataclass(frozen=True, slots=True)
class _Found:
    """The pictures of some archives, as arrays."""

    names: Array
    shards: Array
    firsts: Array
    sizes: Array


class TarPlaces(Places):
    """Pictures in archives, as arrays; a place is made when it is asked for."""

    def __init__(self, files: Sequence[Path], found: _Found) -> None:
        self._files = tuple(files)
        self._found = found

    def __len__(self) -> int:
        return len(self._found.names)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | Sequence[Place]:
        """Return one place, or some."""
        if isinstance(wanted, slice):
            return self.chosen(np.arange(len(self))[wanted])
        found = self._found
        return Place(
            self._files[found.shards[wanted]],
            bytes(found.names[wanted]).decode("utf-8", "surrogateescape"),
            int(found.firsts[wanted]),
            int(found.sizes[wanted]),
        )

    def chosen(self, rows: Indices) -> "TarPlaces":
        """Return the places of some records, in their order."""
        arrays = {name: getattr(self._found, name)[rows] for name in _ARRAYS}
        return TarPlaces(self._files, _Found(**arrays))

    @property
    def files(self) -> tuple[Path, ...]:
        """The archives."""
        return self._files

    @property
    def digest(self) -> str:
        """What changes when the places do."""
        digest = hashlib.sha256()
        for name in _ARRAYS:
            digest.update(np.ascontiguousarray(getattr(self._found, name)).tobytes())
        return digest.hexdigest()

    def blocks(self) -> Indices:
        """Return the first picture of each block, and how many there are; no block is of two."""
        bounds = np.flatnonzero(np.diff(self._found.shards)) + 1
        bounds = np.concatenate([[0], bounds, [len(self)]])
        starts = [
            np.arange(first, end, BLOCK_PICTURES) for first, end in itertools.pairwise(bounds)
        ]
        return np.concatenate([*starts, [len(self)]]).astype(np.int64)


def _records(files: Sequence[Path], found: _Found, values: Any) -> Records:
    if not len(found.names):
        raise DataError(
            "The archive holds no pictures",
            why=f"Members that end in {', '.join(PICTURES[:6])} were looked for.",
            where=str(files[0]),
            hint="Choose tar files as WebDataset writes them.",
        )
    columns = {name: column_values(values[name]) for name in values.columns}
    return Records(TarPlaces(files, found), columns)


def _keep(files: Sequence[Path], folder: Path) -> Mapping[str, Any]:
    found, values = _looked_through(files)
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(found, name))
    values.write_ipc(folder / "values.arrow")
    return {"has_values": bool(values.width)}


def _kept(folder: Path) -> tuple[_Found, Any]:
    import polars

    arrays = {name: mapped(folder / f"{name}.npy") for name in _ARRAYS}
    return _Found(**arrays), polars.read_ipc(folder / "values.arrow")


def _looked_through(files: Sequence[Path]) -> tuple[_Found, Any]:
    """Go through the archives one by one; of one at a time there are objects of Python."""
    import polars

    chunks, frames = [], []
    for shard, file in enumerate(files):
        pictures, values = _of_archive(file)
        names, firsts, sizes = zip(*pictures.values(), strict=True) if pictures else ((), (), ())
        shards = np.full(len(names), shard, np.int32)
        chunks.append((np.array(names, "S"), shards, np.array(firsts, "i8"), np.array(sizes, "i8")))
        frames.append(_frame([values.get(key, {}) for key in pictures]))
    whole = polars.concat(frames, how="diagonal")
    return _Found(*(np.concatenate(part) for part in zip(*chunks, strict=True))), whole


def _frame(rows: Sequence[Mapping[str, str | None]]) -> Any:
    import polars

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return polars.DataFrame(columns, schema=dict.fromkeys(names, polars.String))


def _of_archive(
    file: Path,
) -> tuple[dict[str, tuple[bytes, int, int]], dict[str, dict[str, str | None]]]:
    """Return the picture of each record by its name, and the values of each as text."""
    pictures: dict[str, tuple[bytes, int, int]] = {}
    values: dict[str, dict[str, str | None]] = {}
    for key, ending, member, archive in _members(file):
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
