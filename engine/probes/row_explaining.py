"""Why a model answers a row of a table as it does: what each column adds to the answer.

What a column adds is told beside what other samples hold there. Occlusion takes the column from
them, one by one, and averages (Robnik-Sikonja and Kononenko, 2008), so it applies to categories as
well; integrated gradients (Sundararajan et al., 2017) go from their average row to this one; the
gradient looks at the last step of that way alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.content import column_width
from engine.data.preparation import Features, Index, Plain, Standard
from engine.probes.explaining import PATH_STEPS, Explanation, scores_of
from engine.training.insight import InputField
from engine.training.waiting import Reached, to_the_end

MOST_ROWS: Final = 64
"""So many samples say what is usual."""


@dataclass(frozen=True, slots=True)
class RowColumn:
    """Where the numbers of one column are in the inputs of a model."""

    name: str
    field: str
    start: int
    end: int


def row_columns(inputs: Sequence[InputField]) -> tuple[RowColumn, ...]:
    """Return the columns that inputs are prepared from; none where they are no row of a table."""
    found: list[RowColumn] = []
    for field in inputs:
        columns = _columns_of(field)
        if not columns:
            return ()
        found += columns
    return tuple(found)


def explain_row(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    method: str,
    output: int,
    columns: Sequence[RowColumn],
    rows: Mapping[str, Tensor],
    target: int | None = None,
    reached: Reached = to_the_end,
) -> Explanation | None:
    """Explain an output for one row; the modules are in evaluation mode already.

    None where the method does not apply: numbers of categories have no gradient.

    Args:
        inputs: The inputs of the model, each (1, *sizes).
        output: Its place in what the model returns.
        rows: The inputs of samples that say what is usual, each (samples, *sizes).
        target: Class or unit; the highest score if not given.
        reached: Told after each column how many are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    with torch.no_grad():
        score = scores_of(compiled, inputs, output)[0]
        if target is None:
            target = int(score.argmax())
        if method == "occlusion":
            falls = []
            for column in columns:
                without = scores_of(compiled, _without(inputs, column, rows), output)
                falls.append(score[target] - without[:, target].mean())
                reached(len(falls), len(columns))
            return Explanation(torch.stack(falls), target)
        if method == "gradcam" or not all(v.is_floating_point() for v in inputs.values()):
            return None
        added = _along_the_way(compiled, inputs, rows, output, target, _places(method))
    parts = [added[column.field][column.start : column.end].sum() for column in columns]
    return Explanation(torch.stack(parts), target)


def _without(
    inputs: Mapping[str, Tensor], column: RowColumn, rows: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return a row as often as there are others, each time with the column of another one."""
    many = len(rows[column.field])
    batch = {name: values.expand(many, *values.shape[1:]) for name, values in inputs.items()}
    others = rows[column.field]
    if others.ndim > 1:
        mixed = batch[column.field].clone()
        mixed[:, column.start : column.end] = others[:, column.start : column.end]
        others = mixed
    return {**batch, column.field: others}


def _places(method: str) -> Tensor:
    """Return where on the way from the average row to this one the gradient is taken."""
    if method == "gradient":
        return torch.ones(1)
    return (torch.arange(PATH_STEPS) + 0.5) / PATH_STEPS


def _along_the_way(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    rows: Mapping[str, Tensor],
    output: int,
    target: int,
    places: Tensor,
) -> dict[str, Tensor]:
    """Return what each number of each input adds, on the straight way from the average row."""
    usual = {name: rows[name].mean(0, keepdim=True) for name in inputs}
    with torch.enable_grad():
        some = {
            name: (usual[name] + (values - usual[name]) * places.to(values)[:, None])
            .detach()
            .requires_grad_()
            for name, values in inputs.items()
        }
        score = scores_of(compiled, some, output)[:, target].sum()
        gradients = torch.autograd.grad(score, list(some.values()))
    return {
        name: (inputs[name] - usual[name])[0] * gradient.mean(0)
        for name, gradient in zip(some, gradients, strict=True)
    }


def _columns_of(field: InputField) -> list[RowColumn]:
    match field.prepare:
        case Features(columns=parts):
            names, widths = [part.name for part in parts], [column_width(part) for part in parts]
        case Index(column=name):
            names, widths = [name], [1]
        case Standard(columns=columns) | Plain(columns=columns):
            names, widths = list(columns), [1] * len(columns)
        case _:
            return []
    ends = [sum(widths[:count]) for count in range(len(widths) + 1)]
    return [
        RowColumn(name, field.name, start, end)
        for name, (start, end) in zip(names, pairwise(ends), strict=True)
    ]
