"""Advice on a drawing together with its recipe: what would end or spoil a run before it begins."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from engine.analysis.cost import forecast
from engine.analysis.playing_advice import advise_players
from engine.analysis.report import Fix, Nested, NodeReport, Problem, ShapeReport
from engine.graph.edits import replace_kind
from engine.graph.elements import Graph, NodeId
from engine.project.recipe import Recipe

FULL: Final = 0.85
"""The share of the memory from which on a run may not fit beside all else."""

_ROOMY: Final = 0.7
_GIGA: Final = 1e9
_ENOUGH: Final = 16
"""Samples from which on a batch has a mean that is worth taking."""


def advise_recipe(
    report: ShapeReport, recipe: Recipe, memory: int | None = None
) -> tuple[Problem, ...]:
    """Return what is unwise about training a drawing with a recipe.

    Args:
        memory: Bytes of the device that trains; None where they are not known.
    """
    if report.errors or not report.graph.nodes:
        return ()
    return (
        *_too_large(report, recipe, memory),
        *_alone_in_batch(report, recipe),
        *advise_players(report.graph, recipe),
    )


def _too_large(report: ShapeReport, recipe: Recipe, memory: int | None) -> Iterator[Problem]:
    needed = forecast(report.totals, recipe)
    if memory is None or needed.total <= FULL * memory:
        return
    fitting = _fitting_batch(report, recipe, memory)
    most = max(report.nodes.values(), key=lambda found: forecast(found, recipe).total)
    yield Problem(
        code="LL-A014",
        severity="warning",
        title="Training may not fit into memory",
        text=f"It needs about {_size(needed.total)} of {_size(memory)}. Most is {most.title}.",
        reason="too large",
        fixes=() if fitting is None else tuple(_smaller_batches(recipe, fitting)),
    )


def _smaller_batches(recipe: Recipe, size: int) -> Iterator[Fix]:
    together = -(-recipe.batch_size * recipe.accumulation // size)
    if recipe.batch_size % size == 0:
        yield Fix(
            label=f"Train {size} at a time",
            edit=_as_it_is,
            detail=f"{together} batches a step, as before",
            settings={"batch_size": size, "accumulation": together},
        )
    yield Fix(
        label=f"Set batch size {size}",
        edit=_as_it_is,
        detail=f"{recipe.batch_size} → {size}",
        settings={"batch_size": size},
    )


def _fitting_batch(report: ShapeReport, recipe: Recipe, memory: int) -> int | None:
    """Return the largest half, quarter, … of the batch that leaves room; None where none does."""
    size = recipe.batch_size
    while size > 1:
        size //= 2
        if forecast(report.totals, replace(recipe, batch_size=size)).total <= _ROOMY * memory:
            return size
    return None


def _alone_in_batch(report: ShapeReport, recipe: Recipe) -> Iterator[Problem]:
    """Batch norm takes its mean over the batch: over one sample it takes away all there is."""
    if recipe.batch_size > 1:
        return
    found = next(((node, each) for node, each in report.nodes.items() if _has_norm(each)), None)
    if found is None:
        return
    node, norm = found
    fixes = [
        Fix(
            label=f"Set batch size {_ENOUGH}",
            edit=_as_it_is,
            detail=f"1 → {_ENOUGH}",
            settings={"batch_size": _ENOUGH},
        )
    ]
    if report.graph.nodes[node].kind == "BatchNorm1d":
        fixes.append(
            Fix(label="Use LayerNorm instead", edit=lambda graph: _layer_norm(graph, node))
        )
    yield Problem(
        code="LL-A015",
        severity="warning",
        title=f"{norm.title} sees one sample at a time",
        text="The mean of one sample is the sample itself: nothing is left to learn from.",
        reason="batch of one",
        node=node,
        fixes=tuple(fixes),
    )


def _has_norm(found: NodeReport) -> bool:
    layer = found.layer
    if isinstance(layer, Nested):
        inside = layer.inside(found.inputs)
        return inside is not None and any(map(_has_norm, inside.nodes.values()))
    return layer is not None and type(layer).__name__.startswith("BatchNorm")


def _layer_norm(graph: Graph, node: NodeId) -> Graph:
    return replace_kind(graph, node, "LayerNorm") if node in graph.nodes else graph


def _as_it_is(graph: Graph) -> Graph:
    return graph


def _size(count: int) -> str:
    return f"{count / _GIGA:.1f}\u202fGB" if count >= _GIGA / 10 else f"{count / 1e6:.0f}\u202fMB"
