"""Series: windows over the rows of a table that follow each other in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import Content, Made, prepared
from engine.data.preparation import Standard, Windows
from engine.data.tables import read_columns
from nodes.errors import DataError
from nodes.io import DataField
from nodes.sources import Series

Array = npt.NDArray[Any]


def read_series(source: Series) -> Content:
    """Read a table as windows in time.

    Raises:
        DataError: It cannot be read, is shorter than a window, or has gaps.
    """
    path = Path(source.path)
    columns = read_columns(path, sheet=source.sheet, skips_ragged=source.skip_problems)
    _needs(columns, source)
    numbers = {name: _whole(prepare.numbers(columns[name])) for name in _used(source)}
    rows = len(next(iter(numbers.values())))
    samples = rows - source.window - source.ahead + 1
    if samples < 1:
        raise DataError(
            "The series is shorter than one window",
            why=f"It has {rows} rows; a window of {source.window} and its forecast need more.",
            where=str(path),
            hint="Choose a smaller window.",
        )
    return Content(samples, (_Window(source), _Next(source)), numbers)


@dataclass(frozen=True, slots=True)
class _Window:
    source: Series

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return a view: no row is kept twice."""
        names, length = self.source.columns, self.source.window
        seen = _seen(columns, training, length)
        how = Windows(
            columns=names,
            mean=tuple(float(seen[name].mean()) for name in names),
            deviation=tuple(float(seen[name].std()) or 1.0 for name in names),
            length=length,
        )
        rows = prepare.standardised(
            columns, {"columns": names, "mean": how.mean, "deviation": how.deviation}
        )
        windows = np.lib.stride_tricks.sliding_window_view(rows, length, axis=0)
        samples = len(rows) - length - self.source.ahead + 1
        values = windows[:samples].transpose(0, 2, 1)
        return Made(DataField("window", "sequence", (length, len(names))), values, how)


@dataclass(frozen=True, slots=True)
class _Next:
    source: Series

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return the row that is forecast."""
        name, first = self.source.target, self.source.window + self.source.ahead - 1
        seen = _seen(columns, training, self.source.window)[name]
        how = Standard(
            columns=(name,), mean=(float(seen.mean()),), deviation=(float(seen.std()) or 1.0,)
        )
        return Made(DataField("next", "number", (1,)), prepared(columns, how)[first:], how)


def _seen(
    columns: Mapping[str, Array], training: npt.NDArray[np.int64], length: int
) -> dict[str, Array]:
    """Return the rows that the training windows hold."""
    used = np.zeros(len(next(iter(columns.values()))) + 1, np.int64)
    np.add.at(used, training, 1)
    np.add.at(used, np.minimum(training + length, len(used) - 1), -1)
    return {name: values[np.cumsum(used[:-1]) > 0] for name, values in columns.items()}


def _used(source: Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*source.columns, source.target)))


def _whole(values: Array) -> Array:
    """Fill gaps by the value before; a series without any value stays empty."""
    places = np.where(np.isfinite(values), np.arange(len(values)), -1)
    last = np.maximum.accumulate(places)
    known = values[np.isfinite(values)]
    first = known[0] if known.size else 0.0
    return np.where(last < 0, first, values[np.maximum(last, 0)])


def _needs(columns: Mapping[str, Array], source: Series) -> None:
    for name in _used(source):
        if name not in columns or columns[name].dtype == object:
            what = "no numbers in" if name in columns else "no column"
            raise DataError(
                f"The series has {what} “{name[:40]}”",
                why=f"It has {', '.join(list(columns)[:12])}.",
                where=source.path,
                hint="Choose a column of numbers.",
            )
