"""Layers that decide how wide the tensors behind them are, and what they would have to be set to.

A fix that sets one of them is offered only where its own shape rule says that it comes out right.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from engine.analysis.report import Fix, NodeReport
from engine.graph.edits import set_params
from engine.graph.elements import End, Formula, Graph, Link, Node, NodeId
from nodes.errors import LoomError
from nodes.sizes import Size
from nodes.tensors import TensorType

_WIDTHS: Final = {
    **dict.fromkeys(("Linear", "Bilinear"), "out_features"),
    **{f"Conv{axes}d": "out_channels" for axes in (1, 2, 3)},
    **{f"ConvTranspose{axes}d": "out_channels" for axes in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), "hidden_size"),
    "Embedding": "embedding_dim",
    "PatchEmbedding": "features",
}
"""The parameter that decides, by kind."""

_STRIDES: Final = (1, 2)


def widening(
    graph: Graph, reports: Mapping[NodeId, NodeReport], link: Link, width: int, label: str
) -> Fix | None:
    """Return the fix that gives what a wire carries another width, where one layer decides it."""
    node = _deciding(graph, reports, link.source)
    tensor = reports[link.source.node].outputs.get(link.source.port)
    if node is None or tensor is None:
        return None
    params = {_WIDTHS[node.kind]: width}
    made = _made(reports[node.id], params)
    if made is None or made.rank != tensor.rank or width not in made.sizes:
        return None
    return _setting(node, reports[node.id], params, label)


def matching(
    graph: Graph, reports: Mapping[NodeId, NodeReport], links: tuple[Link, ...]
) -> Fix | None:
    """Return the fix that gives one of several wires the shape of another, the first ones first."""
    for link in links:
        node = _deciding(graph, reports, link.source)
        if node is None:
            continue
        for wanted in _others(reports, links, link):
            for params in _tries(node, wanted):
                made = _made(reports[node.id], params)
                if made is not None and made.sizes == wanted:
                    report = reports[node.id]
                    return _setting(node, report, params, _told(node, report, params))
    return None


def _setting(node: Node, report: NodeReport, params: Mapping[str, Any], label: str) -> Fix:
    name = _WIDTHS[node.kind]
    before = getattr(report.layer, name)
    return Fix(
        label=label,
        edit=lambda graph: set_params(graph, node.id, params) if node.id in graph.nodes else graph,
        detail="" if before == params[name] else f"{before} → {params[name]}",
    )


def _told(node: Node, report: NodeReport, params: Mapping[str, Any]) -> str:
    name = _WIDTHS[node.kind]
    unit = "channels" if name == "out_channels" else "features"
    stride = f", stride {params['stride']}" if "stride" in params else ""
    return f"Set {report.title} to {params[name]} {unit}{stride}"


def _others(
    reports: Mapping[NodeId, NodeReport], links: tuple[Link, ...], link: Link
) -> Iterator[tuple[Size, ...]]:
    for other in links:
        tensor = reports[other.source.node].outputs.get(other.source.port)
        if other is not link and tensor is not None:
            yield tensor.sizes


def _tries(node: Node, wanted: tuple[Size, ...]) -> Iterator[dict[str, Any]]:
    """Yield what could be set, what changes least first."""
    parameter = _WIDTHS[node.kind]
    place = 1 if parameter == "out_channels" else -1
    width = wanted[place] if len(wanted) > 1 else None
    if not isinstance(width, int):
        return
    yield {parameter: width}
    if parameter == "out_channels":
        yield from ({parameter: width, "stride": stride} for stride in _STRIDES)


def _made(report: NodeReport, params: Mapping[str, Any]) -> TensorType | None:
    """Return what a layer would put out with other parameters."""
    layer = report.layer
    if layer is None or report.inputs is None or not set(params) <= set(layer.__struct_fields__):
        return None
    try:
        return replace(layer, **params).infer(report.inputs)[0]
    except LoomError:
        return None


def _deciding(graph: Graph, reports: Mapping[NodeId, NodeReport], end: End) -> Node | None:
    """Return the layer that decides the width at an output; those that keep it are looked through.

    None where that is written as a formula, or where more hangs on it than the layer itself.
    """
    for _ in range(len(graph.nodes)):
        node, report = graph.nodes[end.node], reports[end.node]
        if node.kind in _WIDTHS and not node.bypassed:
            is_free = node.shares is None and node.repeat == 1 and not _has_formula(node)
            return node if is_free and end.port == "y" else None
        into = tuple(graph.links_into(node.id))
        before = reports[into[0].source.node].outputs.get(into[0].source.port) if into else None
        made = report.outputs.get(end.port)
        if len(into) != 1 or before is None or made is None or before.sizes != made.sizes:
            return None
        end = into[0].source
    return None


def _has_formula(node: Node) -> bool:
    return isinstance(node.params.get(_WIDTHS[node.kind]), Formula)
