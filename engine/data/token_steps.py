"""What becomes of a text on its way to the model: cut into tokens, each with its number.

Nothing in here imports torch.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.preparation import Tokens
from engine.data.spec import DataSet

_MOST_TOKENS: Final = 80
_MOST_LETTERS: Final = 400


class Token(NamedTuple):
    """A piece of a text, and the number that stands for it."""

    piece: str
    number: int

    @property
    def is_known(self) -> bool:
        """Whether it has a number of its own."""
        return self.number != prepare.UNKNOWN


class TextStep(NamedTuple):
    """A text as it is stored, and the tokens that are read of it; of long ones the beginning."""

    before: str
    before_size: str
    """``1 203 characters``"""

    after: tuple[Token, ...]
    after_size: str
    """``100 tokens, 91 empty``"""


def text_steps(data_set: DataSet, sample: int) -> tuple[TextStep, ...]:
    """Return what becomes of each text of a sample whose letters are at hand."""
    return tuple(
        text_step(str(data_set.columns[column][sample] or ""), how)
        for column, how in shown_as_tokens(data_set).items()
    )


def shown_as_tokens(data_set: DataSet) -> dict[str, Tokens]:
    """Return the columns of texts whose letters are at hand, and how they are cut."""
    known = data_set.spec.preparations.values()
    return {
        how.column: how
        for how in known
        if isinstance(how, Tokens) and how.column in data_set.columns
    }


def text_step(text: str, how: Tokens) -> TextStep:
    """Cut a text into tokens as a model reads it."""
    pieces = prepare.splitter(how.unit, how.vocabulary)(text)
    kept = pieces[-how.length :] if how.keeps_end else pieces[: how.length]
    numbers = prepare.tokens([text], msgspec.to_builtins(how))[0].tolist()
    # A shorter text is filled up in front, or behind.
    first = 0 if how.fills_end else how.length - len(kept)
    read = numbers[first : first + len(kept)]
    tokens = tuple(Token(*one) for one in zip(kept, read, strict=True))
    return TextStep(
        text[:_MOST_LETTERS] + ("…" if len(text) > _MOST_LETTERS else ""),
        f"{grouped(len(text))} characters",
        tokens[:_MOST_TOKENS],
        _size(how, len(pieces), tokens),
    )


def _size(how: Tokens, pieces: int, tokens: Sequence[Token]) -> str:
    told = [f"{grouped(how.length)} tokens"]
    if pieces > how.length:
        told.append(f"{grouped(pieces - how.length)} cut off")
    elif pieces < how.length:
        told.append(f"{grouped(how.length - pieces)} empty")
    unknown = sum(not token.is_known for token in tokens)
    if unknown:
        told.append(f"{grouped(unknown)} unknown")
    return ", ".join(told)
