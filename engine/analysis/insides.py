"""The analysis of the inside of a composite, for whoever looks or edits there."""

from collections import Counter

from engine.analysis.instances import Instance, Repeated
from engine.analysis.library import Setting
from engine.analysis.report import Nested, NodeReport, ShapeReport, Totals
from engine.graph.composites import at, definition_of, reachable
from engine.graph.elements import Formula, Graph, Node, NodeId, NodePath, round_told
from nodes.errors import GraphError
from nodes.layer import Category


def inside_of(report: ShapeReport, path: NodePath, graph: Graph) -> ShapeReport:
    """Return the report on an inside, however little is known of the composite around it.

    Where the composite itself is not understood, its inside is looked at with the defaults of
    its parameters and nothing arriving; where there is no report at all, nothing is known.

    Args:
        report: On the whole drawing.
        path: The composites to go through, outermost first; none gives ``report``. Of a repeat it
            is the round that ``in_round`` names, else the first.
        graph: The inside as it is now.
    """
    try:
        return report.inside(path)
    except GraphError:
        alone = _alone(report, tuple(round_told(node)[0] for node in path))
    return alone or ShapeReport(graph=graph, nodes={}, problems=(), totals=Totals(complete=False))


def category_of(report: NodeReport) -> Category:
    """Return what a node is among layers: a composite is what most of its parameters are."""
    layer = report.layer
    if layer is None:
        return "shape"
    inside = layer.inside(report.inputs) if isinstance(layer, Nested) else None
    if inside is None:
        return layer.info.category
    weighty: Counter[Category] = Counter()
    for found in inside.nodes.values():
        if found.parameters:
            weighty[category_of(found)] += found.parameters
    return max(weighty, key=weighty.__getitem__, default="shape")


def found_at(report: ShapeReport, path: NodePath) -> tuple[Node, NodeReport] | None:
    """Return a node at any depth and what is known of it; None where it is not there.

    Args:
        report: On the whole drawing.
        path: The composites around it, as :func:`inside_of` takes them, then the node.
    """
    try:
        around = report.inside(path[:-1])
    except GraphError:
        return None
    node = path[-1] if path[-1] in around.nodes else round_told(path[-1])[0]
    return (around.graph.nodes[node], around.nodes[node]) if node in around.nodes else None


def rounds_of(report: ShapeReport, path: NodePath) -> int:
    """Return how many rounds the innermost composite on a path stands in; 1 where it does once.

    Args:
        report: On the whole drawing.
        path: As :func:`inside_of` takes it.
    """
    found = found_at(report, path) if path else None
    layer = found[1].layer if found is not None else None
    return len(layer.rounds) if isinstance(layer, Repeated) else 1


def rounds_of_layer(report: ShapeReport, node: NodeId) -> int:
    """Return how many rounds a layer that is no composite stands in; 1 for any other node."""
    found = report.nodes.get(node)
    layer = found.layer if found is not None else None
    if not isinstance(layer, Repeated) or isinstance(layer.rounds[0], Instance):
        return 1
    return len(layer.rounds)


def titles_along(report: ShapeReport, path: NodePath) -> list[str]:
    """Return what the nodes on the way to a node are called, and it itself."""
    titles = []
    for depth, node_id in enumerate(path):
        graph = at(report.graph, reachable(report.graph, path[:depth]))
        found = inside_of(report, path[:depth], graph).nodes.get(node_id)
        titles.append(found.title if found is not None else "")
    return [title for title in titles if title]


def _alone(report: ShapeReport, path: NodePath) -> ShapeReport | None:
    library = report.library
    try:
        around = at(report.graph, path[:-1])
        node = around.nodes.get(path[-1])
        definition = definition_of(around, node) if node is not None else None
        if node is None or definition is None or library is None:
            return None
        library.checked(node.definition)
    except GraphError:
        return None
    defaults = {
        name: 1 if isinstance(value, Formula) else value
        for name, value in definition.parameters.items()
    }
    return library.body(node.definition, Setting(defaults, {}))
