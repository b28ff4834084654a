"""Finding layers in a drawing by what they are called, what they are, and what they put out."""

import re
from collections.abc import Iterator

from engine.analysis.insides import inside_of
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.composites import at, definition_of
from engine.graph.elements import Graph, Node, NodeId, NodePath
from engine.graph.topology import in_order
from nodes.catalogue import CATEGORIES, kind_named
from nodes.layer import Layer, short
from nodes.params import fields_of

_TIMES = re.compile(r"(?<=\d)[x*](?=\d)")


def find_nodes(graph: Graph, report: ShapeReport, text: str) -> tuple[NodeId, ...]:
    """Return the nodes that every word of a text is found in, in the order of the data flow.

    A word is looked for in the title, the name, the kind and its other names, the category, the
    parameters and the shapes: ``conv``, ``stride=2``, ``16x14x14``. Nothing is found for no word.
    """
    words = [_TIMES.sub("×", word) for word in text.casefold().split()]
    if not words:
        return ()
    return tuple(
        node_id
        for node_id in in_order(graph)
        if _has_all(words, list(_texts(graph.nodes[node_id], report.nodes.get(node_id))))
    )


def find_everywhere(report: ShapeReport, text: str) -> Iterator[NodePath]:
    """Yield the ways to the nodes that fit, of a drawing first and then inside of its composites.

    A composite that is used more than once is looked into at its first use.
    """
    for path, level in each_level(report):
        yield from ((*path, node) for node in find_nodes(level.graph, level, text))


def each_level(report: ShapeReport) -> Iterator[tuple[NodePath, ShapeReport]]:
    """Yield a drawing, then the insides of its composites with the ways to them.

    A composite that is used more than once is looked into at its first use.
    """
    yield from _levels(report, (), set())


def _levels(
    report: ShapeReport, path: NodePath, known: set[str]
) -> Iterator[tuple[NodePath, ShapeReport]]:
    graph = report.graph
    yield path, report
    for node_id in in_order(graph):
        node = graph.nodes[node_id]
        if definition_of(graph, node) is None or node.definition in known:
            continue
        known.add(node.definition)
        inside = inside_of(report, (node_id,), at(graph, (node_id,)))
        yield from _levels(inside, (*path, node_id), known)


def _has_all(words: list[str], texts: list[str]) -> bool:
    return all(any(_fits(word, text) for text in texts) for word in words)


def _fits(word: str, text: str) -> bool:
    # "stride=2" is not to find "stride=20".
    return text == word if "=" in word else word in text


def _texts(node: Node, found: NodeReport | None) -> Iterator[str]:
    kind = kind_named(node.kind)
    texts = [node.title, node.name, node.kind]
    if kind is not None:
        texts += [kind.info.title, CATEGORIES[kind.info.category], *kind.info.aliases]
    if found is not None:
        texts += [found.title, found.card, found.activation]
        texts += [str(tensor) for tensor in found.outputs.values()]
        if found.layer is not None:
            texts += _parameters(found.layer)
    return (text.casefold() for text in texts)


def _parameters(layer: Layer) -> Iterator[str]:
    for field in fields_of(type(layer)):
        value = short(getattr(layer, field.name))
        yield f"{field.name}={value}"
        yield f"{field.param.label} {value}"
