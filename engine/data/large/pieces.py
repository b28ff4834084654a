"""Text tables in pieces: a file of any length, read once, in whole rows."""

import codecs
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from engine.data.progress import tell

_BYTES = 1 << 22
_LONGEST_ROW = 4
"""In pieces."""


def encoding_of(path: Path, *, beginning: bool = False) -> str:
    """Return how a text file is written: UTF-8, UTF-16, or Windows-1252 where it is neither.

    Args:
        beginning: Judge it by its first few megabytes.

    Raises:
        OSError: The file cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with _opened(path) as stream:
        content = stream.read(_BYTES)
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        try:
            while content:
                tell(0)
                decoder.decode(content)
                if beginning:
                    return "utf-8-sig"
                content = stream.read(_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def pieces(path: Path, encoding: str, letters: int, *, quoted: bool) -> Iterator[str]:
    """Yield the text of a file in pieces of about so many letters that end with a row.

    Args:
        quoted: A line may end inside of quotes, and the row goes on.

    Raises:
        OSError: The file cannot be read.
    """
    rest = ""
    with text_stream(path, encoding) as stream:
        while more := stream.read(letters):
            text = rest + more
            # A quote that is never closed would make a row of the whole file.
            cut = _last_row_end(text, quoted=quoted and len(text) < _LONGEST_ROW * letters)
            rest = text[cut:]
            if cut:
                yield text[:cut]
    if rest:
        yield rest


def _last_row_end(text: str, *, quoted: bool) -> int:
    cut = text.rfind("\n") + 1
    quotes = text.count('"', 0, cut) if quoted else 0
    # An odd number of quotes before a line's end: the line ends inside of a value.
    while cut and quotes % 2:
        before = text.rfind("\n", 0, cut - 1) + 1
        quotes -= text.count('"', before, cut)
        cut = before
    return cut


def text_stream(path: Path, encoding: str) -> TextIO:
    """Open a text file, packed or not; what is not text in this encoding is marked."""
    return io.TextIOWrapper(_opened(path), encoding=encoding, errors="replace", newline="")


def _opened(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")
