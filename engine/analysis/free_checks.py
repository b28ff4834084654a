"""What cannot be where sizes of the data are free: layers that are built for one size alone."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec.structs import replace

from engine.analysis.free_sizes import SizeGroup, size_groups, with_free_sizes
from engine.analysis.instances import Repeated
from engine.analysis.report import Fix, Nested, NodeReport, Problem, ShapeReport
from engine.graph.edits import replace_kind
from engine.graph.elements import Graph, NodeId
from nodes.errors import LoomError, ShapeError
from nodes.io import Data
from nodes.layer import Call, Layer, Lowering
from nodes.sizes import BATCH, SymbolicSize, letters_of, written
from nodes.tensors import Inputs, TensorType, text_of

Look = Callable[[Graph], ShapeReport]
"""Analyses a drawing with letters for its free sizes."""


def has_free_sizes(reports: Mapping[NodeId, NodeReport]) -> bool:
    """Whether the data set of a drawing leaves a size free."""
    data = (found.layer for found in reports.values() if isinstance(found.layer, Data))
    return any(field.free for one in data for field in one.fields)


def is_free(tensor: TensorType) -> bool:
    """Whether a size other than the batch is a letter."""
    return bool(_letters(tensor))


def check_built(layer: Layer, inputs: Inputs) -> None:
    """Refuse a layer whose source or whose weights rest on a size that is free.

    Raises:
        ShapeError: They do.
    """
    letters = frozenset().union(
        *(_letters(tensor) for _, tensors in inputs.key() for tensor in tensors)
    )
    if not letters or (isinstance(layer, Nested) and not isinstance(layer, Repeated)):
        return
    stages = layer.each(inputs) if isinstance(layer, Repeated) else ()
    lowerings = [one.layer.lower(one.inputs) for one in stages] or [layer.lower(inputs)]
    size = next((size for one in lowerings for size in _sizes_in(one)), None)
    if size is not None:
        raise _needs_known(layer, f"Its weights are made for a size of {written(size)}.")
    if any(_names(one.expression, letters) for one in lowerings):
        raise _needs_known(layer, "What it computes is written for one size.")


def needs_known(report: ShapeReport, free: ShapeReport, look: Look) -> Iterator[Problem]:
    """Yield what fits the sizes of the data set but not all that are free.

    Args:
        report: On the drawing, without errors.
        free: On the same with letters for the sizes that are free.
    """
    if not free.errors:
        return
    node, data = _data_of(report)
    groups = [group for group in size_groups(data) if group.step]
    told = " and ".join(letter for group in groups for letter in group.letters)
    are = "is" if len(told) == 1 else "are"
    settings = tuple(_settings(report.graph, node, groups, look))
    for problem in free.errors:
        pooled = _pooling(report.graph, problem, look)
        yield replace(
            problem,
            text=f"{problem.text} {told} {are} free.",
            fixes=(*((pooled,) if pooled is not None else ()), *settings),
        )


def _settings(graph: Graph, data: NodeId, groups: list[SizeGroup], look: Look) -> Iterator[Fix]:
    """Yield what mends all of it at the data: multiples of a number, or the sizes as they are."""
    for group in groups:
        letters = " and ".join(group.letters)
        wider = (step for step in group.steps if step > group.step)
        edits = ((step, _setting(data, group, step)) for step in wider)
        found = next(((step, edit) for step, edit in edits if not look(edit(graph)).errors), None)
        if found is not None:
            yield Fix(label=f"Let {letters} be multiples of {found[0]}", edit=found[1])
        yield Fix(label=f"Keep {letters} at {text_of(group.sizes)}", edit=_setting(data, group, 0))


def _setting(data: NodeId, group: SizeGroup, step: int) -> Callable[[Graph], Graph]:
    return partial(with_free_sizes, node=data, letters=group.letters, step=step)


def _pooling(graph: Graph, problem: Problem, look: Look) -> Fix | None:
    """Return the fix that pools what a layer would flatten, where that mends it."""
    into = list(graph.links_into(problem.node)) if problem.node and not problem.inside else []
    before = graph.nodes[into[0].source.node] if len(into) == 1 else None
    if before is None or before.kind != "Flatten":
        return None

    def edit(now: Graph) -> Graph:
        return replace_kind(now, before.id, "GlobalAvgPool2d") if before.id in now.nodes else now

    try:
        mends = all(one.node != problem.node for one in look(edit(graph)).errors)
    except LoomError:
        return None
    return Fix(label="Pool globally instead of Flatten", edit=edit) if mends else None


def _needs_known(layer: Layer, why: str) -> ShapeError:
    return ShapeError(
        f"{layer.info.title} needs a size that stays",
        why=why,
        hint="Keep the sizes of the data as they are, or pool them away before.",
        reason="its size is free",
        code="LL-S042",
    )


def _letters(tensor: TensorType) -> frozenset[str]:
    found: frozenset[str] = frozenset().union(*(letters_of(size) for size in tensor.sizes))
    return found - letters_of(BATCH)


def _sizes_in(lowering: Lowering) -> Iterator[SymbolicSize]:
    """Yield the sizes with letters that a module is made with."""
    waiting: list[object] = [lowering.module]
    while waiting:
        match waiting.pop():
            case SymbolicSize() as size:
                yield size
            case Call(args=args, kwargs=kwargs):
                waiting += [*args, *(value for _, value in kwargs)]
            case tuple() as values:
                waiting += values
            case _:
                pass


def _names(expression: str, letters: frozenset[str]) -> bool:
    """Whether an expression names a letter."""
    return any(re.search(rf"(?<![\w.]){letter}(?!\w)", expression) for letter in letters)


def _data_of(report: ShapeReport) -> tuple[NodeId, Data]:
    return next(
        (node, found.layer)
        for node, found in report.nodes.items()
        if isinstance(found.layer, Data) and any(field.free for field in found.layer.fields)
    )
