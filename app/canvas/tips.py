"""What the pointer is told about the thing below it."""

from __future__ import annotations

from app.canvas.hits import Hit
from app.canvas.scene import CanvasScene
from engine.graph.elements import Link, NodeId


def tip_of(scene: CanvasScene, hit: Hit) -> str:
    """Return the words for what was hit; empty where there is nothing to say."""
    if hit.link is not None:
        return _wire_tip(scene, hit.link)
    if hit.node is None:
        return ""
    if hit.kind == "badge":
        return "\n".join(problem.title for problem in scene.document.report.of_node(hit.node))
    if hit.port is not None:
        return hit.port.name
    return _card_tip(scene, hit.node)


def _wire_tip(scene: CanvasScene, link: Link) -> str:
    tensor = scene.document.report.on_link(link)
    if tensor is None:
        return "The shape is not known yet"
    return f"N×{tensor}, {tensor.dtype}" if tensor.sample else f"{tensor}, {tensor.dtype}"


def _card_tip(scene: CanvasScene, node_id: NodeId) -> str:
    facts = scene.nodes[node_id].facts
    node = scene.document.graph.nodes[node_id]
    return f"{facts.title}\n{node.name}" if facts.title != node.name else facts.title
