"""What to try a layer with, and what its sizes say of its shape rule.

A layer is run with numbers in the place of letters: once, and once more for each letter. Every size
it puts out is then written as a sum of letters and a number, and one more run says whether that
holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from nodes.own_layer import Answer, Failed, Found, Question
from nodes.sizes import Size, SymbolicSize, substitute, symbol
from nodes.tensors import DType, TensorType

_BASES: Final = (2, 7, 11, 13, 17, 19)
"""Of the batch, then of other letters: apart enough that a mix-up shows."""


class Shape(msgspec.Struct, frozen=True):
    """One tensor with numbers for sizes."""

    sizes: tuple[int, ...]
    dtype: DType = "float"
    classes: int = 0


Tried: TypeAlias = tuple[tuple[str, tuple[Shape, ...]], ...]
"""What arrives in one run, by port."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A layer and what it is to be run with."""

    name: str
    text: str
    params: dict[str, object]
    many: tuple[str, ...]
    """The ports that take a list."""

    runs: tuple[Tried, ...]


class Ran(msgspec.Struct, frozen=True, kw_only=True, tag="ran"):
    """What came out of each run."""

    outputs: tuple[tuple[Shape, ...], ...]
    parameters: int
    buffers: int
    multiply_adds: tuple[int, ...] = ()
    """Of each run, where they could be counted."""


class Broke(msgspec.Struct, frozen=True, kw_only=True, tag="broke"):
    """Why a run ended early."""

    title: str
    why: str
    line: int = 0


Outcome: TypeAlias = Ran | Broke


def trial_of(question: Question, many: Iterable[str]) -> Trial:
    """Return what answers a question."""
    return Trial(
        name=question.name,
        text=question.text,
        params=dict(question.params),
        many=tuple(many),
        runs=tuple(_with_numbers(question, values) for values in _values(question)),
    )


def answer_from(question: Question, outcome: Outcome, outputs: Sequence[str]) -> Answer:
    """Read a shape rule off what came out.

    Args:
        outputs: The names of what the layer says that it returns.
    """
    if isinstance(outcome, Broke):
        return Failed(title=outcome.title, why=outcome.why, line=outcome.line)
    counts = {len(run) for run in outcome.outputs}
    if counts != {len(outputs)}:
        found = ", ".join(map(str, sorted(counts)))
        return Failed(
            title=f"{question.name} returns another number of tensors than it says",
            why=f"It says {len(outputs)}, it returns {found}.",
        )
    types = [
        _fitted(question, [run[place] for run in outcome.outputs]) for place in range(len(outputs))
    ]
    if not all(isinstance(one, TensorType) for one in types):
        return Failed(
            title=f"The sizes that {question.name} puts out follow no rule",
            why="They are no sum of the sizes that arrive, so they cannot be told beforehand.",
        )
    return Found(
        types=tuple(one for one in types if one is not None),
        parameters=outcome.parameters,
        buffers=outcome.buffers,
        multiply_adds=_for_one(question, outcome.multiply_adds),
    )


def _letters(question: Question) -> list[str]:
    """Return the letters in what arrives, the batch first."""
    found = {
        letter
        for _, tensors in question.entering
        for tensor in tensors
        for size in tensor.sizes
        for letter in _letters_in(size)
    }
    return sorted(found, key=lambda letter: (letter != "N", letter))


def _letters_in(size: Size) -> Iterator[str]:
    if isinstance(size, SymbolicSize):
        for monomial, _ in size.terms:
            for atom in monomial:
                if isinstance(atom, str):
                    yield atom
                else:
                    yield from _letters_in(atom.numerator)


def _values(question: Question) -> Iterator[dict[str, int]]:
    """Yield the numbers of each run: the base, one more of each letter, and the one that checks."""
    letters = _letters(question)
    base = {
        letter: _BASES[min(place, len(_BASES) - 1)] + 2 * place
        for place, letter in enumerate(letters)
    }
    yield base
    for letter in letters:
        yield {**base, letter: base[letter] + 1}
    yield {letter: number + 3 + place for place, (letter, number) in enumerate(base.items())}


def _with_numbers(question: Question, values: Mapping[str, int]) -> Tried:
    sizes: dict[str, Size] = dict(values)
    return tuple(
        (port, tuple(_shape(tensor, sizes) for tensor in tensors))
        for port, tensors in question.entering
    )


def _shape(tensor: TensorType, values: Mapping[str, Size]) -> Shape:
    sizes = (substitute(size, values) for size in tensor.sizes)
    whole = tuple(size if isinstance(size, int) else 1 for size in sizes)
    return Shape(whole, tensor.dtype, tensor.classes or 0)


def _fitted(question: Question, runs: Sequence[Shape]) -> TensorType | None:
    """Return the type that fits all runs; None where none does."""
    base = runs[0]
    if len({(len(run.sizes), run.dtype) for run in runs}) > 1:
        return None
    values = list(_values(question))
    sizes: list[Size] = []
    for axis in range(len(base.sizes)):
        size: Size = base.sizes[axis]
        for letter, run in zip(_letters(question), runs[1:-1], strict=True):
            factor = run.sizes[axis] - base.sizes[axis]
            size = size + factor * (symbol(letter) - values[0][letter])
        numbers: dict[str, Size] = dict(values[-1])
        if substitute(size, numbers) != runs[-1].sizes[axis]:
            return None
        sizes.append(size)
    return TensorType(tuple(sizes), base.dtype)


def _for_one(question: Question, counted: Sequence[int]) -> int:
    """Return the multiplications for one sample: what one more of the batch adds."""
    if len(counted) < 2 or _letters(question)[:1] != ["N"]:
        return 0
    return max(0, counted[1] - counted[0])
