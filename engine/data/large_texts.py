"""Folders of texts by class that are larger than memory: each is read when it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.content import Category, Content, Made, vocabulary
from engine.data.decoding import Plan, decoded_by_need
from engine.data.listing import Entry, Listing
from engine.data.preparation import Tokens
from engine.data.separated import text_of_file
from nodes.io import DataField
from nodes.sources import Texts

Array = npt.NDArray[Any]

LARGEST_BYTES: Final = 256 << 20
"""Of larger folders no text is held."""

_SAMPLE: Final = 20_000
"""Tokens are chosen from so many training texts, evenly spread."""


def large_texts(source: Texts, found: Listing, sides: Mapping[str, Array]) -> Content:
    """Describe texts of which each is read when it is first asked for."""
    some = grouped(min(_SAMPLE, len(found)))
    note = (
        f"Each text is read when it is first needed, and its tokens are kept on disk from then on. "
        f"They were chosen from at most {some} training texts. Files that cannot be read are told "
        "while the model trains."
    )
    label = Category("label", "label", is_label=True)
    columns = {"label": found.labels()}
    return Content(len(found), (_Words(source, found), label), columns, sides, (note,))


@dataclass(frozen=True, slots=True)
class _Words:
    source: Texts
    found: Listing

    def make(self, columns: Mapping[str, Array], training: npt.NDArray[np.int64]) -> Made:
        """Choose the tokens from some of the training texts; cut none of them yet."""
        del columns
        chosen = np.linspace(0, len(training) - 1, min(len(training), _SAMPLE)).astype(int)
        texts = (_text(self.found[int(training[place])].path) for place in chosen)
        source = self.source
        how = Tokens(
            column="text",
            unit=source.unit,
            vocabulary=vocabulary(texts, source.unit, source.words),
            length=source.length,
        )
        files = () if self.found.digest else tuple(entry.path for entry in self.found)
        settings = f"texts\n{self.found.digest}\n{msgspec.json.encode(how).decode()}"
        read = decoded_by_need(self.found, {"text": _plan(how)}, files, settings)
        field = DataField("text", "tokens", (source.length,), "int", source.words)
        return Made(field, read.arrays["text"], how)


def _plan(how: Tokens) -> Plan:
    constants = msgspec.to_builtins(how)

    def read(entry: Entry, size: tuple[int, ...]) -> Array:
        del size
        text, _ = text_of_file(entry.path)
        if not text.strip():
            raise ValueError("It is empty")
        tokens: Array = prepare.tokens([text], constants)[0]
        return tokens

    return (how.length,), np.dtype(np.int32), read


def _text(path: Path) -> str:
    try:
        return text_of_file(path)[0]
    except (OSError, EOFError):
        # Told when it is needed.
        return ""
