"""Parameters of the selected layers: which they share, what they are, and how they are set."""

from __future__ import annotations

from collections.abc import Sequence

from app.inspector.editors import MIXED, Shown
from engine.graph.edits import set_params
from engine.graph.elements import Graph, Node, NodeId
from nodes.catalogue import LAYERS
from nodes.layer import Layer
from nodes.params import Field, fields_of


def shared_fields(nodes: Sequence[Node]) -> tuple[Field, ...]:
    """Return the parameters that all nodes have in the same form, in the order of the first."""
    layers = [LAYERS.get(node.kind) for node in nodes]
    known = [layer for layer in layers if layer is not None]
    if not known or len(known) < len(layers):
        return ()
    tables = [{field.name: field for field in fields_of(layer)} for layer in set(known)]
    return tuple(
        field
        for field in fields_of(known[0])
        if all(_is_alike(field, table.get(field.name)) for table in tables)
    )


def axes_differ(nodes: Sequence[Node]) -> bool:
    """Say whether some of the layers work along one axis and others along two."""
    return len({getattr(LAYERS[node.kind], "axes", None) for node in nodes}) > 1


def shown_value(nodes: Sequence[Node], field: Field) -> Shown:
    """Return the value of a parameter in all nodes, or ``MIXED``."""
    values = [value_of(node, field) for node in nodes]
    return values[0] if all(value == values[0] for value in values) else MIXED


def value_of(node: Node, field: Field) -> object:
    """Return a parameter as a project file holds it: the default where it is not set."""
    default = own_default(node, field)
    return plain(node.params.get(field.name, default))


def own_default(node: Node, field: Field) -> object:
    """Return what a parameter is in a node's kind where nothing sets it."""
    layer: type[Layer] = LAYERS[node.kind]
    return next(own.default for own in fields_of(layer) if own.name == field.name)


def with_value(graph: Graph, nodes: Sequence[NodeId], field: Field, value: object) -> Graph:
    """Set one parameter of some nodes; a value that is the default is left out of the file."""
    for node_id in nodes:
        node = graph.nodes[node_id]
        is_default = value is None or plain(own_default(node, field)) == value
        kept = None if is_default and not field.required else value
        if node.params.get(field.name) != kept:
            graph = set_params(graph, node_id, {field.name: kept})
    return graph


def plain(value: object) -> object:
    """Return tuples as the lists that a project file holds."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _is_alike(field: Field, other: Field | None) -> bool:
    return (
        other is not None
        and other.editor == field.editor
        and other.choices == field.choices
        and other.optional == field.optional
    )
