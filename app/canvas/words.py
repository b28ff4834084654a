"""Names of what is on the canvas, for menus, the history and screen readers."""

from __future__ import annotations

from collections.abc import Collection

from app.document import Document
from engine.graph.elements import Link, NodeId
from nodes.catalogue import CATEGORIES


def title_of(document: Document, node: NodeId) -> str:
    """Return what a node is called."""
    report = document.report.nodes.get(node)
    found = document.graph.nodes.get(node)
    if report is not None:
        return report.title
    return found.title or found.kind if found else "layer"


def layers_text(document: Document, nodes: Collection[NodeId]) -> str:
    """Name one layer, or count several."""
    if len(nodes) == 1:
        return title_of(document, next(iter(nodes)))
    return f"{len(nodes)} layers"


def spoken(document: Document, node: NodeId) -> str:
    """Describe a node in a sentence for a screen reader."""
    report, found = document.report.nodes.get(node), document.graph.nodes[node]
    parts = [title_of(document, node), found.name]
    if report is not None and report.layer is not None:
        parts.append(CATEGORIES[report.layer.info.category].lower())
        if report.card:
            parts.append(report.card.replace("×", " by ").replace(" · ", ", "))
        parts += [
            f"output {str(tensor).replace('×', ' by ')}" for tensor in report.outputs.values()
        ]
    parts += [problem.title for problem in document.report.of_node(node)]
    if found.bypassed:
        parts.append("bypassed")
    if found.frozen:
        parts.append("frozen")
    place = list(document.graph.nodes).index(node) + 1
    parts.append(f"{place} of {len(document.graph.nodes)}")
    return ", ".join(parts)


def spoken_wire(document: Document, link: Link) -> str:
    """Describe a wire: "from MaxPool2d to Conv2d, 16 by 14 by 14"."""
    ends = f"from {title_of(document, link.source.node)} to {title_of(document, link.target.node)}"
    tensor = document.report.on_link(link)
    return f"{ends}, {str(tensor).replace('×', ' by ')}" if tensor is not None else ends
