"""A first look at very large data: what the first rows or files say, before all is looked at."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.data import hugging
from engine.data.amounts import grouped
from engine.data.inspect.columns import (
    column_facts,
    previewed_rows,
    split_by,
    table_source,
    target_classes,
    with_roles,
)
from engine.data.inspect.detect import pair_of, with_origin
from engine.data.inspect.picture_tables import inspect_saved, inspect_tars
from engine.data.inspect.pictures import inspect_pictures
from engine.data.inspect.prose import inspect_texts, inspect_writing
from engine.data.inspect.report import Finding, Inspection
from engine.data.inspect.sound_tables import inspect_saved_sounds
from engine.data.inspect.sounds import inspect_sounds
from engine.data.kinds import PICTURES, RECORDINGS, TEXTS
from engine.data.large.files import first_rows, rows_told
from engine.data.large.pieces import encoding_of
from engine.data.large.text import LARGEST_BYTES, Writing, text_pieces
from engine.data.listing import Listing, list_files, list_first
from engine.data.tables import column_values, table_files, table_kind
from engine.data.tars import first_of_tars, tar_files
from nodes.errors import DataError
from nodes.sources import Images, Pairs, Prose

SEEN_CODE: Final = "seen"
"""The code of the finding that says how much was seen."""

_ROWS: Final = 5000
_FILES: Final = 2000
_OF_A_FOLDER: Final = 200
_PICTURES: Final = 500
"""Of those in tar files and saved data sets, and of recordings in these."""

_TABLE_BYTES: Final = 16 << 20
"""A smaller table, archive or saved data set is looked at as a whole before anybody waits."""


def glance(path: Path) -> Inspection | None:
    """Return what the beginning of very large data says; None for what is looked at quickly.

    ``inspect_path`` looks at all of it, and may find it to be of another kind.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if path.name.lower().removesuffix(".gz").endswith(TEXTS):
            return _text(path)
        if hugging.is_saved(path):
            return _saved(path)
        return _tars(path) if tar_files(path) else _table(path)
    except (OSError, EOFError, ValueError, DataError):
        # Whoever looks at the whole tells what is wrong.
        return None


def _folder(path: Path) -> Inspection | None:
    if hugging.is_saved(path):
        return _saved(path)
    if table_files(path):
        return _table(path)
    if tar_files(path):
        return _tars(path)
    pair = pair_of(path)
    place = pair[0] if pair else path
    kinds = (PICTURES,) if pair else (PICTURES, RECORDINGS, TEXTS)
    every = _first(place, tuple(itertools.chain(*kinds)))
    if every is None:
        return None if pair else _few_texts(path)
    kind = max(kinds, key=lambda kind: sum(one.path.name.lower().endswith(kind) for one in every))
    found = _first(place, kind)
    if found is None:
        return None
    if kind == TEXTS:
        return _texts(path, found)
    if kind == RECORDINGS:
        return _told(inspect_sounds(path, found), len(found), "files")
    seen = inspect_pictures(place, found)
    return _told(_paired(seen, path, *pair) if pair else seen, len(found), "files")


def _first(path: Path, suffixes: Sequence[str]) -> Listing | None:
    return list_first(path, suffixes, most=_FILES, most_each=_OF_A_FOLDER)


def _few_texts(path: Path) -> Inspection | None:
    """Look at texts that are few, but long; there are few files of any kind."""
    found = list_files(path, TEXTS)
    is_of_texts = len(found) > len(list_files(path, (*PICTURES, *RECORDINGS)))
    return _texts(path, found) if is_of_texts and found.size_bytes > LARGEST_BYTES else None


def _texts(path: Path, found: Listing) -> Inspection:
    if found.classes():
        return _told(inspect_texts(path, found), len(found), "files")
    seen = _writing(Prose(path=str(path)), found[0].path, "Texts to go on writing", len(found))
    return msgspec.structs.replace(seen, size_bytes=found.size_bytes)


def _tars(path: Path) -> Inspection | None:
    files = tar_files(path)
    size = sum(file.stat().st_size for file in files)
    if size <= _TABLE_BYTES:
        return None
    found = inspect_tars(path, first_of_tars(files, _PICTURES))
    found = msgspec.structs.replace(found, files=len(files), size_bytes=size)
    return _told(found, found.samples, "pictures")


def _saved(path: Path) -> Inspection | None:
    files = hugging.source_files(path)
    size = sum(file.stat().st_size for file in files)
    if size <= _TABLE_BYTES:
        return None
    first = hugging.beginning(path, _PICTURES)
    if first.sounds:
        found, what = inspect_saved_sounds(path, first), "recordings"
    elif first.pictures:
        found, what = inspect_saved(path, first), "pictures"
    else:
        first = hugging.beginning(path, _ROWS)
        found, what = _columns(path, first.frame), "rows"
    found = msgspec.structs.replace(
        with_origin(found, path), samples=first.rows, files=len(files), size_bytes=size
    )
    return _told(found, first.frame.height, what)


def _paired(seen: Inspection, path: Path, pictures: Path, masks: Path) -> Inspection:
    assert isinstance(seen.source, Images), "pictures were looked at"
    source = Pairs(
        path=str(pictures.absolute()),
        masks=str(masks.absolute()),
        channels=seen.source.channels,
        height=seen.source.height,
        width=seen.source.width,
    )
    return msgspec.structs.replace(
        seen,
        path=str(path),
        title="Pictures with masks",
        name=path.name,
        source=source,
        classes=(),
        class_column="",
        split_by="random",
    )


def _text(path: Path) -> Inspection | None:
    size = path.stat().st_size
    if size <= LARGEST_BYTES:
        return None
    found = _writing(Prose(path=str(path)), path, "Text to go on writing", 1)
    return msgspec.structs.replace(found, size_bytes=size)


def _writing(source: Prose, file: Path, title: str, files: int) -> Inspection:
    begin = list(itertools.islice(text_pieces(file, encoding_of(file, beginning=True)), 1))
    writing = Writing((file,), "", file.stat().st_size, lambda: begin)
    return _told(inspect_writing(source, writing, title, files), len(begin[0]), "letters")


def _table(path: Path) -> Inspection | None:
    files = table_files(path)
    size = sum(file.stat().st_size for file in files)
    if not files or not table_kind(files[0]) or size <= _TABLE_BYTES:
        return None
    frame = first_rows(files[0], _ROWS)
    found = msgspec.structs.replace(
        _columns(path, frame),
        samples=rows_told(files) or frame.height,
        files=len(files),
        size_bytes=size,
    )
    return _told(found, frame.height, "rows")


def _columns(path: Path, frame: Any) -> Inspection:
    some = {name: column_values(frame[name]) for name in frame.columns}
    described = with_roles({name: column_facts(name, values) for name, values in some.items()})
    classes = target_classes(some, described)
    return Inspection(
        path=str(path),
        title="Large table",
        name=path.name.partition(".")[0] or "table",
        source=table_source(path, described, some),
        classes=classes,
        columns=tuple(described),
        facts=(("Columns", str(len(described))),),
        preview=previewed_rows(some),
        split_by=split_by(described, is_class=len(classes) > 1),
    )


def _told(found: Inspection, seen: int, what: str) -> Inspection:
    """Say of how much these findings are."""
    finding = Finding(
        code=SEEN_CODE,
        title=f"Seen so far: the first {grouped(seen)} {what}",
        why="Counts, classes and problems are of these alone.",
        count=seen,
    )
    return msgspec.structs.replace(found, findings=(finding, *found.findings))
