"""Definitions that come from elsewhere: from the clipboard, from a library of blocks."""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.graph.composites import composites_in
from engine.graph.elements import Definition, Graph, Node
from engine.graph.names import unique


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


def using(node: Node, keys: Mapping[str, str]) -> Node:
    """Let a composite use its definition under the key that it was given."""
    key = keys.get(node.definition, node.definition)
    return node if key == node.definition else replace(node, definition=key)


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
