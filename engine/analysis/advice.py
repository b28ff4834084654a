"""Advice on a drawing as a whole: what would not stop a layer but would stop or spoil training."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

import msgspec
from msgspec.structs import replace

from engine.analysis.branches import unused
from engine.analysis.layer_advice import advise_layers
from engine.analysis.loss_advice import without_loss
from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import add_node, make_node, remove_and_rejoin, set_params
from engine.graph.elements import End, Graph, Link, NodeId
from engine.graph.flow import along_flow
from engine.graph.topology import in_order
from nodes.catalogue import kind_named
from nodes.io import Data, DataField, Target

_PITCH = 94.0


def advise(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> tuple[Problem, ...]:
    """Return what is wrong or unwise about the drawing as a whole; nothing while it is empty."""
    if not graph.nodes:
        return ()
    losses, layers = _roles(graph, "loss"), _roles(graph, "layer")
    return (
        *_without_data(graph, reports),
        *(() if losses else without_loss(graph, reports, layers)),
        *_without_validation(reports),
        *_targets_that_are_not_there(graph, reports),
        *_losses_of_losses(graph, reports, losses),
        *_softmax_before_cross_entropy(graph),
        *advise_layers(graph, reports),
        *(_unused(graph, reports, layers) if losses else ()),
    )


def advise_inside(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> tuple[Problem, ...]:
    """Return what is unwise about the inside of a composite."""
    text = "It leads to no output of the composite."
    loose = unused(graph, reports, _roles(graph, "layer"), code="LL-A009", text=text)
    return (*loose, *advise_layers(graph, reports))


def _roles(graph: Graph, role: str) -> set[NodeId]:
    """Return the nodes of a role; a parameter that is wrong does not change what a node is."""
    return {
        node.id
        for node in graph.nodes.values()
        if (layer := kind_named(node.kind)) is not None and layer.info.role == role
    }


def _without_data(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    sources = [node for node in reports if graph.nodes[node].kind == "Data"]
    if not sources:
        yield Problem(
            code="LL-A001",
            severity="error",
            title="No data to learn from",
            text="The drawing has no data set. Every network begins with one.",
            reason="no data",
            fixes=(Fix(label="Add a data set", edit=_with_data),),
        )
    for node in sources[1:]:
        yield Problem(
            code="LL-A002",
            severity="error",
            title="A drawing has one data set",
            text=f"“{graph.nodes[node].name}” is a second one. Take its fields from the first.",
            reason="second data set",
            node=node,
            fixes=(Fix(label="Remove it", edit=_without(node)),),
        )


@along_flow
def _with_data(graph: Graph) -> Graph:
    top = min((node.position[1] for node in graph.nodes.values()), default=0.0)
    left = min((node.position[0] for node in graph.nodes.values()), default=0.0)
    return add_node(graph, make_node(graph, "Data", position=(left, top - _PITCH)))


def _unused(
    graph: Graph, reports: Mapping[NodeId, NodeReport], layers: Collection[NodeId]
) -> Iterator[Problem]:
    text = "It leads to no loss, so it is not trained."
    return unused(graph, reports, layers, code="LL-A006", text=text)


def _without(node: NodeId) -> Callable[[Graph], Graph]:
    def edit(graph: Graph) -> Graph:
        return remove_and_rejoin(graph, (node,)) if node in graph.nodes else graph

    return edit


def _holding_out(graph: Graph, data: NodeId) -> Graph:
    if data not in graph.nodes:
        return graph
    return set_params(graph, data, {"validation_share": 0.15})


def _without_validation(reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    for node_id, report in reports.items():
        if isinstance(report.layer, Data) and report.layer.validation_share == 0:
            yield Problem(
                code="LL-A004",
                severity="warning",
                title="All samples are used for training",
                text="None are held out, so nothing shows whether the network learns or memorises.",
                reason="nothing held out",
                node=node_id,
                fixes=(
                    Fix(
                        label="Hold out 15\u202f%",
                        edit=partial(_holding_out, data=node_id),
                    ),
                ),
            )


def _targets_that_are_not_there(
    graph: Graph, reports: Mapping[NodeId, NodeReport]
) -> Iterator[Problem]:
    """A target keeps its own copy of a field; the data set may have changed since."""
    fields = next((r.layer.fields for r in reports.values() if isinstance(r.layer, Data)), None)
    if fields is None:
        return
    for node_id, report in reports.items():
        if not isinstance(report.layer, Target) or report.layer.field in fields:
            continue
        field = report.layer.field
        now = next((other for other in fields if other.name == field.name), None)
        fitting = [now] if now else [other for other in fields if other.kind == field.kind]
        yield Problem(
            code="LL-A007",
            severity="error",
            title=f"The field {field.name} has changed" if now else f"No field {field.name}",
            text=f"The data set has {', '.join(map(_told, fields)) or 'no fields'}. "
            f"This target expects {_told(field)}.",
            reason="not in the data",
            node=node_id,
            fixes=tuple(
                Fix(
                    label=f"Take {other.name}" + (" as it is now" if now else ""),
                    edit=partial(_taking, target=node_id, field=other),
                )
                for other in fitting
            ),
        )


def _told(field: DataField) -> str:
    kind = f"{field.classes} classes" if field.classes else "×".join(map(str, field.sizes))
    return f"{field.name} ({kind})" if kind else field.name


def _taking(graph: Graph, target: NodeId, field: DataField) -> Graph:
    """Let a target bring another field; its wires go out from there."""
    if target not in graph.nodes:
        return graph
    graph = set_params(graph, target, {"field": msgspec.to_builtins(field)})
    links = (
        Link(End(target, field.name), link.target) if link.source.node == target else link
        for link in graph.links
    )
    return replace(graph, links=tuple(links))


def _losses_of_losses(
    graph: Graph, reports: Mapping[NodeId, NodeReport], losses: Collection[NodeId]
) -> Iterator[Problem]:
    """All losses are summed already; one that is fed by another would count it twice."""
    if not any(link.source.node in losses for link in graph.links):
        return
    after: set[NodeId] = set()
    feeding: dict[NodeId, list[NodeId]] = {}
    for link in graph.links:
        feeding.setdefault(link.target.node, []).append(link.source.node)
    for node_id in in_order(graph):
        if not any(node in losses or node in after for node in feeding.get(node_id, ())):
            continue
        after.add(node_id)
        if node_id in losses and reports[node_id].state == "ok":
            yield Problem(
                code="LL-A008",
                severity="error",
                title=f"{reports[node_id].title} is fed by a loss",
                text="A loss compares a prediction with a target. Several losses are summed "
                "without a wire between them.",
                reason="a loss of a loss",
                node=node_id,
                fixes=(Fix(label="Remove it", edit=_without(node_id)),),
            )


def _softmax_before_cross_entropy(graph: Graph) -> Iterator[Problem]:
    for link in graph.links:
        before = graph.nodes.get(link.source.node)
        after = graph.nodes.get(link.target.node)
        if before is None or after is None or before.bypassed or after.kind != "CrossEntropyLoss":
            continue
        if link.target.port == "x" and before.kind in ("Softmax", "LogSoftmax", "Sigmoid"):
            node_id = before.id
            yield Problem(
                code="LL-A005",
                severity="warning",
                title=f"{before.kind} before cross-entropy",
                text="Cross-entropy applies a softmax itself. A second one slows learning down.",
                reason="softmax twice",
                node=node_id,
                fixes=(
                    Fix(
                        label=f"Remove {before.kind}",
                        edit=_without(node_id),
                    ),
                ),
            )
