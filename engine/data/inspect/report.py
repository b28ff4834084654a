"""What an inspection found, as plain values."""

from typing import Final, Literal, TypeAlias

import msgspec

from nodes.io import SplitBy
from nodes.sources import Column, Source

MOST_NAMED: Final = 100
"""Files or rows that a finding names."""

Weight: TypeAlias = Literal["note", "choice", "stop"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the files that a person should know."""

    code: str
    """Stable, for programs: ``unreadable``, ``ragged``, ``encoding``."""

    title: str
    why: str = ""
    weight: Weight = "note"
    """``choice``: these samples must be left out; ``stop``: the data cannot be used."""

    count: int = 0
    examples: tuple[str, ...] = ()
    """Files or rows, the first hundred."""

    column: str = ""
    """The column that it is about, where it is about one."""


class ColumnFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one column of a table holds."""

    column: Column
    """With the kind and the role that it seems to have."""

    missing: int = 0
    gaps: tuple[int, ...] = ()
    """Rows, counted from 1, without a value: the first hundred."""

    distinct: int = 0
    low: float | None = None
    """Of dates, as days since 1970."""

    high: float | None = None
    mean: float | None = None
    counts: tuple[int, ...] = ()
    """A histogram of the numbers from ``low`` to ``high``, or of the commonest ``values``."""

    values: tuple[str, ...] = ()
    """The commonest values of a column that holds no numbers, or of one with few of them."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What lies at a path, and the source that would read it."""

    path: str
    title: str
    """For people: ``Folder of pictures``."""

    source: Source | None = None
    """How it would be read; None where it cannot be."""

    name: str = "data"
    """A short name for the data set."""

    samples: int = 0
    files: int = 0
    size_bytes: int = 0
    classes: tuple[tuple[str, int], ...] = ()
    """Each class with its samples."""

    class_column: str = ""
    columns: tuple[ColumnFacts, ...] = ()
    sheets: tuple[str, ...] = ()
    """The sheets of a workbook that hold a table; the source names the one looked at."""

    facts: tuple[tuple[str, str], ...] = ()
    """Other facts in words: sizes of pictures, rates, the encoding."""

    findings: tuple[Finding, ...] = ()
    preview: tuple[tuple[str, str], ...] = ()
    """Some samples: a file or a row in words, and its class."""

    split_by: SplitBy = "random"

    @property
    def usable(self) -> bool:
        """Whether it can become a data set."""
        return self.source is not None and all(one.weight != "stop" for one in self.findings)

    @property
    def has_choice(self) -> bool:
        """Whether some samples must be left out before it can be used."""
        return any(one.weight == "choice" for one in self.findings)
