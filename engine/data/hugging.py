"""Data sets of Hugging Face on disk: as its library saved them, or in Parquet as its hub does.

Read by polars; neither that library nor anything of it is needed, and nothing of it is run.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.arrow_stream import batches_of, names_of, read_batches
from engine.data.parquet_sets import (
    INFO,
    PARTS,
    STATE,
    copied,
    features_of,
    few_enough,
    files_of,
    first_file,
    is_set,
    rows_at,
    rows_in,
)
from nodes.errors import DataError

SPLIT = "split"
"""The column that says which part a row was saved in."""


def is_saved(path: Path) -> bool:
    """Say whether a folder is a data set saved by ``save_to_disk``, or as its hub keeps them."""
    return _is_as_saved(path) or is_set(path)


def _is_as_saved(path: Path) -> bool:
    return path.is_dir() and ((path / PARTS).is_file() or (path / STATE).is_file())


def features(path: Path) -> Mapping[str, Any]:
    """Return what the columns of a saved data set are, as its library wrote it.

    Raises:
        DataError: It cannot be read.
    """
    found = _json(_folders(path)[0][1] / INFO).get("features", {})
    return found if isinstance(found, dict) else {}


def picture_columns(path: Path) -> tuple[str, ...]:
    """Return the columns that hold pictures.

    Raises:
        DataError: The data set cannot be read.
    """
    return _of_type(features(path), "Image")


def sound_columns(path: Path) -> tuple[str, ...]:
    """Return the columns that hold recordings.

    Raises:
        DataError: The data set cannot be read.
    """
    return _of_type(features(path), "Audio")


def packed_columns(path: Path) -> tuple[str, ...]:
    """Return the columns of which each value is a file.

    Raises:
        DataError: The data set cannot be read.
    """
    return (*picture_columns(path), *sound_columns(path))


def data_files(path: Path) -> list[Path]:
    """Return the files of a saved data set, part by part.

    Raises:
        DataError: It cannot be read.
    """
    found = []
    for _, folder in _folders(path):
        try:
            found += [folder / str(one["filename"]) for one in _json(folder / STATE)["_data_files"]]
        except (KeyError, TypeError) as error:
            raise _unreadable(folder, error) from error
    return found


def source_files(path: Path) -> tuple[Path, ...]:
    """Return the files that a person has of a data set, saved or in Parquet.

    Raises:
        DataError: It cannot be read.
    """
    return tuple(data_files(path)) if _is_as_saved(path) else files_of(path)


def frame(path: Path) -> Any:
    """Read a saved data set as one frame, its classes by name and its parts in a column.

    Raises:
        DataError: It cannot be read.
    """
    import polars

    frames = []
    for file in data_files(path):
        try:
            frames.append(in_words(file, polars.read_ipc_stream(file)))
        except (OSError, polars.exceptions.PolarsError) as error:
            raise _unreadable(file, error) from error
    if not frames:
        raise _unreadable(path, "It names no files")
    return polars.concat(frames, how="vertical_relaxed")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first rows of a data set."""

    frame: Any
    rows: int
    """How many rows there are in all."""

    pictures: tuple[str, ...]
    sounds: tuple[str, ...]


def beginning(path: Path, most: int) -> Beginning:
    """Read the first rows of a data set as ``frame`` reads all; of Parquet nothing is copied.

    Raises:
        DataError: It cannot be read.
    """
    import polars

    try:
        return _begun_arrow(path, most) if _is_as_saved(path) else _begun_parquet(path, most)
    except (OSError, ValueError, polars.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from error


def _begun_arrow(path: Path, most: int) -> Beginning:
    files, described = data_files(path), features(path)
    rows = sum(batches_of(file).rows for file in files)
    read = rows_of(files[0], 0, min(most, batches_of(files[0]).rows), columns_of(files[0]))
    return Beginning(read, rows, _of_type(described, "Image"), _of_type(described, "Audio"))


def _begun_parquet(path: Path, most: int) -> Beginning:
    import polars

    part, file = first_file(path)
    described, rows = features_of(file), sum(rows_in(file) for file in files_of(path))
    read = _named(rows_at(file, 0, few_enough(file, most)), described)
    read = read.with_columns(polars.lit(part).alias(SPLIT)) if part else read
    return Beginning(read, rows, _of_type(described, "Image"), _of_type(described, "Audio"))


def columns_of(file: Path) -> tuple[str, ...]:
    """Return the columns of one file of a saved data set.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    return (*names_of(file), *([SPLIT] if _part_of(file) else ()))


def rows_of(file: Path, first: int, rows: int, columns: Collection[str]) -> Any:
    """Read some rows of one file as ``frame`` reads all.

    Raises:
        ValueError: It is no Arrow stream.
        OSError: It cannot be read.
    """
    written = [name for name in names_of(file) if name in columns]
    # Some column has to be read, since a frame without any has no rows.
    read = read_batches(file, first, rows, written or names_of(file)[:1])
    return in_words(file, read).select(list(columns))


def in_words(file: Path, read: Any) -> Any:
    """Put names in the place of the numbers of classes, and the part of a file in a column."""
    import polars

    part = _part_of(file)
    named = _named(read, features(file.parent))
    return named.with_columns(polars.lit(part).alias(SPLIT)) if part else named


def _part_of(file: Path) -> str:
    """Return the part that a file is of; empty where there is one only."""
    whole = file.parent.parent
    is_part = (whole / PARTS).is_file() and len(_folders(whole)) > 1
    return file.parent.name if is_part else ""


def _named(whole: Any, described: Mapping[str, Any]) -> Any:
    """Put names in the place of the numbers of classes."""
    import polars

    for column, about in described.items():
        names = about.get("names") if isinstance(about, dict) else None
        if column in whole.columns and isinstance(names, list) and names:
            numbers = polars.Series(range(len(names)), dtype=polars.Int64)
            named = (
                whole[column]
                .cast(polars.Int64, strict=False)
                .replace_strict(numbers, polars.Series([str(name) for name in names]), default=None)
            )
            whole = whole.with_columns(named.alias(column))
    return whole


def _of_type(described: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, about in described.items()
        if isinstance(about, dict) and about.get("_type") == kind
    )


def _folders(path: Path) -> list[tuple[str, Path]]:
    """Return the parts of a data set with the folder of each; of one in Parquet, of its copy."""
    if not _is_as_saved(path) and is_set(path):
        path = copied(path)
    if not (path / PARTS).is_file():
        return [("", path)]
    names = _json(path / PARTS).get("splits", [])
    found = [(str(name), path / str(name)) for name in names if (path / str(name)).is_dir()]
    if not found:
        raise _unreadable(path, "It names no parts")
    return found


def _json(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    return found if isinstance(found, dict) else {}


def _unreadable(where: Path, error: object) -> DataError:
    return DataError(
        "The saved data set cannot be read",
        why=f"{str(error).splitlines()[0] if str(error) else error!r}.",
        where=str(where),
        hint="Save it again with save_to_disk.",
    )
