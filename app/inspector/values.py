"""Parameters of the selected layers: which they share, what they are, and how they are set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from app.inspector.editors import MIXED, Shown
from engine.graph.composites import definition_of
from engine.graph.edits import set_params
from engine.graph.elements import Definition, Formula, Graph, Node, NodeId, Value
from engine.graph.expressions import evaluate
from engine.graph.own_layers import kind_of
from nodes.catalogue import kind_named
from nodes.errors import FormulaError
from nodes.layer import short
from nodes.params import Field, Param, fields_of


def shared_fields(graph: Graph, nodes: Sequence[Node]) -> tuple[Field, ...]:
    """Return the parameters that all nodes have in the same form, in the order of the first.

    Those of a composite are the parameters of its definition.
    """
    definitions = {node.definition: definition_of(graph, node) for node in nodes}
    used = next(iter(definitions.values()), None)
    if used is not None:
        return fields_of_definition(used) if len(definitions) == 1 else ()
    layers = [kind_of(graph, node) for node in nodes]
    known = [layer for layer in layers if layer is not None]
    if not known or len(known) < len(layers):
        return ()
    tables = [{field.name: field for field in fields_of(layer)} for layer in set(known)]
    return tuple(
        field
        for field in fields_of(known[0])
        if all(_is_alike(field, table.get(field.name)) for table in tables)
    )


def fields_of_definition(definition: Definition) -> tuple[Field, ...]:
    """Describe the parameters of a composite as those of a layer are described."""
    fields = []
    for name, default in definition.parameters.items():
        help_text = f"A parameter of {definition.name}: formulas inside use it."
        param = Param(name, help_text, high=None)
        fields.append(Field(name, param, _editor_for(default), default=default))
    return tuple(fields)


def results_of(
    nodes: Sequence[Node], fields: Iterable[Field], values: Mapping[str, Value]
) -> dict[str, str]:
    """Return what the formulas of one node come to, by parameter, as it is written below them."""
    if len(nodes) != 1:
        return {}
    results = {}
    for field in fields:
        value = nodes[0].params.get(field.name)
        if isinstance(value, Formula):
            with suppress(FormulaError):  # the analysis tells what is wrong
                results[field.name] = f"= {short(evaluate(value.formula, values))}"
    return results


def _editor_for(default: Value) -> Literal["int", "float", "bool", "text", "ints"]:
    match default:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case list() | tuple():
            return "ints"
        case _:
            return "text"


def axes_differ(nodes: Sequence[Node]) -> bool:
    """Say whether some of the layers work along one axis and others along two."""
    return len({getattr(kind_named(node.kind), "axes", None) for node in nodes}) > 1


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
    layer = kind_named(node.kind)
    own = fields_of(layer) if layer is not None else ()
    return next((one.default for one in own if one.name == field.name), field.default)


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
