"""Texts too large to be held: cut into tokens once, which are mapped from the cache.

Memory holds a piece of the text at a time, and what the tokens are.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.cache import cached
from engine.data.content import common_tokens
from engine.data.large.pieces import encoding_of, text_stream
from engine.data.progress import tell
from nodes.sources import Prose

Array = npt.NDArray[Any]

LARGEST_BYTES: Final = 64 << 20
"""Of a longer text the tokens alone are kept."""

_PIECE_LETTERS: Final = 1 << 20
_SAMPLE_BYTES: Final = 64 << 20
"""Words, and pieces of words, are chosen from about so much text, evenly spread."""

_CODES: Final = 0x110000
_TOKENS: Final = "tokens.bin"


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """A text as the numbers of its tokens."""

    known: tuple[str, ...]
    numbers: Array
    share: float
    """How much of the text the tokens were chosen from."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that is gone through piece by piece, as often as it is needed."""

    files: Sequence[Path]
    """What is read anew when it changes."""

    digest: str
    """What changes when very many files do."""

    size_bytes: int
    parts: Callable[[], Iterable[str]]


def kept_tokens(source: Prose, writing: Writing) -> KeptTokens:
    """Return the tokens of a text, cut now or before.

    Raises:
        DataError: There is no room for them.
        OSError: A file cannot be read.
    """
    settings = f"tokens\n{source.unit}\n{source.words}\n{source.column}\n{writing.digest}"
    folder, facts = cached(
        writing.files, settings, lambda scratch: _write(source, writing, scratch)
    )
    numbers = np.memmap(folder / _TOKENS, facts["dtype"], mode="r")
    return KeptTokens(tuple(facts["known"]), numbers, facts["share"])


def text_pieces(file: Path, encoding: str = "") -> Iterator[str]:
    """Yield the text of a file in pieces of about a million letters; no word is cut.

    Args:
        encoding: How it is written; found out by going through all of it where not given.

    Raises:
        OSError: The file cannot be read.
    """
    rest = ""
    with text_stream(file, encoding or encoding_of(file)) as stream:
        while more := stream.read(_PIECE_LETTERS):
            text = rest + more
            cut = _between_words(text)
            rest = text[cut:]
            yield text[:cut]
    if rest:
        yield rest


def known_tokens(texts: Iterable[str], unit: str, most: int) -> tuple[str, ...]:
    """Return the tokens of texts, at most ``most`` with the two reserved ones.

    Characters in the order of the alphabet, words and pieces of words the commonest first.
    """
    if unit != "character":
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(prepare.pieces(text, unit))
        return common_tokens(counts, unit, most)
    amounts = np.zeros(_CODES, np.int64)
    for text in texts:
        found, some = np.unique(_codes(text), return_counts=True)
        amounts[found] += some
    there = np.flatnonzero(amounts)
    common = there[np.argsort(-amounts[there], kind="stable")][: most - prepare.RESERVED]
    return tuple(chr(code) for code in sorted(common.tolist()))


def numbering(unit: str, known: Sequence[str]) -> Callable[[str], Array]:
    """Return what turns a text into the numbers of its tokens."""
    dtype = np.min_scalar_type(len(known) + prepare.RESERVED)
    if unit == "character":
        table = np.full(_CODES, prepare.UNKNOWN, dtype)
        table[[ord(letter) for letter in known]] = np.arange(len(known)) + prepare.RESERVED
        return lambda text: table[_codes(text)]
    split = prepare.splitter(unit, known)
    places = {token: place for place, token in enumerate(known, prepare.RESERVED)}
    return lambda text: np.array(
        [places.get(token, prepare.UNKNOWN) for token in split(text)], dtype
    )


def _write(source: Prose, writing: Writing, folder: Path) -> Mapping[str, Any]:
    every = 1 if source.unit == "character" else -(-writing.size_bytes // _SAMPLE_BYTES)
    known = known_tokens(_told(writing, every), source.unit, source.words)
    number = numbering(source.unit, known)
    with (folder / _TOKENS).open("wb") as stream:
        for text in _told(writing, 1):
            _put(number(text), stream)
    return {"known": known, "dtype": str(number("").dtype), "share": 1 / every}


def _put(numbers: Array, stream: BinaryIO) -> None:
    stream.write(numbers.tobytes())


def _told(writing: Writing, every: int) -> Iterator[str]:
    """Yield one piece of so many, and tell how far the text has been gone through."""
    done = 0
    for place, text in enumerate(writing.parts()):
        tell(min(done, writing.size_bytes), writing.size_bytes)
        done += len(text)
        if place % every == 0:
            yield text


def _between_words(text: str) -> int:
    """Return where a text is best cut: before the last gap of one space, where it has any."""
    cut = text.rfind(" ")
    while cut > 0 and text[cut - 1].isspace():
        cut = text.rfind(" ", 0, cut)
    return cut if cut > 0 else text.rfind("\n") + 1 or len(text)


def _codes(text: str) -> npt.NDArray[np.uint32]:
    # What stands in the place of a broken character is one, too.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
