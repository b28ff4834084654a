"""Edits of wires as the pointer and the keys ask for them: plain functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from app.canvas.growing import insert_on, ports_of
from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.analysis.verdict import Verdict, can_connect, first_fitting
from engine.graph.edits import connect, disconnect
from engine.graph.elements import End, Graph, Link, NodeId
from nodes.errors import GraphError


def draw_wire(
    graph: Graph, source: End, target: End, verdict: Verdict, *, instead_of: Link | None = None
) -> Graph:
    """Draw a wire that was judged, with the layer in it that mends its shape.

    Args:
        instead_of: The wire that was pulled off its input for it.

    Raises:
        GraphError: The wire cannot be drawn at all.
    """
    if verdict.refused:
        raise GraphError(verdict.text or "This wire leads nowhere")
    drawn = Link(source, target)
    if instead_of == drawn:
        return graph
    now = disconnect(graph, instead_of) if instead_of is not None else graph
    if drawn in now.links:
        return graph
    now = connect(now, source, target)
    return now if verdict.fix is None else insert_on(now, verdict.fix, {}, drawn)[0]


def join(graph: Graph, report: ShapeReport, upper: NodeId, lower: NodeId) -> Graph:
    """Draw the wire between two nodes that fits best, downwards where both ways would.

    Raises:
        GraphError: No output of one fits an input of the other.
    """
    wires = (
        *_wires_between(graph, report, upper, lower),
        *_wires_between(graph, report, lower, upper),
    )
    fitting = next((wire for wire in wires if wire[2].ok), None)
    if fitting is None:
        why = next((verdict.text for *_, verdict in wires if verdict.text), "No port is left.")
        raise GraphError("These two layers do not fit each other", why=why)
    return draw_wire(graph, *fitting)


def _wires_between(
    graph: Graph, report: ShapeReport, before: NodeId, after: NodeId
) -> Iterator[tuple[End, End, Verdict]]:
    node = graph.nodes[before]
    for name in ports_of(graph, node)[1]:
        source = End(before, name)
        found = first_fitting(graph, report, source, after)
        if found is not None and Link(source, found[0]) not in graph.links:
            yield source, *found


def judge_move(graph: Graph, report: ShapeReport, links: Collection[Link], source: End) -> Verdict:
    """Judge leading wires from another output, before they are; the first that is wrong counts.

    What one of them alone would not fit, all of them together may.
    """
    without = without_wires(graph, links)
    verdicts = [can_connect(without, report, source, link.target) for link in links]
    verdicts.sort(key=lambda verdict: (not verdict.refused, verdict.ok))
    worst = next(iter(verdicts), Verdict(ok=False, text="", refused=True))
    if worst.ok or worst.refused or len(links) < 2:
        return worst
    return Verdict(ok=True, text="") if _fit_together(graph, report, links, source) else worst


def _fit_together(graph: Graph, report: ShapeReport, links: Collection[Link], source: End) -> bool:
    """Whether the layers that wires lead to have no error where all lead from another output."""
    targets = {link.target.node for link in links}
    moved = infer_shapes(move_wires(graph, links, source), report)
    return not any(
        problem.node in targets for problem in moved.problems if problem.severity == "error"
    )


def move_wires(graph: Graph, links: Collection[Link], source: End) -> Graph:
    """Lead wires to the same inputs from another output, each in its place among the others.

    Raises:
        GraphError: One of them would close a circle.
    """
    without = without_wires(graph, links)
    for link in links:
        connect(without, source, link.target)
    moved = (Link(source, link.target) if link in links else link for link in graph.links)
    return replace(graph, links=tuple(dict.fromkeys(moved)))


def without_wires(graph: Graph, links: Iterable[Link]) -> Graph:
    """Take wires away."""
    gone = set(links)
    return replace(graph, links=tuple(link for link in graph.links if link not in gone))
