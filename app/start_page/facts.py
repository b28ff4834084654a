"""What a card tells of a template, computed from its project."""

from __future__ import annotations

import msgspec

from engine.analysis.family import family_of
from engine.analysis.insides import category_of
from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.cards import card_size
from engine.graph.elements import Graph
from engine.graph.topology import in_order
from engine.project.project import Project
from nodes.catalogue import LAYERS

_SHOWN = 6


class Block(msgspec.Struct, frozen=True):
    """One layer as a block, in units of the canvas."""

    category: str
    x: float
    """Of its middle."""

    y: float
    """Of its upper edge."""

    width: float
    height: float


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A project in figures and blocks."""

    family: str
    parameters: int
    blocks: tuple[Block, ...]
    wires: tuple[tuple[int, int], ...]
    """Pairs of places in ``blocks``."""

    titles: tuple[tuple[str, str, str], ...]
    """Title, category and glyph of some layers, from the data to the loss."""


def facts_of(project: Project) -> Facts:
    """Analyse a project for its card."""
    graph = project.graph
    report = infer_shapes(graph)
    order = in_order(graph)
    places = {node: place for place, node in enumerate(order)}
    titled = [
        (report.nodes[node].title, category_of(report.nodes[node]), _glyph(graph.nodes[node].kind))
        for node in order
        if node in report.nodes
    ]
    return Facts(
        family=family_of(graph),
        parameters=report.totals.parameters,
        blocks=_blocks(graph, report),
        wires=tuple(
            (places[link.source.node], places[link.target.node])
            for link in graph.links
            if link.source.node in places and link.target.node in places
        ),
        titles=tuple(titled[: _SHOWN - 1] + titled[-1:] if len(titled) > _SHOWN else titled),
    )


def _blocks(graph: Graph, report: ShapeReport) -> tuple[Block, ...]:
    made = []
    for node_id in in_order(graph):
        node, found = graph.nodes[node_id], report.nodes.get(node_id)
        width, height = card_size(node.kind)
        category = category_of(found) if found is not None else "shape"
        made.append(Block(category, *node.position, width, height))
    return tuple(made)


def _glyph(kind: str) -> str:
    layer = LAYERS.get(kind)
    return layer.info.glyph if layer is not None else "composite"
