"""What could be connected to an input that is open: outputs before it that fit."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Final

from engine.analysis.report import Fix, NodeReport
from engine.graph.edits import connect
from engine.graph.elements import End, Graph, NodeId
from nodes.errors import LoomError, ShapeError
from nodes.layer import Layer, Port
from nodes.own_layer import UnansweredError
from nodes.tensors import Inputs, TensorType

NEEDS_ANOTHER: Final = "LL-S011"
"""A layer that takes a list waits for its second tensor."""

_OFFERED: Final = 2
_TRIED: Final = 24


def connecting(
    graph: Graph,
    reports: Mapping[NodeId, NodeReport],
    target: End,
    layer: Layer,
    port: Port,
    arriving: Mapping[str, tuple[TensorType, ...]],
) -> tuple[Fix, ...]:
    """Return fixes that connect an open input, those with outputs that nothing uses first.

    Args:
        reports: Of the nodes before the layer, in the order of the data flow.
        arriving: What arrives at its other inputs.
    """
    used = {link.source for link in graph.links}
    taken = {link.source for link in graph.links_into(target.node)}
    before = (end for end in _ends_before(reports, target.node) if end not in taken)
    ends = list(islice(before, _TRIED))
    ends.sort(key=lambda end: (_is_label(reports, end) != port.target, end in used))
    fitting = (end for end in ends if _fits(layer, port, arriving, reports, end))
    offered = list(islice(fitting, _OFFERED))
    titles = [reports[end.node].title for end in offered]
    same = len(set(titles)) < len({end.node for end in offered})
    return tuple(
        Fix(
            label=f"Connect {_called(graph.nodes[end.node].name if same else title, reports, end)}",
            edit=partial(_connected, source=end, target=target),
        )
        for end, title in zip(offered, titles, strict=True)
    )


def _ends_before(reports: Mapping[NodeId, NodeReport], node: NodeId) -> Iterator[End]:
    """Yield the outputs that are known, the nearest before the layer first."""
    for before in reversed(list(reports)):
        if before != node and reports[before].state == "ok":
            yield from (End(before, port) for port in reports[before].outputs)


def _is_label(reports: Mapping[NodeId, NodeReport], end: End) -> bool:
    return reports[end.node].outputs[end.port].classes is not None


def _fits(
    layer: Layer,
    port: Port,
    arriving: Mapping[str, tuple[TensorType, ...]],
    reports: Mapping[NodeId, NodeReport],
    end: End,
) -> bool:
    found = reports[end.node]
    if found.layer is None or found.layer.info.role == "loss":
        return False
    known = arriving.get(port.name, ()) if port.many else ()
    given = {**arriving, port.name: (*known, found.outputs[end.port])}
    if any(not other.optional and other.name not in given for other in layer.inputs()):
        return False
    try:
        layer.infer(Inputs(given))
    except UnansweredError:
        # A layer of one's own has to be run before it can say no.
        return True
    except ShapeError as error:
        return error.shape_code == NEEDS_ANOTHER
    except LoomError:
        return False
    return True


def _called(title: str, reports: Mapping[NodeId, NodeReport], end: End) -> str:
    return title if len(reports[end.node].outputs) == 1 else f"{title}, {end.port}"


def _connected(graph: Graph, source: End, target: End) -> Graph:
    if source.node not in graph.nodes or target.node not in graph.nodes:
        return graph
    return connect(graph, source, target)
