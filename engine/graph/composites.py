"""Composites: drawings within the drawing, and how to reach into them.

A node of the kind ``Composite`` names a definition in the table of the drawing. Whoever edits
inside gets the inside as a drawing of its own (:func:`at`), edits it like any other, and puts it
back (:func:`replace_at`): all uses of the definition change with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from engine.graph.elements import Definition, End, Graph, Link, Node, NodeId, NodePath, Value
from engine.graph.names import identifier, new_id, unique
from engine.graph.own_layers import kind_of
from nodes.errors import GraphError

COMPOSITE: Final = "Composite"
INPUT: Final = "Input"
OUTPUT: Final = "Output"

MOST_REPEATS: Final = 1000


class PortEnd(NamedTuple):
    """A port of a composite, and the node inside that it is."""

    port: str
    node: NodeId


def inputs_of(graph: Graph) -> tuple[PortEnd, ...]:
    """Return the inputs of a composite with this inside, in the order of its nodes."""
    return tuple(_ends(graph, INPUT, "x"))


def outputs_of(graph: Graph) -> tuple[PortEnd, ...]:
    """Return the outputs of a composite with this inside, in the order of its nodes."""
    return tuple(_ends(graph, OUTPUT, "y"))


def _ends(graph: Graph, kind: str, default: str) -> Iterator[PortEnd]:
    for node in graph.nodes.values():
        if node.kind == kind:
            name = node.params.get("port", default)
            yield PortEnd(name if isinstance(name, str) else default, node.id)


def port_names(graph: Graph, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the inputs and the outputs of a node, as its kind or its definition names them."""
    definition = definition_of(graph, node)
    if definition is not None:
        inside = definition.graph
        return tuple(dict(inputs_of(inside))), tuple(dict(outputs_of(inside)))
    kind = kind_of(graph, node)
    if kind is None:
        return (), ()
    return tuple(p.name for p in kind.info.inputs), tuple(p.name for p in kind.info.outputs)


def make_use(
    graph: Graph,
    key: str,
    *,
    params: Mapping[str, Value] | None = None,
    position: tuple[float, float] = (0.0, 0.0),
) -> Node:
    """Return a new use of a definition, with a name that is free in ``graph``."""
    taken = {node.name for node in graph.nodes.values()}
    return Node(
        id=new_id(),
        kind=COMPOSITE,
        definition=key,
        name=unique(identifier(graph.definitions[key].name), taken),
        params=dict(params or {}),
        position=position,
    )


def make_end(graph: Graph, kind: str, *, position: tuple[float, float] = (0.0, 0.0)) -> Node:
    """Return a new port of the composite with this inside, with a name that is free.

    Args:
        kind: ``Input`` or ``Output``.
    """
    ends, default = (inputs_of(graph), "x") if kind == INPUT else (outputs_of(graph), "y")
    port = unique(default, {end.port for end in ends})
    return Node(
        id=new_id(),
        kind=kind,
        name=unique(identifier(kind), {node.name for node in graph.nodes.values()}),
        params={} if port == default else {"port": port},
        position=position,
    )


def order_ends(graph: Graph, node_ids: Sequence[NodeId]) -> Graph:
    """Put ports of a composite first, in this order: it is that of its inputs and outputs."""
    first = {node: graph.nodes[node] for node in node_ids}
    return replace(
        graph, nodes={**first, **{n: one for n, one in graph.nodes.items() if n not in first}}
    )


def definition_of(graph: Graph, node: Node) -> Definition | None:
    """Return what a composite uses; None where the node is another or its definition is gone."""
    return graph.definitions.get(node.definition) if node.kind == COMPOSITE else None


def at(graph: Graph, path: Sequence[NodeId]) -> Graph:
    """Return the inside of a composite as a drawing; no path is the drawing itself.

    Args:
        path: The composites to go through, outermost first.

    Raises:
        GraphError: One of them is no longer there.
    """
    for node_id in path:
        inside = _definition_at(graph, node_id).graph
        graph = replace(inside, definitions=graph.definitions, code=graph.code)
    return graph


def reachable(graph: Graph, path: NodePath) -> NodePath:
    """Return how far a path leads: all of it, or up to the first composite that is gone."""
    for depth, node_id in enumerate(path):
        node = graph.nodes.get(node_id)
        definition = definition_of(graph, node) if node is not None else None
        if definition is None:
            return path[:depth]
        graph = replace(definition.graph, definitions=graph.definitions, code=graph.code)
    return path


def replace_at(graph: Graph, path: Sequence[NodeId], inside: Graph) -> Graph:
    """Put an edited inside back; wires outside follow ports that were renamed.

    Raises:
        GraphError: A composite on the path is no longer there.
    """
    if not path:
        return inside
    around = at(graph, path[:-1])
    before = _definition_at(around, path[-1])
    key = around.nodes[path[-1]].definition
    known = {**graph.definitions, **inside.definitions}
    definitions = {**known, key: replace(before, graph=replace(inside, definitions={}, code={}))}
    renamed = _renamed(inputs_of(before.graph), inputs_of(inside))
    given = _renamed(outputs_of(before.graph), outputs_of(inside))
    code = {**graph.code, **inside.code}
    changed = replace(graph, definitions=definitions, code=code)
    return _everywhere(changed, key, renamed, given) if renamed or given else changed


def composites_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the composites among nodes."""
    return (node for node in nodes if node.kind == COMPOSITE)


def reached_from(definitions: Mapping[str, Definition], keys: Iterable[str]) -> dict[str, None]:
    """Return these definitions and all that they use, in the order they are met."""
    reached: dict[str, None] = {}
    waiting = [key for key in reversed(list(keys)) if key in definitions]
    while waiting:
        key = waiting.pop()
        if key in reached:
            continue
        reached[key] = None
        inner = [node.definition for node in composites_in(definitions[key].graph.nodes.values())]
        waiting.extend(other for other in reversed(inner) if other in definitions)
    return reached


def used_definitions(graph: Graph) -> dict[str, None]:
    """Return the definitions that a drawing uses at any depth."""
    keys = [node.definition for node in composites_in(graph.nodes.values())]
    return reached_from(graph.definitions, keys)


def _definition_at(graph: Graph, node_id: NodeId) -> Definition:
    node = graph.nodes.get(node_id)
    definition = definition_of(graph, node) if node is not None else None
    if definition is None:
        raise GraphError(
            "This composite is no longer there",
            why="It was removed, or its definition was.",
            hint="Go back to the drawing around it.",
        )
    return definition


def _renamed(before: Sequence[PortEnd], after: Sequence[PortEnd]) -> dict[str, str]:
    old = {end.node: end.port for end in before}
    return {
        old[end.node]: end.port for end in after if end.node in old and old[end.node] != end.port
    }


def _everywhere(
    graph: Graph, key: str, inputs: Mapping[str, str], outputs: Mapping[str, str]
) -> Graph:
    """Rename ports of a definition in all wires to and from its uses, at any depth."""
    definitions = {
        name: replace(definition, graph=_in_one(definition.graph, key, inputs, outputs))
        for name, definition in graph.definitions.items()
    }
    return replace(_in_one(graph, key, inputs, outputs), definitions=definitions)


def _in_one(graph: Graph, key: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Graph:
    uses = {node.id for node in composites_in(graph.nodes.values()) if node.definition == key}
    if not uses:
        return graph
    followed = {
        link: Link(_followed(link.source, uses, outputs), _followed(link.target, uses, inputs))
        for link in graph.links
    }
    bends = {followed.get(link, link): points for link, points in graph.bends.items()}
    return replace(graph, links=tuple(followed.values()), bends=bends)


def _followed(end: End, uses: set[NodeId], renamed: Mapping[str, str]) -> End:
    if end.node not in uses or end.port not in renamed:
        return end
    return End(end.node, renamed[end.port])
