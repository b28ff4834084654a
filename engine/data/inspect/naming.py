"""Columns of a table that name files which lie beside it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.kinds import PICTURES
from engine.data.named_files import Finder
from engine.data.tables import read_columns
from nodes.errors import DataError

Array = npt.NDArray[Any]

MASKS: Final = re.compile(r"mask|segment|annotation|label", re.IGNORECASE)
"""What a column of masks is called."""

_LOOKED_AT: Final = 50
_ENOUGH: Final = 0.8


def naming_column(
    table: Path, columns: Mapping[str, Array], suffixes: Sequence[str], *, by_stem: bool = False
) -> str:
    """Return the column that names files which lie beside a table; empty where none does.

    Args:
        suffixes: What the files end in.
        by_stem: The names may be without their ending.
    """
    likely = {
        name: some
        for name, values in columns.items()
        if (some := _likely_names(values, suffixes, by_stem=by_stem))
    }
    finder = Finder(table.parent, suffixes) if likely else None
    for name, some in likely.items():
        assert finder is not None, "there are likely columns"
        if finder.known(some) >= _ENOUGH * len(some):
            return name
    return ""


def mask_column(table: Path, columns: Mapping[str, Array], picture: str) -> str:
    """Return the column that names masks of the pictures by its own name; empty for none."""
    others = {name: one for name, one in columns.items() if name != picture and MASKS.search(name)}
    return naming_column(table, others, PICTURES, by_stem=True)


def table_naming(folder: Path, suffixes: Sequence[str]) -> tuple[Path, str, str] | None:
    """Return the table of a folder that names its files, and the columns of them and of masks."""
    for table in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.tsv")):
        try:
            columns = read_columns(table, skips_ragged=True)
        except DataError:
            continue
        name = naming_column(table, columns, suffixes, by_stem=True)
        if name:
            return table, name, mask_column(table, columns, name)
    return None


def _likely_names(values: Array, suffixes: Sequence[str], *, by_stem: bool) -> list[str]:
    """Return some values of a column that may name files; none of another one."""
    if values.dtype != object:
        return []
    some = _some(values)
    named = sum(one.lower().endswith(tuple(suffixes)) for one in some)
    return some if by_stem or named >= _ENOUGH * len(some) else []


def _some(values: Array) -> list[str]:
    places = np.linspace(0, len(values) - 1, min(len(values), _LOOKED_AT)).astype(int)
    return [str(values[place]) for place in places if values[place]]
