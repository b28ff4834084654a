"""Prose: long texts cut into passages, each answered by itself one token later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.content import Content, Made
from engine.data.folders import entries
from engine.data.kinds import TEXTS
from engine.data.large import text
from engine.data.large.files import ENCODINGS, TableFiles, is_large, open_files, read_block
from engine.data.large.pieces import encoding_of
from engine.data.large.values import texts_of
from engine.data.listing import Listing
from engine.data.preparation import Tokens
from engine.data.tables import read_columns, table_files, unreadable
from nodes.errors import DataError
from nodes.io import DataField
from nodes.sources import Prose

Array = npt.NDArray[Any]


def read_prose(source: Prose) -> Content:
    """Read a text as passages to go on writing; of a large one its tokens are kept on disk.

    Raises:
        DataError: It cannot be read, or is shorter than one passage.
    """
    path = Path(source.path)
    try:
        writing, notes = writing_of(source)
        if writing.size_bytes > text.LARGEST_BYTES:
            kept = text.kept_tokens(source, writing)
            numbers, known, notes = kept.numbers, kept.known, (*notes, _how_it_is_read(kept))
        else:
            whole = "".join(writing.parts())
            known = text.known_tokens([whole], source.unit, source.words)
            numbers = text.numbering(source.unit, known)(whole)
    except (OSError, EOFError) as error:
        raise DataError(
            "The text cannot be read",
            why=f"{error}.",
            where=str(path),
            hint="Choose a file of plain text.",
        ) from error
    samples = (len(numbers) - 1) // source.length
    if samples < 1:
        raise DataError(
            "The text is shorter than one passage",
            why=f"It has {len(numbers)} {source.unit}s; a passage has {source.length}.",
            where=str(path),
            hint="Choose shorter passages or a longer text.",
        )
    parts = (_Passage(source, known), _Next(source, known))
    return Content(samples, parts, {"pieces": numbers}, notes=notes)


def writing_of(source: Prose) -> tuple[text.Writing, tuple[str, ...]]:
    """Return the text that a source names, and what a person should know of it.

    Raises:
        DataError: There is none.
        OSError: A file cannot be read.
    """
    path = Path(source.path)
    if source.column:
        return _of_table(path, source.column), ()
    if path.is_dir():
        found = entries(path, TEXTS)
        files = () if found.digest else tuple(entry.path for entry in found)
        return text.Writing(files, found.digest, found.size_bytes, lambda: _of_files(found)), ()
    # Packed text is at least four times as long.
    size = path.stat().st_size * (4 if path.suffix == ".gz" else 1)
    encoding = ENCODINGS[encoding_of(path)]
    notes = () if encoding == "UTF-8" else (f"The text was read as {encoding}.",)
    return text.Writing((path,), "", size, lambda: text.text_pieces(path)), notes


def _of_files(found: Listing) -> Iterator[str]:
    for entry in found:
        yield from text.text_pieces(entry.path)
        yield "\n"


def _of_table(path: Path, column: str) -> text.Writing:
    files = table_files(path)
    size = sum(file.stat().st_size for file in files)
    if not is_large(path):
        values = read_columns(path, {column}, skips_ragged=True)
        if column not in values:
            raise unreadable(path, f"It has no column “{column[:40]}”.")
        return text.Writing(files, "", size, lambda: _lines(values[column].tolist()))
    found = open_files(path)
    if column not in found.columns:
        raise unreadable(path, f"It has no column “{column[:40]}”.")
    return text.Writing(files, "", size, lambda: _of_blocks(found, column))


def _of_blocks(found: TableFiles, column: str) -> Iterator[str]:
    for block in found.blocks:
        yield from _lines(texts_of(read_block(block, [column])[column]))


def _lines(values: Iterable[str | None]) -> Iterator[str]:
    for value in values:
        if value:
            yield f"{value}\n"


def _how_it_is_read(kept: text.KeptTokens) -> str:
    told = f"Its {grouped(len(kept.numbers))} tokens are kept on disk and read from there."
    if kept.share == 1:
        return f"The text was cut into tokens once. {told}"
    return f"The tokens were chosen from {kept.share:.0%} of the text, evenly spread. {told}"


@dataclass(frozen=True, slots=True)
class _Passage:
    source: Prose
    known: tuple[str, ...]

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return the passages."""
        del training
        classes = len(self.known) + prepare.RESERVED
        field = DataField("text", "tokens", (self.source.length,), "int", classes)
        how = Tokens(
            column="text",
            unit=self.source.unit,
            vocabulary=self.known,
            length=self.source.length,
            keeps_end=True,
            fills_end=True,
        )
        return Made(field, _cut(columns["pieces"], self.source.length, 0), how, _names(self.known))


@dataclass(frozen=True, slots=True)
class _Next:
    source: Prose
    known: tuple[str, ...]

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return what follows each token."""
        del training
        classes = len(self.known) + prepare.RESERVED
        field = DataField("next", "tokens", (self.source.length,), "int", classes)
        values = _cut(columns["pieces"], self.source.length, 1)
        return Made(field, values, None, _names(self.known))


def _cut(numbers: Array, length: int, first: int) -> Array:
    samples = (len(numbers) - 1) // length
    return numbers[first : first + samples * length].reshape(samples, length)


def _names(known: tuple[str, ...]) -> tuple[str, ...]:
    return ("", "unknown", *known)
