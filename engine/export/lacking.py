"""What no ONNX file can hold, known before a model is loaded. Imports no torch."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from engine.graph.composites import reached_from
from engine.graph.edits import replace_kind
from engine.graph.elements import Graph
from nodes.errors import ExportError

ONNX_LACKS: Final[Mapping[str, str]] = {
    "FractionalMaxPool2d": "AdaptiveMaxPool2d",
    "FractionalMaxPool3d": "AdaptiveMaxPool3d",
}
"""Kinds of layers without an operator, and the kind that does nearly the same."""


def lacking_in_onnx(graph: Graph, part: str = "") -> ExportError | None:
    """Return why a drawing cannot become an ONNX file, at the first layer that stands in the way.

    None where nothing is known to; what cannot be converted is then found by converting.

    Args:
        part: The network of the drawing that is taken away alone; see ``networks``.
    """
    taken = [node for node in graph.nodes.values() if part in ("", node.name)]
    used = reached_from(graph.definitions, (node.definition for node in taken))
    graphs = [*(() if part else (graph,)), *(graph.definitions[key].graph for key in used)]
    nodes = [node for each in graphs for node in each.nodes.values() if not node.bypassed]
    lacking = [node for node in nodes if node.kind in ONNX_LACKS]
    if not lacking:
        return None
    first = lacking[0]
    title = first.title or first.kind
    places = f", {len(lacking)} places" if len(lacking) > 1 else ""
    return ExportError(
        f"ONNX has no operator for {first.kind}",
        why=f"Used in {title}{places}. Where it cuts is left to chance, after training as well.",
        where=title,
        hint=f"Put {ONNX_LACKS[first.kind]} in its place, or export PyTorch source instead.",
    )


def fitted_to_onnx(graph: Graph) -> Graph:
    """Put in the place of every layer without an operator the one that does nearly the same.

    Composites are gone into; a drawing without such layers stays as it is.
    """
    changed = _fitted(graph)
    inside = {key: _fitted(one.graph) for key, one in graph.definitions.items()}
    definitions = {
        key: one if inside[key] is one.graph else replace(one, graph=inside[key])
        for key, one in graph.definitions.items()
    }
    same = all(inside[key] is one.graph for key, one in graph.definitions.items())
    return changed if same else replace(changed, definitions=definitions)


def _fitted(graph: Graph) -> Graph:
    for key, node in graph.nodes.items():
        if node.kind in ONNX_LACKS:
            graph = replace_kind(graph, key, ONNX_LACKS[node.kind])
    return graph
