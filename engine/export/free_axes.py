"""Sizes that stay free in an exported model: how they are traced, named, and tried."""

import contextlib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from engine.compile.plan import Plan
from nodes.io import DataField, FreeSize
from nodes.sizes import Size, letters_of, substitute
from nodes.tensors import TensorType

BATCH: Final = "batch"

Axes: TypeAlias = Mapping[str, Mapping[int, FreeSize]]
"""The free axes of each input, the batch being 0 and left out."""

_SUBSCRIPT: Final = ord("₀")
_DIGITS: Final = {_SUBSCRIPT + digit: str(digit) for digit in range(10)}


def free_axes(plan: Plan) -> Axes:
    """Return the sizes of a model's inputs that its drawing leaves free."""
    fields = _fields(plan)
    return {
        name: {place: free for place, free in enumerate(fields[name].free, start=1) if free}
        for name in plan.inputs
    }


def axes_of(types: Mapping[str, TensorType]) -> Axes:
    """Return the free axes of what a network within the model is given, by letters of their own.

    Sizes that are equal have the same: what enters may be half as high as the pictures are.
    """
    letters: dict[Size, FreeSize] = {}
    for size in (size for kind in types.values() for size in kind.sizes[1:]):
        if not isinstance(size, int) and size not in letters:
            letters[size] = _lettered(size, {free.letter for free in letters.values()})
    return {
        name: {
            place: letters[size]
            for place, size in enumerate(kind.sizes)
            if place and size in letters
        }
        for name, kind in types.items()
    }


def _lettered(size: Size, taken: Collection[str]) -> FreeSize:
    """Return a size that has letters as one that is free by itself."""
    assert not isinstance(size, int), "numbers are not free"
    own = letters_of(size)
    letter = min(own)[0] if len(own) == 1 else "T"
    numbered = (letter, *(letter + chr(_SUBSCRIPT + number) for number in range(2, 10)))
    found = next(each for each in numbered if each not in taken)
    return FreeSize(found, math.gcd(*(factor for _, factor in size.terms)))


def plain_letter(letter: str) -> str:
    """Return a letter as programs name it: ``T2`` for ``T₂``."""
    return letter.translate(_DIGITS)


def trace(module: torch.nn.Module, inputs: Mapping[str, Tensor], axes: Axes) -> ExportedProgram:
    """Trace a model for batches of any size, and for any of the sizes that are free.

    Args:
        inputs: In the order in which the module takes them, of the sizes of training.
    """
    # Dynamo takes seconds to import, and only tracing needs it.
    from torch._dynamo.exc import UserError

    def traced(part: int) -> ExportedProgram:
        with torch.no_grad():
            sizes = _dynamic(inputs, axes, part)
            return torch.export.export(module, tuple(inputs.values()), dynamic_shapes=sizes)

    try:
        return traced(2)
    except UserError:
        if not any(axes.values()):
            raise
        return traced(1)


@contextlib.contextmanager
def any_number_of_steps(axes: Axes) -> Iterator[None]:
    """Let recurrent layers be traced and converted as loops, where a size is free."""
    if not any(axes.values()):
        yield
        return
    # Private, but the one way to trace recurrent layers over any number of steps: torch's own
    # kernels fix it. Tests run such exports; see pytorch/pytorch#191855.
    from torch.export._patches import (
        register_gru_while_loop_decomposition,
        register_lstm_while_loop_decomposition,
    )

    with register_lstm_while_loop_decomposition(), register_gru_while_loop_decomposition():
        yield


def _dynamic(inputs: Mapping[str, Tensor], axes: Axes, part: int) -> tuple[dict[int, Any], ...]:
    """Return what varies of each input.

    Small images run out of pixels on the way, so torch must be told how large they are at least.

    Args:
        part: Sizes are at least ``1 / part`` of those of the data set.
    """
    letters: dict[str, Any] = {}
    for name, values in inputs.items():
        for place, free in axes[name].items():
            least = values.shape[place] // free.step // part
            letters.setdefault(free.letter, Dim(plain_letter(free.letter), min=least))
    batch = Dim(BATCH)
    return tuple(
        {0: batch}
        | {place: _times(free.step, letters[free.letter]) for place, free in axes[name].items()}
        for name in inputs
    )


def _times(step: int, dim: Any) -> Any:
    return dim if step == 1 else step * dim


def symbols_of(model: Any, axes: Axes) -> dict[str, str]:
    """Return how to call the symbols that stand in an ONNX model for what is free."""
    names = {}
    for value in model.graph.input:
        sizes = value.type.tensor_type.shape.dim
        names[sizes[0].dim_param] = BATCH
        for place, free in axes.get(value.name, {}).items():
            found = re.search(r"[A-Za-z_]\w*", sizes[place].dim_param)
            if found:
                names[found[0]] = plain_letter(free.letter)
    return names


def other_sizes(plan: Plan, samples: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """Return random samples of sizes that the data set does not have; None where none is free."""
    axes, fields = free_axes(plan), _fields(plan)
    if not any(axes.values()):
        return None
    values: dict[str, Size] = {}
    for name, free in ((name, axes[name]) for name in plan.inputs):
        for place, one in free.items():
            now = fields[name].sizes[place - 1] // one.step
            # Smaller ones: positions that are learned are there for the longest sequence alone.
            values[one.letter] = now - now // 4 - (1 < now < 4)
    return {name: _random(fields[name], samples[name], values) for name in plan.inputs}


def _random(field: DataField, like: Tensor, values: Mapping[str, Size]) -> Tensor:
    sizes = [substitute(size, values) for size in field.in_letters().sizes[1:]]
    shape = [len(like), *(size for size in sizes if isinstance(size, int))]
    if like.is_floating_point():
        return torch.rand(shape)
    return torch.randint(0, field.classes or 2, shape).to(like.dtype)


def _fields(plan: Plan) -> dict[str, DataField]:
    return {field.name: field for field in plan.data.fields}
