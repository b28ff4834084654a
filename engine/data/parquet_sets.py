"""Data sets as Hugging Face's hub keeps them: Parquet files, part by part, that say what they are.

Their pictures are packed, and a picture cannot be reached without its neighbours. So they are
copied into the cache once, in the form in which that library saves data sets to disk.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from engine.data.cache import cached
from engine.data.large.pages import has_large_groups, read_rows
from engine.data.progress import tell

INFO: Final = "dataset_info.json"
STATE: Final = "state.json"
PARTS: Final = "dataset_dict.json"

_PART: Final = re.compile(r"(train|training|test|validation|valid|val|dev)(?![a-z])", re.IGNORECASE)
_ORDER: Final = ("tr", "va", "de", "te")
_PACKED: Final = {"bytes", "path"}
_HEARD: Final = re.compile(r"audio|sound|speech|voice", re.IGNORECASE)
_MOST_ROWS: Final = 65_536
_BYTES: Final = 64 << 20
"""What is copied at once, about."""


def is_set(path: Path) -> bool:
    """Say whether Parquet files hold more than a table: pictures, named classes, several parts."""
    import polars

    try:
        files = files_of(path)
        return bool(files) and _is_set(files, _stamp(files))
    except (OSError, ValueError, polars.exceptions.PolarsError):
        # Whoever reads them tells what is wrong.
        return False


def part_of(name: str) -> str:
    """Return the part that a name of a file, a folder or a split says; empty where it says none."""
    said = _PART.match(name)
    return said[1].lower() if said else ""


def copied(path: Path) -> Path:
    """Return the folder of a copy as ``save_to_disk`` writes it, made now or before.

    Raises:
        DataError: There is no room for it.
        OSError: A file cannot be read.
        polars.exceptions.PolarsError: A file is no Parquet.
    """
    files = files_of(path)
    folder, _ = cached(files, "saved", lambda scratch: _copy(files, scratch))
    return folder


def _copy(files: Sequence[Path], folder: Path) -> Mapping[str, Any]:
    described = features_of(files[0])
    parts = _parts(files)
    for part, its_files in parts.items():
        place = folder / part if len(parts) > 1 else folder
        place.mkdir(exist_ok=True)
        written = [*_written(its_files, place)]
        state = {"_data_files": [{"filename": name} for name in written]}
        (place / STATE).write_text(json.dumps(state), encoding="utf-8")
        (place / INFO).write_text(json.dumps({"features": described}), encoding="utf-8")
    if len(parts) > 1:
        (folder / PARTS).write_text(json.dumps({"splits": [*parts]}), encoding="utf-8")
    return {}


def _written(files: Sequence[Path], folder: Path) -> Iterator[str]:
    """Write some rows after the others, and yield the names of the files."""
    import polars

    number = 0
    for file in files:
        rows, together = rows_in(file), few_enough(file, _MOST_ROWS)
        for first in range(0, rows, together):
            tell(first, rows)
            some = rows_at(file, first, min(together, rows - first))
            name = f"data-{number:05}.arrow"
            # Without views, whose bytes would not lie one behind the other.
            plain = polars.CompatLevel.oldest()
            some.rechunk().write_ipc_stream(folder / name, compat_level=plain)
            number += 1
            yield name


def rows_in(file: Path) -> int:
    """Return how many rows a file has.

    Raises:
        OSError: It cannot be read.
        polars.exceptions.PolarsError: It is no Parquet.
    """
    import polars

    return int(polars.scan_parquet(file, glob=False).select(polars.len()).collect().item())


def few_enough(file: Path, most: int) -> int:
    """Return how many rows are read at once: all there are, or as many as memory takes."""
    rows = rows_in(file)
    return min(max(rows * _BYTES // max(file.stat().st_size, 1), 1), most, max(rows, 1))


def first_file(path: Path) -> tuple[str, Path]:
    """Return the first file of a data set, and the part that it is of; empty where there is one."""
    parts = _parts(files_of(path))
    part, files = next(iter(parts.items()))
    return part if len(parts) > 1 else "", files[0]


def rows_at(file: Path, first: int, rows: int) -> Any:
    """Read some rows of a file as a frame.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no Parquet.
        polars.exceptions.PolarsError: It is none either.
    """
    import polars

    if has_large_groups(file):
        return read_rows(file, first, rows, list(polars.read_parquet_schema(file)))
    return polars.scan_parquet(file, glob=False).slice(first, rows).collect()


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the Parquet files of a data set: in its folder, or in one for each part."""
    if path.is_file():
        return (path,) if path.suffix.lower() == ".parquet" else ()
    return _in_folder(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _in_folder(folder: Path, time: int) -> tuple[Path, ...]:
    del time
    places = [folder, *(one for one in (folder / "data",) if one.is_dir())]
    found = [file for place in places for file in sorted(place.glob("*.parquet"))]
    if not found:
        inner = [one for one in sorted(folder.iterdir()) if one.is_dir() and part_of(one.name)]
        found = [file for place in inner for file in sorted(place.glob("*.parquet"))]
    return tuple(file for file in found if not file.name.startswith("."))


def _stamp(files: Sequence[Path]) -> int:
    return max(file.stat().st_mtime_ns for file in files)


@lru_cache(maxsize=64)
def _is_set(files: tuple[Path, ...], time: int) -> bool:
    import polars

    del time
    if len({tuple(polars.read_parquet_schema(file)) for file in files}) != 1:
        return False
    meant = features_of(files[0]).values()
    kinds = {str(one.get("_type")) for one in meant if isinstance(one, dict)}
    return len(_parts(files)) > 1 or bool(kinds & {"Image", "Audio", "ClassLabel"})


def _parts(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the files of each part; all are one part where some do not say theirs."""
    parts: dict[str, list[Path]] = {}
    for file in files:
        parts.setdefault(part_of(file.stem) or part_of(file.parent.name), []).append(file)
    if "" in parts:
        return {"": [*files]}
    return dict(sorted(parts.items(), key=lambda part: _ORDER.index(part[0][:2])))


def features_of(file: Path) -> dict[str, Any]:
    """Return what the columns are: as their library wrote it, else what their form says.

    Raises:
        OSError: It cannot be read.
        polars.exceptions.PolarsError: It is no Parquet.
    """
    import polars

    written = polars.read_parquet_metadata(file).get("huggingface", "")
    try:
        features = json.loads(written)["info"]["features"] if written else {}
    except (ValueError, KeyError, TypeError):
        features = {}
    packed = {
        name: {"_type": "Audio" if _HEARD.search(name) else "Image"}
        for name, kind in polars.read_parquet_schema(file).items()
        if isinstance(kind, polars.Struct) and {field.name for field in kind.fields} == _PACKED
    }
    return packed | features if isinstance(features, dict) else packed
