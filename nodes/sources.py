"""Where the samples of one's own data lie, and what becomes of them; kept with the drawing.

A source only describes. It is read by ``engine.data``, never run.
"""

from typing import Literal, TypeAlias

import msgspec

from nodes.params import LARGEST

ColumnRole: TypeAlias = Literal["input", "port", "target", "group", "part", "ignore"]
ColumnKind: TypeAlias = Literal["number", "category", "date", "text"]
Token: TypeAlias = Literal["word", "character", "subword"]
"""What a text is cut into; subwords are learned from the text (byte-pair encoding)."""


class _Source(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The base of all sources; sizes are checked, since a project may come from anybody."""

    path: str
    skip_problems: bool = False
    """Leave out what cannot be read instead of refusing the whole."""

    stop_when_lost: bool = False
    """Hold training where samples vanish meanwhile, instead of letting others stand in."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and not 0 <= value <= LARGEST:
                raise ValueError(f"{name} of the data source is out of range")


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table, and what becomes of it."""

    name: str
    kind: ColumnKind = "number"
    role: ColumnRole = "input"
    """``input`` columns make up the vector ``features``; a ``port`` is an output of its own."""


class Table(_Source, frozen=True, kw_only=True, tag="table"):
    """A table of samples, one a row: CSV, TSV, Parquet, JSON lines, or a sheet of a workbook."""

    columns: tuple[Column, ...] = ()
    sheet: str = ""
    """Which sheet of a workbook; the first that holds a table if empty."""

    words: int = 8000
    """The largest vocabulary of a text column."""

    length: int = 100
    """Tokens of a text column; longer texts are cut, shorter ones padded in front."""

    unit: Token = "word"
    text_is_missing: bool = False
    """Text in a column of numbers counts as a value that is missing, instead of as a problem."""


class Series(_Source, frozen=True, kw_only=True, tag="series"):
    """A table whose rows follow each other in time; a sample is a window of rows."""

    columns: tuple[str, ...] = ()
    """What the window holds."""

    sheet: str = ""
    """Which sheet of a workbook, as of a table."""

    target: str = ""
    """What is forecast."""

    window: int = 24
    """Rows of a window."""

    ahead: int = 1
    """How many rows after the window the forecast one lies."""


class Prose(_Source, frozen=True, kw_only=True, tag="prose"):
    """A text to go on writing: each token of a passage is answered by the next one.

    The path is a file, a folder of files that follow each other, or a table of texts.
    """

    column: str = ""
    """The column of a table that holds the texts."""

    unit: Token = "character"
    length: int = 128
    """Tokens of a passage."""

    words: int = 8000
    """The largest vocabulary."""


class Images(_Source, frozen=True, kw_only=True, tag="images"):
    """A folder of pictures, each class in a folder of its own."""

    channels: int = 3
    height: int = 64
    width: int = 64


class Pairs(_Source, frozen=True, kw_only=True, tag="pairs"):
    """Pictures, and masks of the same names whose pixels are the numbers of classes."""

    masks: str = ""
    """The folder of the masks."""

    channels: int = 3
    height: int = 64
    width: int = 64


class PictureTable(_Source, frozen=True, kw_only=True, tag="picture_table"):
    """Pictures, and a table that says something of each.

    The path is a table that names the files, a tar file or a folder of them (WebDataset), or a
    data set that Hugging Face's library saved.
    """

    picture: str = ""
    """The column of the picture: a name of a file, or the picture itself."""

    mask: str = ""
    """The column of its mask, where what is learnt is a class for each pixel."""

    columns: tuple[Column, ...] = ()
    sheet: str = ""
    """Which sheet of a workbook, as of a table."""

    channels: int = 3
    height: int = 64
    width: int = 64


class Sounds(_Source, frozen=True, kw_only=True, tag="sounds"):
    """A folder of recordings, each class in a folder of its own; a zip of such a folder as well."""

    rate: int = 16_000
    """Samples a second, to which every recording is brought."""

    length: int = 16_000
    """Samples of a recording; longer ones are cut, shorter ones end in silence."""

    groups: Literal["", "name"] = ""
    """``name``: files of the same name are one speaker's, and stay together in a split."""


class SoundTable(_Source, frozen=True, kw_only=True, tag="sound_table"):
    """Recordings, and a table that says something of each.

    The path is a table that names the files, or a data set that Hugging Face's library saved.
    """

    sound: str = ""
    """The column of the recording: a name of a file, or the recording itself."""

    columns: tuple[Column, ...] = ()
    sheet: str = ""
    """Which sheet of a workbook, as of a table."""

    rate: int = 16_000
    """Samples a second, as of a folder of recordings."""

    length: int = 16_000
    """Samples of a recording."""


class Texts(_Source, frozen=True, kw_only=True, tag="texts"):
    """A folder of texts, each class in a folder of its own."""

    words: int = 8000
    length: int = 200
    unit: Token = "word"


class Arrays(_Source, frozen=True, kw_only=True, tag="arrays"):
    """NumPy arrays or IDX files with one entry for each sample."""

    fields: tuple[tuple[str, str], ...] = ()
    """The name of a field, and where its array is: a key of an ``.npz``, or a file beside."""

    test: tuple[tuple[str, str], ...] = ()
    """The same fields in other arrays, whose samples are the given test part."""

    labels: tuple[str, ...] = ()
    """Which of the fields number classes."""

    images: tuple[str, ...] = ()
    """Which of the fields are pictures; those without an axis for channels get one."""


Source: TypeAlias = (
    Table | Series | Prose | Images | Pairs | PictureTable | Sounds | SoundTable | Texts | Arrays
)
