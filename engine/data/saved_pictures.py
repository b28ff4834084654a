"""Pictures and recordings that Hugging Face's library saved: where each lies in Arrow files."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from engine.data import hugging
from engine.data.arrow_stream import batches_of, read_batch
from engine.data.places import Records
from engine.data.progress import tell
from engine.data.stretches import Some, kept_records
from engine.data.tables import unreadable


class ElsewhereError(Exception):
    """A picture does not lie in the file as it is: it is packed, or named only."""


def read_where_they_lie(path: Path, picture: str) -> Records:
    """Find the records of a saved data set, batch by batch; the pictures are not read.

    Raises:
        DataError: It cannot be read.
        ElsewhereError: Its pictures do not lie in it one behind the other.
    """
    files = hugging.data_files(path)
    try:
        return kept_records(files, picture, lambda: _looked_through(files, picture))
    except (OSError, ValueError) as error:
        raise unreadable(path, f"{error}") from error


def _looked_through(files: Sequence[Path], picture: str) -> Iterator[Some]:
    for number, file in enumerate(files):
        for batch in range(len(batches_of(file).firsts) - 1):
            tell(number, len(files))
            frame, at, content = read_batch(file, batch)
            yield _some(file, hugging.in_words(file, frame), picture, at, content)


def _some(file: Path, frame: Any, picture: str, at: int, content: bytes) -> Some:
    fields = frame[picture].struct.unnest()
    contents = [value or b"" for value in fields["bytes"].to_list()]
    sizes = [len(one) for one in contents]
    begins = [at + _first(contents, content), *sizes[:-1]]
    names = [str(name or f"row {row + 1}").encode() for row, name in enumerate(fields["path"])]
    values = frame.drop(hugging.packed_columns(file.parent), strict=False)
    return Some(file, names, tuple(accumulate(begins)), sizes, values)


def _first(values: Sequence[bytes], content: bytes) -> int:
    """Return where values that follow each other begin."""
    whole = b"".join(values)
    place = content.find(whole) if whole else -1
    if place < 0:
        raise ElsewhereError
    return place
