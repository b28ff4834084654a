"""A series as people have it: a table in a file, or rows that were copied from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import prepare

Values = NDArray[np.float64]


def series_in_file(file: Path, names: Sequence[str]) -> Values:
    """Read the rows of a table, or of an array.

    Shapes:
        out: (rows, names)

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no such rows.
    """
    if file.suffix.lower() == ".npy":
        return _whole(np.load(file, allow_pickle=False), names)
    return _chosen(prepare.rows(file), names)


def series_in_text(text: str, names: Sequence[str]) -> Values:
    """Read rows that were typed or copied, with the names of their columns above or without.

    Shapes:
        out: (rows, names)

    Raises:
        ValueError: They are no rows of numbers.
    """
    lines = [line.replace("\t", ",").replace(";", ",") for line in text.strip().splitlines()]
    if any(name in lines[0] for name in names) if lines else False:
        return _chosen(prepare.rows_of("\n".join(lines), ".csv"), names)
    rows = [line.replace(",", " ").split() for line in lines]
    if len(rows) == 1 and len(names) == 1:
        # One number behind the other: the steps of the only column.
        rows = [[value] for value in rows[0]]
    if not rows or len({*map(len, rows)}) != 1:
        raise ValueError("Give rows of numbers, one step in each")
    return _whole(np.array([[prepare.number(value) for value in row] for row in rows]), names)


def _chosen(columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Values:
    lacking = [name for name in names if name not in columns]
    if lacking:
        raise ValueError(f"It has no column called {lacking[0]}")
    return np.asarray(prepare.side_by_side(columns, names), np.float64)


def _whole(rows: NDArray[Any], names: Sequence[str]) -> Values:
    if rows.shape[1:] != (len(names),):
        raise ValueError(f"A row is to hold {len(names)} numbers: {', '.join(names)[:80]}")
    if not np.isfinite(rows).all():
        raise ValueError("A number is missing")
    return np.asarray(rows, np.float64)
