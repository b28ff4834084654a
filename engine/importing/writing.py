"""Nodes as PyTorch source, for the clipboard."""

from collections.abc import Collection, Iterable

from engine.analysis.report import ShapeReport
from engine.compile.plan import DrawingError, make_plan
from engine.compile.source import Source, write_source
from engine.graph.elements import Graph, NodeId
from engine.graph.topology import in_order
from engine.importing.signatures import REQUIRED, known_signatures, signature
from nodes.errors import GraphError
from nodes.layer import Call, Layer, differing
from nodes.tensors import Inputs

_INDENT = "    "


def source_of(graph: Graph, report: ShapeReport, nodes: Collection[NodeId], name: str) -> str:
    """Write nodes as source: a chain as ``nn.Sequential``, all as the model, else its lines.

    Raises:
        GraphError: The drawing has errors that keep the nodes from being written.
    """
    order = [node for node in in_order(graph) if node in set(nodes)]
    chain = _chain(graph, report, order)
    if chain:
        inner = "".join(f"{_INDENT}{call},\n" for call in chain)
        return f"nn.Sequential(\n{inner})\n" if len(chain) > 1 else f"{chain[0]}\n"
    return _lines(graph, report, order, name)


def _chain(graph: Graph, report: ShapeReport, order: list[NodeId]) -> list[str]:
    """Return the calls of a chain of modules; none where it is no chain."""
    calls: list[str] = []
    for place, node_id in enumerate(order):
        found = report.nodes.get(node_id)
        if found is None or found.layer is None or found.inputs is None:
            return []
        if place and not _follows(graph, order[place - 1], node_id):
            return []
        call = _call(found.layer, graph.nodes[node_id].kind, found.inputs)
        if not call:
            return []
        calls.append(call)
        if found.activation:
            calls.append(f"nn.{found.activation}()")
    return calls


def _call(layer: Layer, kind: str, inputs: Inputs) -> str:
    """Return the call of a module that takes one tensor and gives one; empty for any other layer.

    Some layers become functions in the model's source, where a chain has their module.
    """
    if len(layer.inputs()) != 1 or len(layer.outputs()) != 1:
        return ""
    module = layer.lower(inputs).module
    if module is not None:
        return module.source() if module.target.startswith("nn.") else ""
    order = signature(kind)
    if kind not in known_signatures():
        return ""
    own = {name: getattr(layer, name) for name in order if hasattr(layer, name)}
    required = tuple(own[name] for name, default in order.items() if default is REQUIRED)
    others = differing(
        *((name, own[name], order[name]) for name in own if order[name] is not REQUIRED)
    )
    return Call(f"nn.{kind}", required, others).source()


def _follows(graph: Graph, before: NodeId, after: NodeId) -> bool:
    into = list(graph.links_into(after))
    return len(into) == 1 and into[0].source.node == before


def _lines(graph: Graph, report: ShapeReport, order: list[NodeId], name: str) -> str:
    """Return the lines of the model's source that the nodes became; all of it for every node."""
    try:
        plan = make_plan(graph, report, name, without_loss=True)
    except DrawingError as error:
        raise GraphError(
            "These layers cannot be written as code yet",
            why=f"{error}.",
            hint="Mend the errors of the drawing first.",
        ) from error
    source = write_source(plan)
    if len(order) == len(graph.nodes):
        return source.text
    # The function of the loss has names of its own: beside lines of the model they mean nothing.
    losses = {step.node for step in plan.losses}
    model = [node for node in order if node not in losses]
    lines = _lines_of(source, model) or _lines_of(source, order)
    if not lines:
        raise GraphError(
            "These layers have no code of their own",
            why="Data is not part of the model's source.",
            hint="Select layers that compute.",
        )
    return "\n".join(lines) + "\n"


def _lines_of(source: Source, nodes: Iterable[NodeId]) -> list[str]:
    lines = source.text.splitlines()
    wanted = sorted(number for node in nodes for number in source.lines_of(node))
    return [lines[number - 1].strip() for number in wanted]
