"""What each layer of a level sees of a sample: the receptive fields of its outputs."""

from collections.abc import Mapping
from typing import TypeAlias

from engine.analysis.receptive import View, arriving_at, links_by_target, views
from engine.analysis.report import ShapeReport
from engine.graph.elements import NodeId, NodePath
from nodes.errors import GraphError

Sees: TypeAlias = tuple[int | None, ...]
"""Places along the axes of the data; None for all of an axis, nothing for data without places."""


def sees_on_level(model: ShapeReport, path: NodePath) -> dict[NodeId, Sees]:
    """Return what the layers of a level see; none of a level that is not there any more.

    Args:
        model: What is known of the whole drawing.
        path: The composites that are entered, outermost first; of a repeat its first round.
    """
    entering: Mapping[str, View] = {}
    report = model
    for node in path:
        arriving = arriving_at(links_by_target(report.graph).get(node, ()), views(report, entering))
        entering = {port: found[0] for port, found in arriving.items()}
        try:
            report = report.inside((node,))
        except GraphError:
            return {}
    seen: dict[NodeId, Sees] = {}
    for end, view in views(report, entering).items():
        seen.setdefault(end.node, view.sizes)
    return seen
