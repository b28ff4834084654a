"""The drawing as a table: what each layer is, puts out, costs and sees."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from engine.analysis.cost import LayerCost, activation_bytes, forecast
from engine.analysis.insides import category_of
from engine.analysis.receptive import View, arriving_at, links_by_target, views
from engine.analysis.report import Nested, NodeReport, NodeState, ShapeReport
from engine.graph.elements import Node, NodeId, NodePath, told
from engine.graph.learning import is_shown, learning_document, learning_fields
from engine.graph.topology import in_order
from engine.project.recipe import Recipe
from nodes.io import Input, Output
from nodes.layer import Category


class SummaryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One layer; a composite with the layers inside of it."""

    path: NodePath
    name: str
    kind: str
    title: str
    category: Category | None
    """None where the kind is not known."""

    state: NodeState
    output: str
    """Sizes of one sample, one text for each output; empty while they are not known."""

    parameters: int
    multiply_adds: int
    """For one sample."""

    activation_bytes: int
    """Of what it puts out, for one sample."""

    training_bytes: int
    """A forecast: weights, gradients, the optimiser's memory, and outputs for a whole batch."""

    settings: str = ""
    """What a person set, as on its card, and how it learns where that differs from the others."""

    sees: tuple[int | None, ...] = ()
    """Its receptive field along the axes of the data; None for all of an axis."""

    cost: LayerCost | None = None
    """What was measured, where it was."""

    layers: int = 1
    inside: tuple["SummaryRow", ...] = ()
    """Of a repeated composite, its first round."""


def summary(report: ShapeReport, recipe: Recipe) -> tuple[SummaryRow, ...]:
    """Return a row for each node of a drawing, in the order of the data flow."""
    return tuple(_rows(report, recipe, (), {}))


def with_costs(
    rows: tuple[SummaryRow, ...], costs: Mapping[NodeId, LayerCost]
) -> tuple[SummaryRow, ...]:
    """Return rows with what was measured, by whole paths as ``told`` writes them."""
    if not costs:
        return rows
    return tuple(
        replace(row, cost=costs.get(told(row.path)), inside=with_costs(row.inside, costs))
        for row in rows
    )


def every_row(rows: tuple[SummaryRow, ...]) -> Iterator[SummaryRow]:
    """Yield rows with those inside of them, each composite before its inside."""
    for row in rows:
        yield row
        yield from every_row(row.inside)


def _rows(
    report: ShapeReport, recipe: Recipe, around: NodePath, entering: Mapping[str, View]
) -> Iterator[SummaryRow]:
    graph, found = report.graph, views(report, entering)
    incoming = links_by_target(graph)
    for node_id in in_order(graph):
        known = report.nodes.get(node_id)
        if known is None or isinstance(known.layer, Input | Output):
            continue
        given = arriving_at(incoming.get(node_id, ()), found)
        yield _row(
            graph.nodes[node_id],
            known,
            report,
            recipe,
            path=(*around, node_id),
            entering={port: views[0] for port, views in given.items()},
            view=next((view for end, view in found.items() if end.node == node_id), View()),
        )


def _row(
    node: Node,
    known: NodeReport,
    report: ShapeReport,
    recipe: Recipe,
    *,
    path: NodePath,
    entering: Mapping[str, View],
    view: View,
) -> SummaryRow:
    layer = known.layer
    inside = report.inside((node.id,)) if _holds_others(known) else None
    lettered = report.node_in_letters(node.id) or known
    return SummaryRow(
        path=path,
        name=node.name,
        kind=node.kind,
        title=known.title,
        category=category_of(known) if layer is not None else None,
        state=known.state,
        output="  ".join(map(str, lettered.outputs.values())),
        parameters=known.parameters,
        multiply_adds=known.multiply_adds,
        activation_bytes=activation_bytes(known),
        training_bytes=forecast(known, recipe).total,
        settings=_settings(node, known),
        sees=view.sizes,
        layers=known.layers,
        inside=() if inside is None else tuple(_rows(inside, recipe, path, entering)),
    )


def _settings(node: Node, known: NodeReport) -> str:
    learning = learning_document(node.learning)
    own = (
        f"{field.param.label.lower()} {learning[field.name]}"
        for field in learning_fields()
        if field.name in learning and is_shown(node.learning, field.name)
    )
    frozen = "frozen" if node.frozen else ""
    return " · ".join(word for word in (known.card, known.activation, frozen, *own) if word)


def _holds_others(known: NodeReport) -> bool:
    return isinstance(known.layer, Nested) and known.layer.inside(known.inputs) is not None
