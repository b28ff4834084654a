"""Two drawings as one: what was removed stands beside what was added, so that both are seen."""

from itertools import combinations
from typing import NamedTuple

from msgspec.structs import replace

from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.cards import card_size
from engine.graph.composites import definition_of
from engine.graph.difference import Difference, difference
from engine.graph.elements import Graph, Link, NodeId
from engine.graph.layout import arrange


class United(NamedTuple):
    """What two drawings have between them, and what of it only one has."""

    graph: Graph
    report: ShapeReport
    """Every node as it is in the drawing that has it, the second first; no problems."""

    added: frozenset[NodeId]
    removed: frozenset[NodeId]
    changed: frozenset[NodeId]
    links_added: frozenset[Link]
    links_removed: frozenset[Link]


def united(before: ShapeReport, after: ShapeReport) -> United:
    """Lay one drawing over another.

    What is removed stays where it stood; where that is taken now, all cards are arranged anew.
    """
    first, second = before.graph, after.graph
    found = difference(first, second)
    gone = {node: first.nodes[node] for node in found.removed}
    graph = replace(
        second,
        nodes={**second.nodes, **gone},
        links=(*second.links, *found.links_removed),
        definitions={**first.definitions, **second.definitions},
        code={**first.code, **second.code},
    )
    nodes = {**{node: before.nodes[node] for node in gone}, **after.nodes}
    return United(
        graph=_spread(graph) if gone and _overlaps(graph) else graph,
        report=ShapeReport(graph=graph, nodes=nodes, problems=(), totals=after.totals),
        added=frozenset(found.added),
        removed=frozenset(found.removed),
        changed=frozenset(_changed(found, before, after)),
        links_added=frozenset(found.links_added),
        links_removed=frozenset(found.links_removed),
    )


def _changed(found: Difference, before: ShapeReport, after: ShapeReport) -> set[NodeId]:
    """Return the nodes that compute otherwise: by their settings, by their inside, or by size."""
    both = before.nodes.keys() & after.nodes.keys()
    changed = {node for node in both if _says(before.nodes[node]) != _says(after.nodes[node])}
    for node_id in both & after.graph.nodes.keys():
        node = after.graph.nodes[node_id]
        if definition_of(after.graph, node) and node.definition in found.definitions:
            changed.add(node_id)
    return changed | set(found.changed)


def _says(found: NodeReport) -> tuple[str, str]:
    return found.card, found.activation


def _overlaps(graph: Graph) -> bool:
    # Cards stand in the middle of slots that are all equally wide.
    cards = [(*node.position, *card_size(node.kind)) for node in graph.nodes.values()]
    return any(
        2 * abs(x1 - x2) < w1 + w2 and y1 < y2 + h2 and y2 < y1 + h1
        for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(cards, 2)
    )


def _spread(graph: Graph) -> Graph:
    places = arrange(graph)
    nodes = {key: replace(node, position=places[key]) for key, node in graph.nodes.items()}
    return replace(graph, nodes=nodes, bends={})
