"""Edits of definitions: their names, their parameters, and copies of their own for uses."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from engine.graph.composites import COMPOSITE, used_definitions
from engine.graph.edits import change_node
from engine.graph.elements import Definition, Formula, Graph, Node, NodeId, Value
from engine.graph.expressions import is_name, with_names
from engine.graph.names import unique, whole
from engine.graph.own_layers import without_unused_code
from nodes.errors import GraphError

_INDEX = ("i", "n")


def rename_definition(graph: Graph, key: str, name: str) -> Graph:
    """Call a composite something else; the class in the source follows."""
    definition = graph.definitions[key]
    return _with(graph, key, replace(definition, name=whole(name).strip() or definition.name))


def add_parameter(graph: Graph, key: str, name: str, default: Value) -> Graph:
    """Give a composite a parameter, or a parameter another default.

    Raises:
        GraphError: Formulas could not use the name.
    """
    _check_name(name)
    definition = graph.definitions[key]
    parameters = {**definition.parameters, name: default}
    return _with(graph, key, replace(definition, parameters=parameters))


def remove_parameter(graph: Graph, key: str, name: str) -> Graph:
    """Take a parameter away; formulas inside get its default, uses lose their value."""
    definition = graph.definitions[key]
    default = definition.parameters[name]
    kept = {one: value for one, value in definition.parameters.items() if one != name}
    inside = _with_formulas(definition.graph, lambda value: _with_default(value, name, default))
    changed = _with(graph, key, replace(definition, parameters=kept, graph=inside))
    return _in_uses(
        changed, key, lambda params: {one: value for one, value in params.items() if one != name}
    )


def rename_parameter(graph: Graph, key: str, name: str, new: str) -> Graph:
    """Call a parameter something else, in the formulas inside and in all uses.

    Raises:
        GraphError: The name is taken, or formulas could not use it.
    """
    definition = graph.definitions[key]
    if new == name:
        return graph
    _check_name(new)
    if new in definition.parameters:
        raise GraphError(
            f"There is a parameter {new} already",
            why="Each parameter needs a name of its own.",
            hint="Choose another name.",
        )

    def renamed(params: Mapping[str, Value]) -> dict[str, Value]:
        return {new if one == name else one: value for one, value in params.items()}

    inside = _with_formulas(
        definition.graph, lambda value: Formula(with_names(value.formula, {name: new}))
    )
    changed = replace(definition, parameters=renamed(definition.parameters), graph=inside)
    return _in_uses(_with(graph, key, changed), key, renamed)


def detach(graph: Graph, node_id: NodeId) -> Graph:
    """Give one use of a composite a definition of its own, to be edited apart from the others."""
    node = graph.nodes[node_id]
    definition = graph.definitions[node.definition]
    key = unique(node.definition, graph.definitions)
    names = {other.name for other in graph.definitions.values()}
    number = 2
    while f"{definition.name} {number}" in names:
        number += 1
    copied = replace(definition, name=f"{definition.name} {number}")
    return change_node(_with(graph, key, copied), replace(node, definition=key))


def without_unused(graph: Graph) -> Graph:
    """Drop the definitions, and the code, that nothing in the drawing uses."""
    used = used_definitions(graph)
    kept = {key: one for key, one in graph.definitions.items() if key in used}
    if len(kept) < len(graph.definitions):
        graph = replace(graph, definitions=kept)
    return without_unused_code(graph) if graph.code else graph


def _with(graph: Graph, key: str, definition: Definition) -> Graph:
    return replace(graph, definitions={**graph.definitions, key: definition})


def _check_name(name: str) -> None:
    if not is_name(name) or name in _INDEX:
        raise GraphError(
            f"A parameter cannot be called {name[:40]!r}",
            why="Formulas use it: letters, digits and _, at most 40; i and n count repeats.",
            hint="Choose another name.",
        )


def _with_default(value: Formula, name: str, default: Value) -> Value:
    if value.formula.strip() == name:
        return default
    text = default.formula if isinstance(default, Formula) else str(default)
    return Formula(with_names(value.formula, {name: text}))


def _with_formulas(graph: Graph, change: Callable[[Formula], Value]) -> Graph:
    def changed(value: Value) -> Value:
        return change(value) if isinstance(value, Formula) else value

    nodes = {
        node.id: replace(
            node,
            params={name: changed(value) for name, value in node.params.items()},
            repeat=changed(node.repeat),
        )
        for node in graph.nodes.values()
    }
    return replace(graph, nodes=nodes)


def _in_uses(
    graph: Graph, key: str, change: Callable[[Mapping[str, Value]], dict[str, Value]]
) -> Graph:
    """Change the parameters of all uses of a definition, at any depth."""

    def in_one(inside: Graph) -> Graph:
        uses = [node for node in inside.nodes.values() if _uses(node, key)]
        changed = {node.id: replace(node, params=change(node.params)) for node in uses}
        return replace(inside, nodes={**inside.nodes, **changed}) if changed else inside

    definitions = {
        other: replace(one, graph=in_one(one.graph)) for other, one in graph.definitions.items()
    }
    return replace(in_one(graph), definitions=definitions)


def _uses(node: Node, key: str) -> bool:
    return node.kind == COMPOSITE and node.definition == key
