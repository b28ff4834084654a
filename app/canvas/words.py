"""Names of what is on the canvas, for menus, the history and screen readers."""

from __future__ import annotations

from collections.abc import Collection

from app.canvas.geometry import PortPlace
from app.document import Document
from app.spoken import spoken_node, spoken_shape
from engine.graph.elements import End, Link, NodeId
from engine.graph.topology import in_order


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
    graph, report = document.graph, document.report.nodes.get(node)
    order = list(in_order(graph))
    place = order.index(node) + 1
    if report is None:
        return f"{title_of(document, node)}, {graph.nodes[node].name}, {place} of {len(order)}"
    problems = document.problems_of(node)
    return spoken_node(graph.nodes[node], report, problems, place, len(order))


def spoken_port(document: Document, node: NodeId, place: PortPlace) -> str:
    """Describe a port: "output y, 16 by 14 by 14, to Conv2d and Add"."""
    graph, word = document.graph, "input" if place.is_input else "output"
    if place.is_input:
        links = [place.link] if place.link is not None else []
        far = [f"from {title_of(document, link.source.node)}" for link in links]
        tensors = [document.report.in_letters(link.source) for link in links]
    else:
        links = [link for link in graph.links if link.source == End(node, place.name)]
        titles = [title_of(document, link.target.node) for link in links]
        far = [f"to {' and '.join(titles)}"] if titles else []
        tensors = [document.report.in_letters(End(node, place.name))]
    shapes = [spoken_shape(tensor) for tensor in tensors if tensor is not None]
    open_end = "not connected, optional" if place.optional else "not connected"
    return ", ".join([f"{word} {place.name}", *shapes, *(far or [open_end])])


def spoken_wire(document: Document, link: Link) -> str:
    """Describe a wire: "from MaxPool2d to Conv2d, 16 by 14 by 14"; say what does not fit there."""
    ends = f"from {title_of(document, link.source.node)} to {title_of(document, link.target.node)}"
    tensor = document.report.in_letters(link.source)
    problems = [one.title for one in document.report.errors if link in one.links]
    shape = "shape not known" if tensor is None else spoken_shape(tensor)
    return ", ".join([ends, shape, *(f"does not fit: {title}" for title in problems)])
