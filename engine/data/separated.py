"""Tables as text: what separates the columns, how it is encoded, rows of another length."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.data import prepare
from nodes.errors import DataError

MOST_SAID = 3


def is_separated(path: Path) -> bool:
    """Say whether a table is written with separators, so that rows may differ in length."""
    return path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".tab"))


def separator(path: Path, text: str) -> str:
    """Return what separates the columns: tabs by the name of the file, else what the head says."""
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
        return "\t"
    return prepare.separator_of(text.partition("\n")[0])


def ragged_rows(text: str, mark: str) -> list[int]:
    """Return the rows, from 1 on, that do not have as many values as the first line."""
    lines = text.splitlines()
    if '"' not in text:
        width = lines[0].count(mark) if lines else 0
        return [number for number, line in enumerate(lines) if line and line.count(mark) != width]
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    head = next(rows, [])
    return [number for number, row in enumerate(rows, 1) if row and len(row) != len(head)]


def text_of_file(path: Path) -> tuple[str, str]:
    """Read a text file, decompressed where it is, and name the encoding that it was read in.

    Raises:
        OSError: The file cannot be read.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"


def frame_of_text(text: str, mark: str, ragged: Sequence[int] = ()) -> Any:
    """Read a separated table as a frame of text, without the ragged rows.

    Raises:
        polars.exceptions.PolarsError: It is no table.
    """
    import polars

    frame = polars.read_csv(
        io.BytesIO((_without(text, mark, ragged) if ragged else text).encode()),
        separator=mark,
        # Kinds are decided over all rows: a guess from the first hundred goes wrong.
        infer_schema=False,
        null_values=list(prepare.MISSING),
    )
    return _with_points(frame) if mark == ";" else frame


def _with_points(frame: Any) -> Any:
    """Write numbers with a point: where semicolons separate, commas are decimal."""
    return frame.with_columns(_with_point(name) for name in frame.columns)


def _with_point(name: str) -> Any:
    import polars

    text = polars.col(name)
    number = text.str.strip_chars().str.extract_groups(f"^{prepare.DECIMAL_COMMA}$")
    whole, rest = number.struct.field("1"), number.struct.field("2")
    pointed = whole.str.replace_all(".", "", literal=True) + "." + rest
    return polars.coalesce(pointed, text).alias(name)


def numbered_as_in_file(rows: Iterable[int], ragged: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers in their file of rows that were counted without the ragged ones."""
    numbers = []
    for row in rows:
        number = row
        for left_out in sorted(ragged):
            number += left_out <= number
        numbers.append(number)
    return tuple(numbers)


def rows_in_words(rows: Sequence[int], count: int) -> str:
    """Name the first of some rows, and say how many others there are."""
    some = ", ".join(str(row) for row in rows[:MOST_SAID])
    return f"{some} and {count - MOST_SAID} more" if count > MOST_SAID else some


def is_ragged(path: Path, rows: Sequence[int], count: int) -> DataError:
    """Return the error for rows of another length, of which the first few are given."""
    return DataError(
        f"{count} rows of the table have another length",
        why=f"Row {rows_in_words(rows, count)} has more or fewer values than there are columns.",
        where=str(path),
        hint="Leave these rows out, or mend them in the file.",
    )


def _without(text: str, mark: str, rows: Sequence[int]) -> str:
    left_out = set(rows)
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=mark, lineterminator="\n")
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
        if number not in left_out:
            writer.writerow(row)
    return kept.getvalue()
