"""What would happen if a wire were drawn: one answer for dragging, searching and dropping."""

from collections.abc import Collection, Mapping

import msgspec

from engine.analysis.open_inputs import NEEDS_ANOTHER
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.elements import End, Graph, NodeId
from engine.graph.topology import path_between
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import LoomError, Remedy, ShapeError
from nodes.layer import Layer, Port
from nodes.tensors import Inputs, TensorType


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a wire can be drawn, in words for the pointer."""

    ok: bool
    text: str
    fix: str | None = None
    """The kind of layer that has to be put in between; drawing the wire inserts it."""

    refused: bool = False
    """The wire cannot be drawn at all; one that is only not ``ok`` would be an error."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer would put out for a tensor."""

    fits: bool
    text: str
    """The shape, or why it does not fit; empty while more inputs are needed."""


def can_connect(
    graph: Graph,
    report: ShapeReport,
    source: End,
    target: End,
    *,
    related: Collection[NodeId] | None = None,
) -> Verdict:
    """Judge a wire from an output to an input before it is drawn.

    Args:
        related: The nodes that ``source`` depends on, where many targets are judged at once.
    """
    if source.node not in graph.nodes or target.node not in graph.nodes:
        return Verdict(ok=False, text="", refused=True)
    if _closes_circle(graph, source, target, related):
        title = report.nodes[target.node].title if target.node in report.nodes else "a layer"
        return Verdict(ok=False, text=f"This would feed {title} its own output", refused=True)
    tensor = report.at(source)
    node = report.nodes.get(target.node)
    if tensor is None or node is None or node.layer is None:
        return Verdict(ok=True, text="The shape is not known yet")
    port = next((port for port in node.input_ports if port.name == target.port), None)
    if port is None:
        return Verdict(ok=False, text=f"{node.title} has no input “{target.port}”", refused=True)
    return _judged(tensor, node, node.layer, _arriving(graph, report, source, target, port), port)


def first_fitting(
    graph: Graph, report: ShapeReport, source: End, node_id: NodeId
) -> tuple[End, Verdict] | None:
    """Return the input of a node that a wire dropped on its card goes to, free ones first.

    None where the node has no input, or only such that would close a circle.
    """
    ports = report.nodes[node_id].input_ports if node_id in report.nodes else ()
    used = {link.target for link in graph.links_into(node_id)}
    ends = [(End(node_id, port.name), port) for port in ports]
    ends.sort(key=lambda item: item[0] in used and not item[1].many)
    judged = [(end, can_connect(graph, report, source, end)) for end, _ in ends]
    judged = [(end, verdict) for end, verdict in judged if not verdict.refused]
    free = [(end, verdict) for end, verdict in judged if end not in used]
    for found in (*free, *judged):
        if found[1].ok:
            return found
    return judged[0] if judged else None


def predict(tensor: TensorType | None, layer: Layer) -> Prediction:
    """Say what a new layer would put out if ``tensor`` were its first input."""
    ports = layer.inputs()
    if not ports:
        return Prediction(fits=False, text="has no input")
    if tensor is None or any(not port.optional for port in ports[1:]):
        return Prediction(fits=True, text="")
    outcome = _inferred(layer, {ports[0].name: (tensor,)})
    if isinstance(outcome, ShapeError):
        waits = outcome.shape_code == NEEDS_ANOTHER
        return Prediction(fits=waits, text="" if waits else outcome.reason)
    return Prediction(fits=True, text=str(outcome[0]) if outcome else "")


def predict_kind(tensor: TensorType | None, kind: str, params: Mapping[str, object]) -> Prediction:
    """Say what a new layer of a kind would put out; parameters it cannot have do not fit."""
    try:
        return predict(tensor, make_layer(kind, params))
    except LoomError as error:
        return Prediction(fits=False, text=error.title)


def _closes_circle(
    graph: Graph, source: End, target: End, related: Collection[NodeId] | None
) -> bool:
    if source.node == target.node:
        return True
    if related is not None:
        return target.node in related
    return path_between(graph, target.node, source.node) is not None


def _arriving(
    graph: Graph, report: ShapeReport, source: End, target: End, port: Port
) -> dict[str, tuple[TensorType, ...]] | None:
    """Return what would arrive at the target, or None while a part of it is not known."""
    arriving: dict[str, tuple[TensorType, ...]] = {}
    for link in graph.links_into(target.node):
        if (link.target == target and not port.many) or link.source == source:
            continue
        tensor = report.at(link.source)
        if tensor is None:
            return None
        arriving[link.target.port] = (*arriving.get(link.target.port, ()), tensor)
    tensor = report.at(source)
    assert tensor is not None, "asked only where the source has a type"
    arriving[port.name] = (*arriving.get(port.name, ()), tensor)
    return arriving


def _judged(
    tensor: TensorType,
    node: NodeReport,
    layer: Layer,
    arriving: Mapping[str, tuple[TensorType, ...]] | None,
    port: Port,
) -> Verdict:
    if arriving is None or any(
        not other.optional and other.name not in arriving for other in node.input_ports
    ):
        return Verdict(ok=True, text=f"{tensor} into {node.title}, {port.name}")
    outcome = _inferred(layer, arriving)
    if not isinstance(outcome, ShapeError):
        becomes = str(outcome[0]) if outcome else ""
        return Verdict(ok=True, text=f"{tensor} → {becomes}" if becomes else str(tensor))
    if outcome.shape_code == NEEDS_ANOTHER:
        return Verdict(ok=True, text=f"{tensor} into {node.title}")
    says = _said(tensor, node.title, outcome)
    fix = next(
        (remedy.kind for remedy in outcome.remedies if _mends(remedy, layer, arriving, port)), None
    )
    if fix is None:
        return Verdict(ok=False, text=says)
    return Verdict(ok=True, text=f"{says}: {LAYERS[fix].info.title} is inserted", fix=fix)


def _said(tensor: TensorType, title: str, error: ShapeError) -> str:
    if error.title.startswith(title) and " needs " in error.title:
        return f"{tensor} into {error.title}"
    return f"{tensor} into {title}: {error.reason}"


def _mends(
    remedy: Remedy, layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]], port: Port
) -> bool:
    """Say whether a layer that has nothing to choose or learn, put before the input, mends it."""
    if remedy.action != "insert_before" or remedy.params or remedy.kind not in LAYERS:
        return False
    between = make_layer(remedy.kind, {})
    alone = Inputs({between.inputs()[0].name: (arriving[port.name][-1],)})
    try:
        (made, *_) = between.infer(alone)
    except ShapeError:
        return False
    if between.parameters(alone):
        return False
    mended = {**arriving, port.name: (*arriving[port.name][:-1], made)}
    return not isinstance(_inferred(layer, mended), ShapeError)


def _inferred(
    layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]]
) -> tuple[TensorType, ...] | ShapeError:
    try:
        return layer.infer(Inputs(arriving))
    except ShapeError as error:
        return error
