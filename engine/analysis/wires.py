"""Wires that a layer cannot have: from or to a port that is gone, or too many of them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import disconnect
from engine.graph.elements import End, Graph, Link, NodeId
from nodes.layer import Port


def loose_wires(
    report: NodeReport, links: Sequence[Link], reports: Mapping[NodeId, NodeReport]
) -> Iterator[Problem]:
    """Yield what is wrong with the wires into a node.

    Such wires come from files, and from edits that change the ports of a node: another data set,
    another kind of layer.

    Args:
        report: What is known of the node so far.
        links: The wires into it.
        reports: What is known of the nodes before it.
    """
    ports = {port.name: port for port in report.input_ports}
    taken: set[str] = set()
    for link in links:
        before, port = reports.get(link.source.node), ports.get(link.target.port)
        if port is None:
            yield _problem(
                link,
                title=f"{report.title} has no input “{link.target.port[:40]}”",
                text=f"A wire leads there{f' from {before.title}' if before else ''}.",
                reason="wire to nowhere",
            )
        elif before is not None and not _gives(before, link.source.port):
            yield _problem(
                link,
                title=f"{before.title} has no output “{link.source.port[:40]}”",
                text=f"A wire leads from there to {report.title}.",
                reason="wire from nowhere",
                fixes=tuple(_instead(link, before, port)),
            )
        elif port.name in taken and not port.many:
            yield _problem(
                link,
                title=f"{report.title} takes one tensor",
                text=f"Several wires lead to “{port.name}”; only the first would count.",
                reason="too many wires",
            )
        taken.add(link.target.port)


def _gives(before: NodeReport, port: str) -> bool:
    """Whether a node has an output; one that is not understood may have any."""
    return before.layer is None or any(output.name == port for output in before.output_ports)


def _instead(link: Link, before: NodeReport, port: Port) -> Iterator[Fix]:
    """Offer the outputs that there are: labels first where a target is wanted, else last."""
    labels_first = port.target
    for output in sorted(
        before.outputs, key=lambda name: bool(before.outputs[name].classes) != labels_first
    )[:2]:
        moved = Link(End(link.source.node, output), link.target)
        yield Fix(label=f"Take {output}", edit=partial(_with_other, link=link, other=moved))


def _problem(
    link: Link, *, title: str, text: str, reason: str, fixes: tuple[Fix, ...] = ()
) -> Problem:
    return Problem(
        code="LL-S017",
        severity="error",
        title=title,
        text=text,
        reason=reason,
        node=link.target.node,
        links=(link,),
        fixes=(*fixes, Fix(label="Remove the wire", edit=partial(_without, link=link))),
    )


def _with_other(graph: Graph, link: Link, other: Link) -> Graph:
    links = (other if known == link else known for known in graph.links)
    return replace(graph, links=tuple(dict.fromkeys(links)))


def _without(graph: Graph, link: Link) -> Graph:
    return disconnect(graph, link) if link in graph.links else graph
