"""What the bar of a folded frame is coloured by: the figures of its layers as one."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.folding import bar_id
from app.heat.measures import Join
from engine.graph.elements import Graph, NodeId
from engine.graph.framing import folded_frames
from engine.graph.topology import in_order


def folded_figures(
    graph: Graph, values: Mapping[NodeId, float], weights: Mapping[NodeId, float], join: Join
) -> dict[NodeId, float]:
    """Return the figures of all cards that stand on the canvas, bars of folded frames among them.

    Args:
        values: The figure of each layer that has one.
        weights: The length of the weights of each layer that has some.
    """
    frame_of = folded_frames(graph)
    figures = {node: value for node, value in values.items() if node not in frame_of}
    inside: dict[NodeId, list[NodeId]] = {}
    for node in in_order(graph) if frame_of else ():
        if node in frame_of and node in values:
            inside.setdefault(bar_id(frame_of[node]), []).append(node)
    for bar, nodes in inside.items():
        lengths = [weights.get(node, 0.0) for node in nodes]
        figures[bar] = join([values[node] for node in nodes], lengths)
    return figures
