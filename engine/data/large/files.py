"""The files of a large table: Parquet where it lies, text turned into Parquet once."""

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data import hugging
from engine.data.arrow_stream import batches_of
from engine.data.cache import cached
from engine.data.large.pages import has_large_groups, read_rows
from engine.data.large.pieces import encoding_of, pieces, text_stream
from engine.data.progress import tell
from engine.data.separated import frame_of_text, is_separated, ragged_rows, separator
from engine.data.tables import table_files, table_kind, unreadable

BLOCK_ROWS: Final = 65_536
"""Rows that are read at once; fewer where there are many columns."""

_FEWEST_ROWS: Final = 1024
_BLOCK_VALUES: Final = 1 << 22
_BLOCK_BYTES: Final = 32 << 20
"""As packed as they are on disk."""

_LARGEST_BYTES: Final = 256 << 20
"""What the values of a table may take, at eight bytes each, to be read whole."""

_IN_PIECES: Final = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson")
_ARROW: Final = ".arrow"
_PIECE_LETTERS: Final = 32 << 20
_TOLD: Final = 100
ENCODINGS: Final = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one file that follow each other."""

    file: Path
    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class TableFiles:
    """A large table on disk."""

    columns: tuple[str, ...]
    blocks: tuple[Block, ...]
    encoding: str = "UTF-8"
    ragged: int = 0
    """Rows of another length; they are in no block."""

    ragged_rows: tuple[int, ...] = ()
    """The first few of them, counted from 1."""

    @property
    def rows(self) -> int:
        """How many rows the blocks have together."""
        return sum(block.rows for block in self.blocks)

    def starts(self) -> npt.NDArray[np.int64]:
        """Return the first row of each block, and the number of rows at the end."""
        counts = [block.rows for block in self.blocks]
        return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def is_large(path: Path, *, largest_bytes: int | None = None) -> bool:
    """Say whether a table has to be read in blocks; the same on every machine.

    Raises:
        OSError: The file cannot be looked at.
    """
    import polars

    files = table_files(path)
    largest = _LARGEST_BYTES if largest_bytes is None else largest_bytes
    if hugging.is_saved(path):
        return sum(file.stat().st_size for file in files) > largest
    if files and table_kind(files[0]) == ".parquet":
        try:
            return sum(_values(file) for file in files) * 8 > largest
        except polars.exceptions.PolarsError:
            # Whoever reads it tells what is wrong.
            return False
    if not all(table_kind(file) in _IN_PIECES for file in files):
        return False
    # Packed text is at least four times as long.
    return sum(file.stat().st_size * _unpacked(file) for file in files) > largest


def open_files(path: Path) -> TableFiles:
    """Find the blocks of a table; text is turned into Parquet in the cache, once.

    Raises:
        DataError: A file cannot be read as a table, or there is no room.
    """
    import polars

    try:
        files = table_files(path)
        if hugging.is_saved(path):
            return _in_place(hugging.data_files(path), path)
        if files and table_kind(files[0]) == ".parquet":
            return _in_place(files, path)
        return _turned(path, files)
    except (OSError, EOFError, ValueError, polars.exceptions.PolarsError) as error:
        raise unreadable(path, str(error).splitlines()[0] if str(error) else "") from error


def rows_told(files: Sequence[Path]) -> int:
    """Return how many rows Parquet files say that they have; 0 of files that do not say it.

    Raises:
        OSError: One cannot be read.
    """
    return sum(_height(file) for file in files) if table_kind(files[0]) == ".parquet" else 0


def first_rows(file: Path, most: int) -> Any:
    """Read the first rows of one file as a frame.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no table.
    """
    import polars

    try:
        if table_kind(file) == ".parquet":
            if has_large_groups(file):
                return read_rows(file, 0, min(most, _height(file)), _names(file))
            return polars.scan_parquet(file, glob=False).head(most).collect()
        with text_stream(file, encoding_of(file, beginning=True)) as stream:
            lines = list(itertools.islice(stream, most + 1))
        if not is_separated(file):
            return polars.read_ndjson(io.BytesIO("".join(lines[:most]).encode()))
        text = "".join(lines)
        mark = separator(file, text)
        return frame_of_text(text, mark, ragged_rows(text, mark))
    except polars.exceptions.PolarsError as error:
        raise ValueError(f"{error}") from error


def read_block(block: Block, columns: Sequence[str]) -> Any:
    """Read some columns of a block as a frame; a column that a file lacks is empty there.

    Raises:
        DataError: The file is gone or changed.
    """
    import polars

    try:
        there = [name for name in columns if name in _names(block.file)]
        frame = _rows(block, there)
    except (OSError, ValueError, polars.exceptions.PolarsError) as error:
        raise unreadable(block.file, str(error).splitlines()[0] if str(error) else "") from error
    if frame.height != block.rows:
        raise unreadable(block.file, "It has fewer rows than before.")
    missing = [polars.lit(None, polars.String).alias(name) for name in columns if name not in there]
    return frame.with_columns(missing) if missing else frame


def read_through(file: Path, blocks: Sequence[Block], columns: Sequence[str]) -> Iterator[Any]:
    """Read all blocks of one file in order, as frames; each part of it is unpacked once.

    Raises:
        DataError: The file is gone or changed.
    """
    import polars

    try:
        there = [] if file.suffix == _ARROW else [name for name in columns if name in _names(file)]
        if not there or has_large_groups(file):
            yield from (read_block(block, columns) for block in blocks)
            return
        scan = polars.scan_parquet(file, glob=False).select(there)
        missing = [polars.lit(None, polars.String).alias(one) for one in {*columns} - {*there}]
        rows = 0
        # A block by itself is cut out of far more than its rows, where these were packed together.
        most = max(block.rows for block in blocks)
        for frame in scan.collect_batches(chunk_size=most, maintain_order=True):
            rows += frame.height
            yield frame.with_columns(missing) if missing else frame
    except (OSError, ValueError, polars.exceptions.PolarsError) as error:
        raise unreadable(file, str(error).splitlines()[0] if str(error) else "") from error
    if rows != sum(block.rows for block in blocks):
        raise unreadable(file, "It has fewer rows than before.")


def _rows(block: Block, columns: Sequence[str]) -> Any:
    import polars

    if block.file.suffix == _ARROW:
        return hugging.rows_of(block.file, block.first, block.rows, columns)
    if has_large_groups(block.file):
        return read_rows(block.file, block.first, block.rows, columns)
    scan = polars.scan_parquet(block.file, glob=False)
    return scan.slice(block.first, block.rows).select(columns).collect()


def _in_place(files: Sequence[Path], path: Path) -> TableFiles:
    columns: dict[str, None] = {}
    blocks: list[Block] = []
    for file in files:
        names = _names(file)
        columns.update(dict.fromkeys(names))
        blocks += _cut(file, _height(file), len(names))
    if not blocks or not columns:
        raise unreadable(path, "It has no rows.")
    return TableFiles(tuple(columns), tuple(blocks))


def _turned(path: Path, files: Sequence[Path]) -> TableFiles:
    folder, facts = cached(files, "table", lambda scratch: _turn(files, scratch))
    found = _in_place(sorted(folder.glob("*.parquet")), path)
    return TableFiles(
        found.columns,
        found.blocks,
        encoding=facts["encoding"],
        ragged=facts["ragged"],
        ragged_rows=tuple(facts["ragged_rows"]),
    )


def _turn(files: Sequence[Path], folder: Path) -> Mapping[str, Any]:
    """Write the pieces of text tables as Parquet, and say what was wrong with them."""
    ragged: list[int] = []
    encodings = [encoding_of(file) for file in files]
    count = row = 0
    for file, encoding in zip(files, encodings, strict=True):
        for frame, wrong, rows in _frames(file, encoding):
            tell(row)
            frame.write_parquet(folder / f"{count:06}.parquet", compression="lz4")
            ragged += [row + number for number in wrong]
            row, count = row + rows, count + 1
    odd = next((one for one in encodings if one != "utf-8-sig"), "utf-8-sig")
    return {
        "encoding": ENCODINGS[odd],
        "ragged": len(ragged),
        "ragged_rows": ragged[:_TOLD],
    }


def _frames(file: Path, encoding: str) -> Iterator[tuple[Any, list[int], int]]:
    """Yield each piece as a frame, the numbers of its ragged rows, and how many rows it had."""
    import polars

    if not is_separated(file):
        for text in pieces(file, encoding, _PIECE_LETTERS, quoted=False):
            frame = polars.read_ndjson(io.BytesIO(text.encode()), infer_schema_length=None)
            yield frame, [], frame.height
        return
    head = ""
    for text in pieces(file, encoding, _PIECE_LETTERS, quoted=True):
        if not head:
            head = text.partition("\n")[0].rstrip("\r") + "\n"
            whole = text
        else:
            whole = head + text
        mark = separator(file, head)
        ragged = ragged_rows(whole, mark)
        frame = frame_of_text(whole, mark, ragged)
        if frame.height:
            yield frame, ragged, frame.height + len(ragged)


def _cut(file: Path, height: int, columns: int) -> list[Block]:
    most = min(_BLOCK_VALUES // max(columns, 1), _BLOCK_BYTES * height // file.stat().st_size)
    rows = min(BLOCK_ROWS, max(most, _FEWEST_ROWS))
    return [Block(file, first, min(rows, height - first)) for first in range(0, height, rows)]


def _names(file: Path) -> list[str]:
    import polars

    if file.suffix == _ARROW:
        return list(hugging.columns_of(file))
    return list(polars.read_parquet_schema(file))


def _height(file: Path) -> int:
    import polars

    if file.suffix == _ARROW:
        return batches_of(file).rows
    return int(polars.scan_parquet(file, glob=False).select(polars.len()).collect().item())


def _values(file: Path) -> int:
    return len(_names(file)) * _height(file)


def _unpacked(file: Path) -> int:
    return 4 if file.suffix == ".gz" else 1
