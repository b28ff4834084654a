"""Text that goes on from what a person wrote, some tokens at a time."""

from collections.abc import Mapping
from typing import Final

from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.meaning import foresees_tokens, main_meaning
from engine.data.preparation import Preparation, Tokens
from engine.data.prepare import PADDING
from engine.data.spec import DataSpec
from engine.data.writing import joined, last_place, write_on
from engine.training.insight import Subject
from engine.training.texts import TextWritten, Writing

SHOWN_TOKENS: Final = 40


def beginnings(values: Tensor, how: Preparation | None) -> tuple[str, ...]:
    """Return how the texts of some samples begin, an unknown word as a dot; none for other inputs.

    Shapes:
        values: (N, *sizes), of one input
    """
    if not isinstance(how, Tokens):
        return ()
    unknown = " ·" if how.unit == "word" else "·"
    labels = ("", unknown, *how.vocabulary)
    rows = (row[row != PADDING][:SHOWN_TOKENS].tolist() for row in values)
    return tuple(joined([labels[number] for number in row], how.unit).strip() for row in rows)


class TextWriter:
    """Goes on with the text of one subject.

    Args:
        inputs: The subject as the model takes it.
        how: What makes tokens of a text.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        inputs: Mapping[str, Tensor],
        how: Tokens,
        key: str,
        writing: Writing,
    ) -> None:
        meaning = main_meaning(compiled.plan)
        assert meaning is not None, "a model that foresees tokens has a meaning"
        (name,), output = compiled.plan.inputs, meaning.output
        row = inputs[name][0]
        self._labels = ("", "", *how.vocabulary)
        self._unit = how.unit
        self._key = key
        self._left = writing.tokens
        self._written: list[str] = []
        self._tokens = write_on(
            lambda text: compiled.outputs({name: text.to(row.device)})[output],
            row[: last_place(row) + 1].tolist(),
            how.length,
            temperature=writing.temperature,
            seed=writing.seed,
        )

    @property
    def is_done(self) -> bool:
        """Whether all was written that was asked for."""
        return self._left <= 0

    def go_on(self, most: int) -> TextWritten:
        """Write some more tokens; the modules are in evaluation mode already."""
        for _ in range(min(most, self._left)):
            self._written.append(self._labels[next(self._tokens)])
        self._left -= most
        text = joined(self._written, self._unit)
        return TextWritten(subject=self._key, text=text, is_whole=self.is_done)


def text_writer(
    compiled: CompiledModel, spec: DataSpec, subject: Subject, inputs: Mapping[str, Tensor]
) -> TextWriter | None:
    """Return who goes on with a subject; None where that was not asked for, or cannot be done."""
    how = spec.preparations.get(compiled.plan.inputs[0])
    if subject.writing is None or not isinstance(how, Tokens):
        return None
    if not foresees_tokens(compiled.plan, spec):
        return None
    return TextWriter(compiled, inputs, how, subject.key, subject.writing)
