"""What a node is called and which ports it has, before anything arrives at it."""

from collections.abc import Iterable

from engine.analysis.report import NodeReport, NodeState
from engine.graph.composites import definition_of, inputs_of, outputs_of
from engine.graph.elements import Graph, Link, Node
from engine.graph.own_layers import kind_of
from nodes.catalogue import STRUCTURE
from nodes.layer import Layer, Port


def described(
    graph: Graph,
    node: Node,
    state: NodeState,
    *,
    layer: Layer | None = None,
    ports: list[Link] | None = None,
) -> NodeReport:
    """Return what can be said of a node before anything arrives at it.

    Args:
        ports: The wires into it, for the inputs of a node that is not understood.
    """
    title = title_of(graph, node)
    if layer is None:
        inputs, outputs = _likely_ports(graph, node, ports or [])
        return NodeReport(state=state, title=title, input_ports=inputs, output_ports=outputs)
    activation = getattr(layer, "activation", "none")
    return NodeReport(
        state=state,
        title=title,
        layer=layer,
        input_ports=layer.inputs(),
        output_ports=layer.outputs(),
        card=layer.on_card(None),
        activation="" if activation == "none" else activation,
    )


def title_of(graph: Graph, node: Node) -> str:
    """Return what the card of a node is called."""
    definition = definition_of(graph, node)
    if node.title or definition is not None:
        return node.title or (definition.name if definition else "")
    kind = kind_of(graph, node)
    return kind.info.title if kind else node.kind


def _likely_ports(
    graph: Graph, node: Node, links: list[Link]
) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return the ports of a node that is not understood."""
    definition = definition_of(graph, node)
    if definition is not None:
        inputs, outputs = inputs_of(definition.graph), outputs_of(definition.graph)
        return _ports_called(dict(inputs)), _ports_called(dict(outputs))
    kind = kind_of(graph, node)
    if kind is not None and kind.__name__ not in STRUCTURE:
        return kind.info.inputs, kind.info.outputs
    return _ports_called(link.target.port for link in links), ()


def _ports_called(names: Iterable[str]) -> tuple[Port, ...]:
    return tuple(Port(name=name) for name in dict.fromkeys(names))
