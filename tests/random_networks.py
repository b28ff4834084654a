"""Random networks of layers of every kind, grown from what they fit."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from hypothesis import strategies as st
from layer_parameters import PARAMETERS

from engine.analysis.free_sizes import with_free_sizes
from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.elements import End, Graph, Node, NodeId
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import LoomError
from nodes.layer import Layer

KINDS: Final = tuple(kind for kind, layer in LAYERS.items() if layer.info.role == "layer")

_FIELDS: Final = (
    {"name": "image", "kind": "image", "sizes": [3, 8, 8]},
    {"name": "volume", "kind": "sequence", "sizes": [2, 5, 4, 6]},
    {"name": "steps", "kind": "sequence", "sizes": [5, 6]},
    {"name": "words", "kind": "tokens", "sizes": [5], "dtype": "int", "classes": 9},
    {"name": "label", "kind": "label", "dtype": "int", "classes": 3},
)
_LARGEST: Final = 20_000
"""Numbers that a layer may put out for a sample; what makes more is left out again."""

_BOUNDED: Final = ("LearnedPositions",)
"""Kinds that take a free size up to a longest one."""

_SPARE: Final = 4
_PLACES: Final = 4
"""Tries of a kind at other places, as most kinds do not fit most of what there is."""


@st.composite
def networks(
    draw: st.DrawFn, most: int = 60, *, free: bool = False, left_out: Collection[str] = ()
) -> Graph:
    """Drawings of layers of every kind without errors, and a loss that all of them may lead to.

    Args:
        free: Height, width and length of the data are free; there is no loss then.
        left_out: Kinds that none of the layers is of.
    """
    data = edits.make_node(Graph(), "Data", params={"fields": list(_FIELDS)})
    graph = edits.add_node(Graph(), data)
    for letters in (("H", "W"), ("T",), ("T₂",)) if free else ():
        graph = with_free_sizes(graph, data.id, letters, 1)
    report = infer_shapes(graph)
    ends = [End(data.id, str(field["name"])) for field in _FIELDS[:-1]]
    wanted = draw(st.integers(1, most - 2))
    unwanted = {*left_out, *(_BOUNDED if free else ())}
    kinds = tuple(kind for kind in KINDS if kind not in unwanted)
    for _ in range(_SPARE * wanted):
        if len(graph.nodes) > wanted:
            break
        kind = draw(st.sampled_from(kinds))
        params = draw(PARAMETERS[kind]) if kind in PARAMETERS else {}
        if (layer := _made(kind, params)) is None:
            continue
        node = edits.make_node(graph, kind, params=params)
        for _ in range(_PLACES):
            grown = infer_shapes(
                _wired(draw, edits.add_node(graph, node), node, layer, ends), report
            )
            if _fits(grown, node.id):
                graph, report = grown.graph, grown
                ends += [End(node.id, port) for port in grown.nodes[node.id].outputs]
                break
    return graph if free else _with_loss(graph, ends[len(_FIELDS) - 1 :], data.id)


def _wired(draw: st.DrawFn, graph: Graph, node: Node, layer: Layer, ends: list[End]) -> Graph:
    """Connect a layer to some outputs, the latest of them likelier than the others."""
    for port in layer.inputs():
        if port.optional and draw(st.booleans()):
            continue
        for _ in range(draw(st.integers(2, 3)) if port.many else 1):
            source = draw(st.sampled_from(ends[-6:]) | st.sampled_from(ends))
            graph = edits.connect(graph, source, End(node.id, port.name))
    return graph


def _made(kind: str, params: Mapping[str, Any]) -> Layer | None:
    try:
        return make_layer(kind, params)
    except LoomError:
        return None


def _fits(report: ShapeReport, node: NodeId) -> bool:
    found = report.nodes[node]
    if report.free is not None and report.free.nodes[node].state != "ok":
        return False
    return found.state == "ok" and found.output_numbers <= _LARGEST


def _with_loss(graph: Graph, ends: list[End], data: NodeId) -> Graph:
    """Bring the last real numbers to scores, and compare them with the labels."""
    for end in reversed(ends):
        grown = graph
        for kind, params in (("Flatten", {}), ("Linear", {"out_features": 3})):
            node = edits.make_node(grown, kind, params=params)
            grown = edits.connect(edits.add_node(grown, node), end, End(node.id, "x"))
            end = End(node.id, "y")
        loss = edits.make_node(grown, "CrossEntropyLoss")
        grown = edits.connect(edits.add_node(grown, loss), end, End(loss.id, "x"))
        grown = edits.connect(grown, End(data, "label"), End(loss.id, "target"))
        if not infer_shapes(grown).errors:
            return grown
    return graph
