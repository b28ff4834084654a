"""Tables: CSV, TSV, Parquet, JSON lines and workbooks, read whole, column by column."""

import csv
import io
import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data import hugging, prepare
from engine.data.content import Category, Content, FeatureVector, Number, TablePart, Words
from engine.data.large.pieces import text_stream
from engine.data.prepare import text_of
from engine.data.separated import (
    MOST_SAID,
    frame_of_text,
    is_ragged,
    is_separated,
    numbered_as_in_file,
    ragged_rows,
    rows_in_words,
    separator,
    text_of_file,
)
from engine.data.workbooks import SUFFIXES as WORKBOOKS
from engine.data.workbooks import is_workbook, read_sheet
from engine.data.written import as_text
from engine.graph.names import identifier, unique
from nodes.errors import DataError
from nodes.sources import Column, Table

Array = npt.NDArray[Any]

SUFFIXES = (".csv", ".tsv", ".tab", ".parquet", ".jsonl", ".ndjson", ".json", *WORKBOOKS)
NO_VALUE: Final[Mapping[str, str]] = {"number": "no number", "date": "no date"}
"""What a column of a kind holds where it holds text."""

PARTS = {"training": 0, "train": 0, "validation": 1, "valid": 1, "val": 1, "dev": 1, "test": 2}


def read_columns(
    path: Path, texts: Collection[str] = (), *, sheet: str = "", skips_ragged: bool = False
) -> dict[str, Array]:
    """Read every column of a table: floats where all values are numbers, else text or None.

    Args:
        texts: Columns that stay text as it is written.
        sheet: Which sheet of a workbook; the first that holds a table if empty.
        skips_ragged: Leave out rows with more or fewer values than there are columns.

    Raises:
        DataError: The file cannot be read as a table, or has such rows.
    """
    import polars

    try:
        frames = (
            [hugging.frame(path)]
            if hugging.is_saved(path)
            else [_frame(file, sheet, skips_ragged=skips_ragged) for file in table_files(path)]
        )
        frame = polars.concat(frames, how="vertical_relaxed") if len(frames) > 1 else frames[0]
    except (
        *(OSError, EOFError, ValueError, zlib.error, csv.Error),
        polars.exceptions.PolarsError,
    ) as error:
        raise unreadable(path, str(error).splitlines()[0] if str(error) else "") from error
    except IndexError:
        raise unreadable(path, "Its tables are of several kinds.") from None
    if not frame.height or not frame.width:
        raise unreadable(path, "It has no rows.")
    return {name: column_values(frame[name], is_text=name in texts) for name in frame.columns}


def table_files(path: Path) -> tuple[Path, ...]:
    """Return the files of a table in order: itself, or those of a folder that are of one kind."""
    if not path.is_dir():
        return (path,)
    if hugging.is_saved(path):
        return tuple(hugging.data_files(path))
    found = sorted(
        file
        for file in path.iterdir()
        if table_kind(file) and file.is_file() and not file.name.startswith(".")
    )
    return tuple(found) if len({table_kind(file) for file in found}) == 1 else ()


def is_one_table(folder: Path) -> bool:
    """Say whether the tables of a folder go on from each other: of one kind, with equal columns."""
    import polars

    try:
        return len({_head(file) for file in table_files(folder)}) == 1
    except (OSError, EOFError, ValueError, zlib.error, polars.exceptions.PolarsError):
        return False


def _head(file: Path) -> tuple[str, ...]:
    import polars

    if is_workbook(file):
        return tuple(read_sheet(file).columns)
    if table_kind(file) == ".parquet":
        return tuple(polars.read_parquet_schema(file))
    with text_stream(file, "utf-8-sig") as stream:
        line = stream.readline()
    return tuple(json.loads(line)) if table_kind(file).endswith(("jsonl", "ndjson")) else (line,)


def table_kind(file: Path) -> str:
    """Return the ending that says which kind of table a file is; empty for what is none."""
    name = file.name.lower().removesuffix(".gz")
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def read_table(source: Table) -> Content:
    """Read a table as its source describes it.

    Raises:
        DataError: It cannot be read, or is not as described.
    """
    path = Path(source.path)
    texts = {column.name for column in source.columns if column.kind != "number"}
    columns = read_columns(path, texts, sheet=source.sheet, skips_ragged=source.skip_problems)
    needs_columns(columns, source.columns, path)
    ragged = _ragged(path) if source.skip_problems else []
    notes = _ragged_note(ragged)
    bad = rows_not_whole(columns, source, notes, ragged[0] if len(ragged) == 1 else [])
    if bad.all():
        raise unreadable(path, "No row is whole.")
    if bad.any():
        columns = {name: values[~bad] for name, values in columns.items()}
    samples = len(next(iter(columns.values())))
    return Content(samples, parts_of(source), columns, sides_of(columns, source), tuple(notes))


def field_names(columns: tuple[Column, ...]) -> dict[str, str]:
    """Return the name of the field that each column of its own becomes."""
    taken = {"features"}
    names = {}
    for column in columns:
        if column.role in ("port", "target") or (column.role == "input" and column.kind == "text"):
            names[column.name] = unique(identifier(column.name), taken)
            taken.add(names[column.name])
    return names


def unreadable(path: Path, why: str) -> DataError:
    """Return the error for a table that cannot be read."""
    return DataError(
        "The table cannot be read",
        why=f"{why.rstrip('.')}." if why else "",
        where=str(path),
        hint="Save it again as CSV in UTF-8, or choose another file.",
    )


def _frame(path: Path, sheet: str, *, skips_ragged: bool) -> Any:
    import polars

    if is_workbook(path):
        return polars.DataFrame(read_sheet(path, sheet).columns)
    name = path.name.removesuffix(".gz").lower()
    if name.endswith(".parquet"):
        return polars.read_parquet(path)
    text, _ = text_of_file(path)
    if name.endswith(".json"):
        return polars.read_json(io.BytesIO(text.encode()), infer_schema_length=None)
    if name.endswith((".jsonl", ".ndjson")):
        return polars.read_ndjson(io.BytesIO(text.encode()), infer_schema_length=None)
    mark = separator(path, text)
    ragged = ragged_rows(text, mark)
    if ragged and not skips_ragged:
        raise is_ragged(path, ragged, len(ragged))
    return frame_of_text(text, mark, ragged)


def column_values(series: Any, *, is_text: bool = False) -> Array:
    """Return the values of a column: floats where all are numbers, else text or None.

    A number that is infinite is one that is missing.
    """
    import polars

    if is_text:
        return np.asarray(as_text(series).to_numpy(), object)
    if series.dtype.is_numeric() or series.dtype == polars.Boolean:
        return _finite(series.cast(polars.Float64).to_numpy())
    text = as_text(series).str.strip_chars()
    numbers = text.cast(polars.Float64, strict=False)
    if numbers.null_count() == text.null_count() and text.null_count() < len(text):
        return _finite(numbers.to_numpy())
    return np.asarray(text.to_numpy(), object)


def _finite(numbers: Array) -> Array:
    return np.where(np.isfinite(numbers), numbers, np.nan).astype(np.float64)


def parts_of(source: Table) -> tuple[TablePart, ...]:
    """Return what the columns become: the vector first, the answers last."""
    names = field_names(source.columns)
    features = tuple(
        column for column in source.columns if column.role == "input" and column.kind != "text"
    )
    parts: tuple[TablePart, ...] = (FeatureVector(features),) if features else ()
    own = [column for column in source.columns if column.name in names]
    # Targets last, as people read a row.
    own.sort(key=lambda column: column.role == "target")
    return (*parts, *(_part(column, names[column.name], source) for column in own))


def _part(column: Column, name: str, source: Table) -> TablePart:
    match column.kind:
        case "number":
            return Number(column.name, name)
        case "category":
            return Category(column.name, name, is_label=column.role == "target")
        case "date":
            return FeatureVector((column,), name)
        case "text":
            return Words(column.name, name, source.words, source.length, source.unit)


def _ragged(path: Path) -> list[list[int]]:
    """Return the rows of another length of each file."""
    # One text at a time: together they may be long.
    texts = ((file, text_of_file(file)[0]) for file in table_files(path) if is_separated(file))
    return [ragged_rows(text, separator(file, text)) for file, text in texts]


def _ragged_note(ragged: Sequence[Sequence[int]]) -> list[str]:
    count = sum(map(len, ragged))
    return [f"{count} rows of another length were left out."] if count else []


def needs_columns(columns: Collection[str], wanted: tuple[Column, ...], path: Path) -> None:
    """Raise where the table lacks a column that it is described with."""
    for column in wanted:
        if column.name not in columns:
            raise DataError(
                f"The table has no column “{column.name[:40]}”",
                why=f"It has {', '.join(list(columns)[:12])}.",
                where=str(path),
                hint="Choose the file again, so that its columns are read anew.",
            )


def rows_not_whole(
    columns: dict[str, Array], source: Table, notes: list[str], ragged: Sequence[int] = ()
) -> Array:
    """Say which rows lack their answer, or hold text where numbers are needed.

    Numbers that were read as text take its place in ``columns``.

    Args:
        ragged: The rows of the file that are not among these.

    Raises:
        DataError: There are such rows, and nobody said to leave them out.
    """
    rows = len(next(iter(columns.values())))
    bad = np.zeros(rows, bool)
    for column in source.columns:
        if column.role == "ignore":
            continue
        values = columns[column.name]
        if values.dtype == object and column.kind in NO_VALUE:
            values, wrong = as_numbers(values) if column.kind == "number" else as_dates(values)
            columns[column.name] = values
            what = NO_VALUE[column.kind]
            tell_rows(source, notes, column.name, np.flatnonzero(wrong), what, ragged)
            if not source.text_is_missing:
                bad |= wrong
        if column.role == "target" or (column.role == "port" and column.kind == "number"):
            missing = np.array([text_of(value) == "" for value in values.tolist()])
            gaps = np.flatnonzero(missing & ~bad)
            tell_rows(source, notes, column.name, gaps, "nothing", ragged)
            bad |= missing
    return bad


def tell_rows(
    source: Table,
    notes: list[str],
    name: str,
    rows: Array,
    what: str,
    ragged: Sequence[int] = (),
) -> None:
    """Refuse rows that are not whole, or note what becomes of them.

    Args:
        ragged: The rows of the file that are not counted among these.

    Raises:
        DataError: Nobody said to leave them out, or to take text as missing.
    """
    if not rows.size:
        return
    numbers = numbered_as_in_file((int(row) + 1 for row in rows[:MOST_SAID]), ragged)
    fact = f"The column {name} holds {what} in row {rows_in_words(numbers, len(rows))}"
    if what in NO_VALUE.values() and source.text_is_missing:
        notes.append(f"{fact}: taken as missing.")
        return
    if not source.skip_problems:
        raise DataError(
            "One row of the table is not whole"
            if len(rows) == 1
            else f"{len(rows)} rows of the table are not whole",
            why=f"{fact}.",
            where=source.path,
            hint="Leave these rows out, or mend them in the file.",
        )
    notes.append(f"{fact}: left out.")


def as_numbers(values: Array) -> tuple[Array, Array]:
    """Return the numbers, and which values are text."""
    known: dict[str, float | None] = {}
    found = []
    for value in values.tolist():
        text = value if type(value) is str else text_of(value)
        if text not in known:
            known[text] = _number(text)
        found.append(known[text])
    return _finite(np.array(found, np.float64)), np.array([one is None for one in found], bool)


def _number(text: str) -> float | None:
    try:
        return prepare.number(text)
    except ValueError:
        return None


def as_dates(values: Array) -> tuple[Array, Array]:
    """Return the dates as they are written, None where there is none, and which are other text."""
    is_date = {value: _is_date(value) for value in {*values}}
    wrong = np.array([not is_date[value] for value in values], bool)
    dates = values.copy()
    dates[wrong] = None
    return dates, wrong


def _is_date(value: Any) -> bool:
    try:
        prepare.date(value)
    except ValueError:
        return False
    return True


def _days_of(values: Array) -> Array:
    """Return days since 1970; what has no date comes before all."""
    written, _ = as_dates(np.array([text_of(value) for value in values.tolist()], object))
    days = prepare.dates(written, day_first=prepare.is_day_first(written))
    return np.nan_to_num(days, nan=-np.inf)


def sides_of(columns: Mapping[str, Array], source: Table) -> dict[str, Array]:
    """Return the groups, the given parts and the days of the rows."""
    sides = {}
    for column in source.columns:
        if column.kind == "date" and column.role != "target" and "time" not in sides:
            sides["time"] = _days_of(columns[column.name])
        values = columns[column.name]
        if column.role == "group":
            texts = [text_of(value) for value in values.tolist()]
            sides["group"] = np.unique(texts, return_inverse=True)[1]
        if column.role == "part":
            named = [text_of(value).casefold() for value in values.tolist()]
            sides["part"] = np.array([PARTS.get(name, 0) for name in named])
    return sides
