"""Sizes that stay free in an exported model: how they are traced, named, and tried."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram

from engine.compile.plan import Plan
from nodes.io import DataField, FreeSize
from nodes.sizes import Size, substitute

BATCH: Final = "batch"

Axes: TypeAlias = Mapping[str, Mapping[int, FreeSize]]
"""The free axes of each input, the batch being 0 and left out."""

_DIGITS: Final = {ord("₀") + digit: str(digit) for digit in range(10)}


def free_axes(plan: Plan) -> Axes:
    """Return the sizes of a model's inputs that its drawing leaves free."""
    fields = _fields(plan)
    return {
        name: {place: free for place, free in enumerate(fields[name].free, start=1) if free}
        for name in plan.inputs
    }


def plain_letter(letter: str) -> str:
    """Return a letter as programs name it: ``T2`` for ``T₂``."""
    return letter.translate(_DIGITS)


def trace(module: torch.nn.Module, inputs: tuple[Tensor, ...], plan: Plan) -> ExportedProgram:
    """Trace a model for batches of any size, and for any of the sizes that are free.

    Args:
        inputs: In the order of ``plan.inputs``.
    """
    axes = free_axes(plan)

    def traced(part: int) -> ExportedProgram:
        with torch.no_grad():
            sizes = _dynamic(plan, axes, part)
            return torch.export.export(module, inputs, dynamic_shapes=sizes)

    try:
        return traced(2)
    except UserError:
        if not any(axes.values()):
            raise
        return traced(1)


@contextlib.contextmanager
def any_number_of_steps(plan: Plan) -> Iterator[None]:
    """Let recurrent layers be traced and converted as loops, where a size is free."""
    if not any(free_axes(plan).values()):
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


def _dynamic(plan: Plan, axes: Axes, part: int) -> tuple[dict[int, Any], ...]:
    """Return what varies of each input.

    Small images run out of pixels on the way, so torch must be told how large they are at least.

    Args:
        part: Sizes are at least ``1 / part`` of those of the data set.
    """
    fields = _fields(plan)
    letters: dict[str, Any] = {}
    for name in plan.inputs:
        for place, free in axes[name].items():
            least = fields[name].sizes[place - 1] // free.step // part
            letters.setdefault(free.letter, Dim(plain_letter(free.letter), min=least))
    batch = Dim(BATCH)
    return tuple(
        {0: batch}
        | {place: _times(free.step, letters[free.letter]) for place, free in axes[name].items()}
        for name in plan.inputs
    )


def _times(step: int, dim: Any) -> Any:
    return dim if step == 1 else step * dim


def symbols_of(model: Any, plan: Plan) -> dict[str, str]:
    """Return how to call the symbols that stand in an ONNX model for what is free."""
    axes, names = free_axes(plan), {}
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
