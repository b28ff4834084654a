"""What is done to the values of a field before the model gets them, with the constants it needs.

The constants are taken from the training samples alone. Everything that a prediction needs is
here, so that an export can carry it; ``engine.data.prepare`` does the work.
"""

from typing import TypeAlias

import msgspec


class NumberColumn(msgspec.Struct, frozen=True, kw_only=True, tag="number"):
    """A column of numbers, standardised: (value − mean) / deviation."""

    name: str
    fill: float
    """Stands in for a missing value: the median."""

    mean: float
    deviation: float
    marks_missing: bool = False
    """A second number says whether the value was missing."""


class CategoryColumn(msgspec.Struct, frozen=True, kw_only=True, tag="category"):
    """A column of words, one-hot; a value that is not in the list is all zeros."""

    name: str
    values: tuple[str, ...]


class DateColumn(msgspec.Struct, frozen=True, kw_only=True, tag="date"):
    """A column of dates as time passed, standardised, and where in the year and the week it is.

    Year, week and day go round: each is the sine and the cosine of its angle.
    """

    name: str
    fill: float
    """Days since 1970, as all that follows. Stands in for a missing date: the median."""

    mean: float
    deviation: float
    day_first: bool = False
    """01/02/2020 is in February."""

    has_hours: bool = False
    """The time of day counts too."""

    marks_missing: bool = False


FeatureColumn: TypeAlias = NumberColumn | CategoryColumn | DateColumn


class Features(msgspec.Struct, frozen=True, kw_only=True, tag="features"):
    """Columns of a table side by side as one vector."""

    columns: tuple[FeatureColumn, ...]


class Index(msgspec.Struct, frozen=True, kw_only=True, tag="index"):
    """A column of words as the number of each, for an embedding or a label."""

    column: str
    values: tuple[str, ...]
    unknown: bool = False
    """Number 0 stands for what is not in the list; the list counts from 1."""


class Standard(msgspec.Struct, frozen=True, kw_only=True, tag="standard"):
    """Numbers, standardised one by one: shape (length of ``columns``,)."""

    columns: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Plain(msgspec.Struct, frozen=True, kw_only=True, tag="plain"):
    """Numbers as they are, each with a name of its own: shape (length of ``columns``,)."""

    columns: tuple[str, ...]


class Windows(msgspec.Struct, frozen=True, kw_only=True, tag="windows"):
    """The last rows of a table, standardised column by column: (length, columns)."""

    columns: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    length: int
    fills: bool = False
    """Fewer rows will do: zeros stand in front of them."""


class Tokens(msgspec.Struct, frozen=True, kw_only=True, tag="tokens"):
    """Text as the numbers of its tokens; 1 is an unknown one."""

    column: str
    unit: str
    """``word``, ``character`` or ``subword``."""

    vocabulary: tuple[str, ...]
    """Number 2 and following."""

    length: int
    padding: int = 0
    """What fills a shorter text up in front."""

    keeps_end: bool = False
    """A longer text is cut in front: what comes next depends on its end."""

    fills_end: bool = False
    """A shorter text is filled up behind: who foresees the next token reads from the start."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """What was answered so far, where a model answers token by token.

    In training it is the right answer, one place later. A new sample begins with padding alone, and
    the model's own tokens are filled in one after another.
    """

    vocabulary: tuple[str, ...]
    """Number 2 and following."""

    length: int


class Waveform(msgspec.Struct, frozen=True, kw_only=True, tag="waveform"):
    """A recording: one channel at a fixed rate, cut or filled up with silence: (1, length)."""

    rate: int
    length: int


Preparation: TypeAlias = Features | Index | Standard | Plain | Windows | Tokens | Answer | Waveform
