"""Text that goes on from what a person wrote, some tokens at a time."""

from collections.abc import Mapping

from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.meaning import foresees_tokens, main_meaning
from engine.data.preparation import Tokens
from engine.data.spec import DataSpec
from engine.data.writing import joined, last_place, write_on
from engine.training.insight import Subject
from engine.training.texts import TextWritten, Writing


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
