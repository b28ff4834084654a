"""Drawings without a loss: which one fits what they put out and what the data has to compare."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Final

from engine.analysis.layer_advice import needs_other_values
from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import End, Graph, Node, NodeId
from engine.graph.flow import along_flow
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import ShapeError
from nodes.io import Data
from nodes.layer import Layer
from nodes.tensors import Inputs, TensorType

_PITCH: Final = 94.0
_LOSSES: Final = {
    "CrossEntropyLoss": "cross-entropy",
    "MSELoss": "mean squared error",
    "L1Loss": "mean absolute error",
    "BCEWithLogitsLoss": "binary cross-entropy",
}
"""The losses that are offered, the commonest first, as a sentence calls them."""

_OFFERED: Final = 3


def without_loss(
    graph: Graph, reports: Mapping[NodeId, NodeReport], layers: Collection[NodeId]
) -> Iterator[Problem]:
    """Yield that there is nothing to minimise, at the first output that nothing uses.

    Args:
        layers: The nodes that compute; the drawing has no loss among its other ones.
    """
    if not layers:
        yield Problem(
            code="LL-A003",
            severity="error",
            title="Nothing to train yet",
            text="The drawing has no layers and no loss.",
            reason="no layers",
        )
    end = _open_end(graph, reports, layers)
    if end is not None:
        fitting = tuple(_fitting(graph.nodes[end.node], reports, end))
        yield Problem(
            code="LL-A003",
            severity="error",
            title="Nothing to minimise yet",
            text=f"The output {reports[end.node].title} has no loss to tell it how far off it is.",
            reason="no loss",
            node=end.node,
            fixes=tuple(_adding(reports, end)),
            choices=fitting if len(fitting) > 1 else (),
        )


def _open_end(
    graph: Graph, reports: Mapping[NodeId, NodeReport], layers: Collection[NodeId]
) -> End | None:
    used = {link.source for link in graph.links}
    return next(
        (
            end
            for node, report in reports.items()
            if node in layers and report.state == "ok"
            for port in report.output_ports[:1]
            if (end := End(node, port.name)) not in used
        ),
        None,
    )


def _adding(reports: Mapping[NodeId, NodeReport], output: End) -> Iterator[Fix]:
    """Offer the losses that fit; where none does, the one that the data was meant for."""
    targets = _targets(reports)
    made = reports[output.node].outputs[output.port]
    fitting = _targets_by_kind(_LOSSES, made, targets)
    chosen: list[tuple[str, End | None]]
    chosen = [(kind, fitting[kind]) for kind in _LOSSES if kind in fitting]
    for kind, target in islice(chosen or [_meant(targets)], _OFFERED):
        yield Fix(
            label=f"Add {_LOSSES[kind]}",
            edit=partial(_with_loss, kind=kind, output=output, target=target),
            detail=f"compared with {target.port}" if target else "",
        )


def _fitting(source: Node, reports: Mapping[NodeId, NodeReport], output: End) -> Iterator[Fix]:
    """Offer every loss that compares an output with a target, and fits both."""
    fused = str(getattr(reports[output.node].layer, "activation", "none"))
    comparing = [
        kind
        for kind, layer in LAYERS.items()
        if _compares(layer) and not needs_other_values(kind, source, fused)
    ]
    made = reports[output.node].outputs[output.port]
    for kind, target in _targets_by_kind(comparing, made, _targets(reports)).items():
        yield Fix(
            label=f"Add {LAYERS[kind].info.title}",
            edit=partial(_with_loss, kind=kind, output=output, target=target),
            detail=f"compared with {target.port}",
        )


def _compares(layer: type[Layer]) -> bool:
    names = [port.name for port in layer.info.inputs]
    return layer.info.role == "loss" and names == ["x", "target"]


def _targets_by_kind(
    kinds: Iterable[str], made: TensorType, targets: Mapping[End, TensorType]
) -> dict[str, End]:
    """Return the losses that fit what is made, each with the first target that fits it."""
    found: dict[str, End] = {}
    for kind in kinds:
        end = next((end for end in targets if _fits(kind, made, targets[end])), None)
        if end is not None:
            found[kind] = end
    return found


def _targets(reports: Mapping[NodeId, NodeReport]) -> dict[End, TensorType]:
    """Return what the data has to compare with: labels first, then from the last field on."""
    ends = {
        End(node, port): tensor
        for node, report in reports.items()
        if isinstance(report.layer, Data)
        for port, tensor in reversed([*report.outputs.items()])
    }
    return dict(sorted(ends.items(), key=lambda item: item[1].classes is None))


def _meant(targets: Mapping[End, TensorType]) -> tuple[str, End | None]:
    first = next(iter(targets), None)
    has_numbers = first is not None and targets[first].classes is None
    return ("MSELoss" if has_numbers else "CrossEntropyLoss"), first


def _fits(kind: str, made: TensorType, target: TensorType) -> bool:
    try:
        make_layer(kind, {}).infer(Inputs({"x": (made,), "target": (target,)}))
    except ShapeError:
        return False
    return True


@along_flow
def _with_loss(graph: Graph, kind: str, output: End, target: End | None) -> Graph:
    if output.node not in graph.nodes:
        return graph
    x, y = graph.nodes[output.node].position
    loss = make_node(graph, kind, position=(x, y + _PITCH))
    graph = connect(add_node(graph, loss), output, End(loss.id, "x"))
    if target is None or target.node not in graph.nodes:
        return graph
    return connect(graph, target, End(loss.id, "target"))
