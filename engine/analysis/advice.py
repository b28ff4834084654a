"""Advice on a drawing as a whole: what would not stop a layer but would stop or spoil training."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import add_node, connect, make_node, remove_and_rejoin, set_params
from engine.graph.elements import End, Graph, NodeId
from nodes.io import Data

_PITCH = 94.0


def advise(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> tuple[Problem, ...]:
    """Return what is wrong or unwise about the drawing as a whole; nothing while it is empty."""
    if not graph.nodes:
        return ()
    return (
        *_without_data(graph, reports),
        *_without_loss(graph, reports),
        *_without_validation(reports),
        *_softmax_before_cross_entropy(graph),
        *_unused(graph, reports),
    )


def _role(report: NodeReport) -> str:
    return report.layer.info.role if report.layer is not None else ""


def _without_data(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    sources = [node for node, report in reports.items() if isinstance(report.layer, Data)]
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


def _with_data(graph: Graph) -> Graph:
    top = min((node.position[1] for node in graph.nodes.values()), default=0.0)
    left = min((node.position[0] for node in graph.nodes.values()), default=0.0)
    return add_node(graph, make_node(graph, "Data", position=(left, top - _PITCH)))


def _without_loss(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    if any(_role(report) == "loss" for report in reports.values()):
        return
    used = {(link.source.node, link.source.port) for link in graph.links}
    for node_id, report in reports.items():
        if _role(report) != "layer" or report.state != "ok":
            continue
        for port in report.output_ports[:1]:
            if (node_id, port.name) not in used:
                yield Problem(
                    code="LL-A003",
                    severity="error",
                    title="Nothing to minimise yet",
                    text=f"The output {report.title} has no loss to tell it how far off it is.",
                    reason="no loss",
                    node=node_id,
                    fixes=(
                        Fix(
                            label="Add cross-entropy",
                            edit=partial(_with_loss, output=End(node_id, port.name)),
                        ),
                    ),
                )
                return
    if not any(_role(report) == "layer" for report in reports.values()):
        yield Problem(
            code="LL-A003",
            severity="error",
            title="Nothing to train yet",
            text="The drawing has no layers and no loss.",
            reason="no layers",
        )


def _without(node: NodeId) -> Callable[[Graph], Graph]:
    def edit(graph: Graph) -> Graph:
        return remove_and_rejoin(graph, (node,)) if node in graph.nodes else graph

    return edit


def _holding_out(graph: Graph, data: NodeId) -> Graph:
    if data not in graph.nodes:
        return graph
    return set_params(graph, data, {"validation_share": 0.15})


def _with_loss(graph: Graph, output: End) -> Graph:
    if output.node not in graph.nodes:
        return graph
    x, y = graph.nodes[output.node].position
    loss = make_node(graph, "CrossEntropyLoss", position=(x, y + _PITCH))
    graph = connect(add_node(graph, loss), output, End(loss.id, "x"))
    label = _label_end(graph)
    return graph if label is None else connect(graph, label, End(loss.id, "target"))


def _label_end(graph: Graph) -> End | None:
    for node in graph.nodes.values():
        if node.kind == "Data":
            fields = node.params.get("fields")
            names = [f["name"] for f in fields if f.get("classes")] if fields else ["label"]
            if names:
                return End(node.id, names[0])
    return None


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


def _softmax_before_cross_entropy(graph: Graph) -> Iterator[Problem]:
    for link in graph.links:
        before = graph.nodes.get(link.source.node)
        after = graph.nodes.get(link.target.node)
        if before is None or after is None or after.kind != "CrossEntropyLoss":
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


def _unused(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    if not any(_role(report) == "loss" for report in reports.values()):
        return
    feeding = {link.source.node for link in graph.links}
    for node_id, report in reports.items():
        if _role(report) == "layer" and report.state == "ok" and node_id not in feeding:
            yield Problem(
                code="LL-A006",
                severity="warning",
                title=f"Nothing uses {report.title}",
                text="It leads to no loss, so it is not trained.",
                reason="leads nowhere",
                node=node_id,
                fixes=(
                    Fix(
                        label="Remove it",
                        edit=_without(node_id),
                    ),
                ),
            )
