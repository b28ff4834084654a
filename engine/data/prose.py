"""Prose: a long text cut into passages, each answered by itself one token later."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import Content, Made, vocabulary
from engine.data.preparation import Tokens
from engine.data.separated import text_of_file
from nodes.errors import DataError
from nodes.io import DataField
from nodes.sources import Prose

Array = npt.NDArray[Any]


def read_prose(source: Prose) -> Content:
    """Read a text as passages to go on writing.

    Raises:
        DataError: It cannot be read, or is shorter than one passage.
    """
    path = Path(source.path)
    try:
        text, encoding = text_of_file(path)
    except (OSError, EOFError) as error:
        raise DataError(
            "The text cannot be read",
            why=f"{error}.",
            where=str(path),
            hint="Choose a file of plain text.",
        ) from error
    known = _known(text, source)
    pieces = prepare.splitter(source.unit, known)(text)
    samples = (len(pieces) - 1) // source.length
    if samples < 1:
        raise DataError(
            "The text is shorter than one passage",
            why=f"It has {len(pieces)} {source.unit}s; a passage has {source.length}.",
            where=str(path),
            hint="Choose shorter passages or a longer text.",
        )
    notes = () if encoding == "UTF-8" else (f"The text was read as {encoding}.",)
    return Content(
        samples,
        (_Passage(source, known), _Next(source, known)),
        {"pieces": np.array(_numbers(pieces, known), np.int64)},
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Passage:
    source: Prose
    known: tuple[str, ...]

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return the passages."""
        del training
        classes = len(self.known) + prepare.RESERVED
        field = DataField("text", "tokens", (self.source.length,), "int", classes)
        how = Tokens(
            column="text",
            unit=self.source.unit,
            vocabulary=self.known,
            length=self.source.length,
            keeps_end=True,
            fills_end=True,
        )
        return Made(field, _cut(columns["pieces"], self.source.length, 0), how, _names(self.known))


@dataclass(frozen=True, slots=True)
class _Next:
    source: Prose
    known: tuple[str, ...]

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Return what follows each token."""
        del training
        classes = len(self.known) + prepare.RESERVED
        field = DataField("next", "tokens", (self.source.length,), "int", classes)
        values = _cut(columns["pieces"], self.source.length, 1)
        return Made(field, values, None, _names(self.known))


def _known(text: str, source: Prose) -> tuple[str, ...]:
    # Of the whole text: what the passages are depends on it, and so what trains.
    if source.unit == "character":
        return tuple(sorted(set(text)))[: source.words - prepare.RESERVED]
    return vocabulary([text], source.unit, source.words)


def _numbers(pieces: list[str], known: tuple[str, ...]) -> list[int]:
    places = {token: place for place, token in enumerate(known, prepare.RESERVED)}
    return [places.get(token, prepare.UNKNOWN) for token in pieces]


def _cut(numbers: Array, length: int, first: int) -> Array:
    samples = (len(numbers) - 1) // length
    return numbers[first : first + samples * length].reshape(samples, length)


def _names(known: tuple[str, ...]) -> tuple[str, ...]:
    return ("", "unknown", *known)
