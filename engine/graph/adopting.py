"""Definitions that come from elsewhere: from the clipboard, from a library of blocks."""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.graph.composites import COMPOSITE, composites_in
from engine.graph.elements import Definition, Graph, Node
from engine.graph.names import unique
from engine.graph.own_layers import adopt_code, with_code_names


def adopt(graph: Graph, brought: Mapping[str, Definition]) -> tuple[Graph, dict[str, str]]:
    """Add definitions to a drawing; those that it has already are used again.

    Returns:
        The drawing, and the key that each definition has there.
    """
    keys = _free_keys(graph, brought)
    added = {
        keys[key]: replace(definition, graph=_renamed(definition.graph, keys))
        for key, definition in brought.items()
        if keys[key] not in graph.definitions
    }
    if not added:
        return graph, keys
    return replace(graph, definitions={**graph.definitions, **added}), keys


def adopt_with_code(
    graph: Graph, brought: Mapping[str, Definition], code: Mapping[str, str]
) -> tuple[Graph, dict[str, str], dict[str, str]]:
    """Add definitions and the code that they use; see ``adopt`` and ``adopt_code``.

    Returns:
        The drawing, the key that each definition has there, and the name that each text has.
    """
    graph, names = adopt_code(graph, code)
    graph, keys = adopt(graph, {key: _coded(one, names) for key, one in brought.items()})
    return graph, keys, names


def _coded(definition: Definition, names: Mapping[str, str]) -> Definition:
    nodes = definition.graph.nodes
    changed = {node.id: with_code_names(node, names) for node in nodes.values()}
    if all(changed[node] is nodes[node] for node in nodes):
        return definition
    return replace(definition, graph=replace(definition.graph, nodes=changed))


def using(node: Node, keys: Mapping[str, str]) -> Node:
    """Let a composite use its definition under the key that it was given."""
    key = keys.get(node.definition, node.definition)
    if key == node.definition or node.kind != COMPOSITE:
        return node
    return replace(node, definition=key)


def _free_keys(graph: Graph, brought: Mapping[str, Definition]) -> dict[str, str]:
    """Return a key for each definition: its own, unless another definition has that already."""
    other = {key for key, one in brought.items() if graph.definitions.get(key, one) != one}
    while True:
        # What uses one that is another here is another as well.
        more = {
            key
            for key in brought.keys() & graph.definitions.keys()
            if key not in other and not other.isdisjoint(_used_in(brought[key]))
        }
        if not more:
            break
        other |= more
    taken = {*graph.definitions, *brought}
    keys = {}
    for key in brought:
        keys[key] = unique(key, taken) if key in other else key
        taken.add(keys[key])
    return keys


def _used_in(definition: Definition) -> set[str]:
    return {node.definition for node in composites_in(definition.graph.nodes.values())}


def _renamed(graph: Graph, keys: Mapping[str, str]) -> Graph:
    return replace(graph, nodes={node.id: using(node, keys) for node in graph.nodes.values()})
