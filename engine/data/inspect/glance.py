"""A first look at very large data: what the first rows or files say, before all is looked at."""

import itertools
from pathlib import Path
from typing import Final

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
from engine.data.inspect.detect import pair_of
from engine.data.inspect.pictures import inspect_pictures
from engine.data.inspect.prose import inspect_writing
from engine.data.inspect.report import Finding, Inspection
from engine.data.inspect.sounds import inspect_sounds
from engine.data.kinds import PICTURES, RECORDINGS, TEXTS
from engine.data.large.files import first_rows
from engine.data.large.pieces import encoding_of
from engine.data.large.text import LARGEST_BYTES, Writing, text_pieces
from engine.data.listing import list_first
from engine.data.tables import column_values, table_files, table_kind
from nodes.errors import DataError
from nodes.sources import Images, Pairs, Prose

SEEN_CODE: Final = "seen"
"""The code of the finding that says how much was seen."""

_ROWS: Final = 5000
_FILES: Final = 2000
_OF_A_FOLDER: Final = 200
_TABLE_BYTES: Final = 16 << 20
"""A smaller table is looked at as a whole before anybody waits."""


def glance(path: Path) -> Inspection | None:
    """Return what the beginning of very large data says; None for what is looked at quickly.

    ``inspect_path`` looks at all of it, and may find it to be of another kind.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if path.name.lower().removesuffix(".gz").endswith(TEXTS):
            return _text(path)
        return _table(path)
    except (OSError, EOFError, ValueError, DataError):
        # Whoever looks at the whole tells what is wrong.
        return None


def _folder(path: Path) -> Inspection | None:
    if hugging.is_saved(path):
        return None
    if table_files(path):
        return _table(path)
    pair = pair_of(path)
    place = pair[0] if pair else path
    pictures = list_first(place, PICTURES, most=_FILES, most_each=_OF_A_FOLDER)
    if pictures is not None and len(pictures):
        seen = inspect_pictures(place, pictures)
        return _told(_paired(seen, path, *pair) if pair else seen, len(pictures), "files")
    sounds = list_first(path, RECORDINGS, most=_FILES, most_each=_OF_A_FOLDER)
    if sounds is not None and len(sounds):
        return _told(inspect_sounds(path, sounds), len(sounds), "files")
    return None


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
    begin = list(itertools.islice(text_pieces(path, encoding_of(path, beginning=True)), 1))
    writing = Writing((path,), "", size, lambda: begin)
    found = inspect_writing(Prose(path=str(path)), writing, "Text to go on writing")
    found = msgspec.structs.replace(found, size_bytes=size)
    return _told(found, len(begin[0]), "letters")


def _table(path: Path) -> Inspection | None:
    files = table_files(path)
    size = sum(file.stat().st_size for file in files)
    if not files or not table_kind(files[0]) or size <= _TABLE_BYTES:
        return None
    frame, rows = first_rows(files[0], _ROWS)
    some = {name: column_values(frame[name]) for name in frame.columns}
    described = with_roles({name: column_facts(name, values) for name, values in some.items()})
    classes = target_classes(some, described)
    found = Inspection(
        path=str(path),
        title="Large table",
        name=path.name.partition(".")[0] or "table",
        source=table_source(path, described, some),
        samples=rows if len(files) == 1 and rows else frame.height,
        files=len(files),
        size_bytes=size,
        classes=classes,
        columns=tuple(described),
        facts=(("Columns", str(len(described))),),
        preview=previewed_rows(some),
        split_by=split_by(described, is_class=len(classes) > 1),
    )
    return _told(found, frame.height, "rows")


def _told(found: Inspection, seen: int, what: str) -> Inspection:
    """Say of how much these findings are."""
    finding = Finding(
        code=SEEN_CODE,
        title=f"Seen so far: the first {grouped(seen)} {what}",
        why="Counts, classes and problems are of these alone.",
        count=seen,
    )
    return msgspec.structs.replace(found, findings=(finding, *found.findings))
