"""A table as a data set that is read from disk: random access, a few blocks in memory."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, overload

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data.amounts import grouped
from engine.data.content import Category, TablePart
from engine.data.large.constants import Described, count_training, described
from engine.data.large.files import TableFiles, open_files, read_block
from engine.data.large.survey import Survey, survey
from engine.data.large.values import numbers_of, prepared, texts_of
from engine.data.memory import give_back
from engine.data.places import Origins
from engine.data.row_sets import Rows
from engine.data.separated import is_ragged
from engine.data.shuffling import WINDOW_BLOCKS
from engine.data.spec import DataSpec, RawColumn, SamplesLostError
from engine.data.tables import needs_columns, parts_of
from nodes.errors import DataError
from nodes.sources import Column, Table

Array = npt.NDArray[Any]

_SPARE_BLOCKS: Final = 4
"""For whoever looks at other rows meanwhile."""

_SORTED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class LargeTable:
    """A table whose rows stay on disk, before its constants are known."""

    source: Table
    files: TableFiles
    survey: Survey

    @property
    def samples(self) -> int:
        """How many rows are whole."""
        return len(self.survey.kept)

    @property
    def sides(self) -> Mapping[str, Array]:
        """Groups and given parts."""
        return self.survey.sides

    def fitted(self, spec: DataSpec, training: Rows) -> "StreamedTable":
        """Take the constants from the training rows."""
        return self._with(parts_of(self.source), spec, training)

    def classified(self, spec: DataSpec) -> "StreamedTable":
        """Return the fields of classes alone; no constants are taken from any row."""
        parts = tuple(part for part in parts_of(self.source) if isinstance(part, Category))
        return self._with(parts, spec, np.zeros(0, np.int64))

    def _with(
        self, parts: tuple[TablePart, ...], spec: DataSpec, training: Rows
    ) -> "StreamedTable":
        constants = count_training(self.files, self.survey, parts, training)
        fields = tuple(described(part, self.survey, constants) for part in parts)
        return StreamedTable(self, spec, fields)


def read_large_table(source: Table) -> LargeTable:
    """Look through a large table as its source describes it.

    Raises:
        DataError: It cannot be read, or is not as described.
    """
    path = Path(source.path)
    files = open_files(path)
    needs_columns(files.columns, source.columns, path)
    if files.ragged and not source.skip_problems:
        raise is_ragged(path, files.ragged_rows, files.ragged)
    return LargeTable(source, files, survey(files, source))


class StreamedTable:
    """A table that is read block by block; the blocks used last stay in memory."""

    def __init__(self, table: LargeTable, spec: DataSpec, fields: tuple[Described, ...]) -> None:
        self._table = table
        self._fields = {one.field.name: one for one in fields}
        self._starts = table.files.starts()
        self._kept = table.survey.kept
        self._held: OrderedDict[tuple[str, int], Array] = OrderedDict()
        self._lock = Lock()
        self._spec = _completed(spec, table, fields)

    @property
    def spec(self) -> DataSpec:
        """What it holds."""
        return self._spec

    @property
    def sides(self) -> Mapping[str, Array]:
        """Groups and given parts, where there are any."""
        return self._table.sides

    @property
    def columns(self) -> Mapping[str, RawColumn]:
        """The values as the files hold them, read as they are looked at."""
        return {
            column.name: StreamedColumn(self._table, column)
            for column in self._table.source.columns
            if column.role != "ignore"
        }

    @property
    def origins(self) -> Mapping[str, Origins]:
        """None: no value of a table lies in a file of its own."""
        return {}

    @property
    def blocks(self) -> npt.NDArray[np.int64]:
        """The first sample of each block, and the number of samples at the end."""
        return self._kept.places_of(self._starts)

    @property
    def is_ready(self) -> bool:
        """Rows are read as they are: nothing is decoded before."""
        return True

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> Array:
        """Return the values of one field for the given samples, in their order.

        Raises:
            SamplesLostError: Some of them are on disk no more.
        """
        one = self._fields[field]
        lost = np.zeros(len(indices), bool)
        why: DataError | None = None
        dtype = np.float32 if one.field.dtype == "float" else np.int64
        values = np.empty((len(indices), *one.field.sizes), dtype)
        for begin in range(0, len(indices), _SORTED_AT_ONCE):
            part = values[begin : begin + _SORTED_AT_ONCE]
            wanted = self._kept[indices[begin : begin + _SORTED_AT_ONCE]]
            for block, rows, places in split_by_block(self._starts, wanted):
                try:
                    part[places] = self._block(one, block)[rows]
                except DataError as error:
                    lost[begin + places], why = True, error
        if why is not None:
            raise SamplesLostError(why, lost) from why
        return values

    def _block(self, one: Described, block: int) -> Array:
        key = (one.field.name, block)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        values = prepared(read_block(self._table.files.blocks[block], one.columns), one.how)
        give_back()
        with self._lock:
            self._held[key] = values
            while len(self._held) > (WINDOW_BLOCKS + _SPARE_BLOCKS) * len(self._fields):
                self._held.popitem(last=False)
        return values


class StreamedColumn:
    """The raw values of one column, read as they are looked at."""

    def __init__(self, table: LargeTable, column: Column) -> None:
        self._table = table
        self._column = column

    def __len__(self) -> int:
        return self._table.samples

    @overload
    def __getitem__(self, wanted: int) -> Any: ...
    @overload
    def __getitem__(self, wanted: slice) -> Array: ...
    def __getitem__(self, wanted: int | slice) -> Any:
        """Return one value, or those of a stretch."""
        if isinstance(wanted, slice):
            return self._read(self._table.survey.kept[wanted])
        return self._read(self._table.survey.kept[wanted : wanted + 1])[0]

    def _read(self, rows: npt.NDArray[np.int64]) -> Array:
        is_number = self._column.kind == "number"
        values = np.empty(len(rows), np.float64 if is_number else object)
        files = self._table.files
        for block, inside, places in split_by_block(files.starts(), rows):
            series = read_block(files.blocks[block], [self._column.name])[self._column.name]
            found = numbers_of(series)[0] if is_number else np.array(texts_of(series), object)
            values[places] = found[inside]
        return values


def split_by_block(
    starts: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield each block with the rows wanted of it, and the places where they are wanted."""
    of_row = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(of_row, kind="stable")
    bounds = np.flatnonzero(np.diff(of_row[order])) + 1
    for places in np.split(order, bounds):
        if places.size:
            block = int(of_row[places[0]])
            yield block, rows[places] - starts[block], places


def _completed(spec: DataSpec, table: LargeTable, fields: tuple[Described, ...]) -> DataSpec:
    notes = [*spec.notes, *table.survey.notes]
    if table.files.ragged:
        notes.append(f"{table.files.ragged} rows of another length were left out.")
    return msgspec.structs.replace(
        spec,
        fields=tuple(one.field for one in fields),
        samples=table.samples,
        class_names={
            **{one.field.name: one.class_names for one in fields if one.class_names},
            **spec.class_names,
        },
        preparations={one.field.name: one.how for one in fields},
        notes=(*notes, _how_it_is_read(table.files)),
    )


def _how_it_is_read(files: TableFiles) -> str:
    rows = grouped(max(block.rows for block in files.blocks))
    return (
        f"The table is read from disk. Each epoch takes blocks of {rows} rows in a new order and "
        f"shuffles the rows of {WINDOW_BLOCKS} blocks among each other."
    )
