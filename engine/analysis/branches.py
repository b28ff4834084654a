"""Branches that lead nowhere: layers whose numbers nothing uses."""

from collections.abc import Callable, Collection, Iterator, Mapping

from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import remove_and_rejoin, remove_nodes
from engine.graph.elements import Graph, NodeId


def unused(
    graph: Graph,
    reports: Mapping[NodeId, NodeReport],
    layers: Collection[NodeId],
    *,
    code: str,
    text: str,
) -> Iterator[Problem]:
    """Yield each layer that nothing uses, with a fix that removes all that only leads to it.

    Args:
        layers: The nodes that compute.
        text: What it means that nothing uses it.
    """
    feeding = {link.source.node for link in graph.links}
    for node, report in reports.items():
        if node in layers and report.state == "ok" and node not in feeding:
            branch = _leading_only_to(graph, node, layers)
            yield Problem(
                code=code,
                severity="warning",
                title=f"Nothing uses {report.title}",
                text=text,
                reason="leads nowhere",
                node=node,
                fixes=tuple(_removing(graph, node, branch)),
            )


def _leading_only_to(graph: Graph, node: NodeId, layers: Collection[NodeId]) -> list[NodeId]:
    """Return the layers, the node itself among them, that no other one needs."""
    branch = [node]
    for member in branch:
        for link in graph.links_into(member):
            before = link.source.node
            used_by = {after.target.node for after in graph.links_from(before)}
            if before in layers and before not in branch and used_by <= set(branch):
                branch.append(before)
    return branch


def _removing(graph: Graph, node: NodeId, branch: Collection[NodeId]) -> Iterator[Fix]:
    if len(branch) > 1:
        label = f"Remove the branch of {len(branch)} layers"
        yield Fix(label=label, edit=_if_there(branch, remove_nodes))
    yield Fix(
        label="Remove it" if len(branch) == 1 else "Remove only this layer",
        edit=_if_there((node,), remove_and_rejoin),
    )


def _if_there(
    nodes: Collection[NodeId], act: Callable[[Graph, Collection[NodeId]], Graph]
) -> Callable[[Graph], Graph]:
    return lambda graph: act(graph, nodes) if all(n in graph.nodes for n in nodes) else graph
