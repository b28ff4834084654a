"""Layers of a person's own in a drawing: its table of code, and the nodes that use it.

A node of the kind ``OwnLayer`` names a text in the table of the drawing, which serves all depths.
Texts are values like the rest: an edit of one is an edit of the drawing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from engine.graph.elements import End, Graph, Link, Node, NodeId
from engine.graph.names import identifier, new_id, unique
from nodes.catalogue import kind_named
from nodes.errors import GraphError
from nodes.layer import Layer
from nodes.own_code import read_code, with_name
from nodes.own_layer import OWN_LAYER, own_kind, own_kind_or_none


def kind_of(graph: Graph, node: Node) -> type[Layer] | None:
    """Return the kind of a node: from the catalogue, or what its code describes."""
    own = own_kind_or_none(graph.code, node.definition) if node.kind == OWN_LAYER else None
    return own or kind_named(node.kind)


def own_layers_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the layers of one's own among nodes."""
    return (node for node in nodes if node.kind == OWN_LAYER)


def used_code(graph: Graph) -> dict[str, None]:
    """Return the names of the code that a drawing uses at any depth."""
    graphs = (graph, *(definition.graph for definition in graph.definitions.values()))
    return {node.definition: None for one in graphs for node in own_layers_in(one.nodes.values())}


def without_unused_code(graph: Graph) -> Graph:
    """Drop the code that nothing in the drawing uses."""
    used = used_code(graph)
    kept = {name: text for name, text in graph.code.items() if name in used}
    return graph if len(kept) == len(graph.code) else replace(graph, code=kept)


def make_own_layer(graph: Graph, name: str, *, position: tuple[float, float] = (0.0, 0.0)) -> Node:
    """Return a new node for a name of the table of code."""
    taken = {node.name for node in graph.nodes.values()}
    return Node(
        id=new_id(),
        kind=OWN_LAYER,
        definition=name,
        name=unique(identifier(name), taken),
        position=position,
    )


def adopt_code(graph: Graph, brought: Mapping[str, str]) -> tuple[Graph, dict[str, str]]:
    """Add code to the table of a drawing; what it has already is used again.

    Code whose name stands for another text there gets another name.

    Returns:
        The drawing, and the name that each text has there.
    """
    names: dict[str, str] = {}
    table = dict(graph.code)
    for name, text in brought.items():
        names[name] = name
        if table.get(name, text) != text:
            names[name], text = _under_free_name(table, name, text)
        table[names[name]] = text
    return (replace(graph, code=table) if table != graph.code else graph), names


def _under_free_name(table: Mapping[str, str], name: str, text: str) -> tuple[str, str]:
    number = 2
    while True:
        other = f"{name}{number}"
        renamed = with_name(text, name, other)
        if table.get(other, renamed) == renamed:
            return other, renamed
        number += 1


def with_code_names(node: Node, names: Mapping[str, str]) -> Node:
    """Let a layer of one's own use its code under the name that it was given."""
    if node.kind != OWN_LAYER or names.get(node.definition, node.definition) == node.definition:
        return node
    return replace(node, definition=names[node.definition])


def write_code(graph: Graph, name: str, text: str) -> Graph:
    """Put another text in the place of one; its layers follow what it is called and takes.

    Parameters that the new text does not have go; wires follow ports by name, else by place.

    Raises:
        CodeError: The text is no layer.
        GraphError: Another text has the name of the new one.
    """
    code = read_code(text)
    if code.name != name and code.name in graph.code:
        raise GraphError(
            f"There is a layer {code.name} already",
            why="Each layer of the project needs a name of its own.",
            hint="Give the class another name.",
        )
    before = own_kind_or_none(graph.code, name)
    table = {code.name if key == name else key: one for key, one in graph.code.items()}
    table[code.name] = text
    follow = _Following(name, text, before)
    definitions = {
        key: replace(definition, graph=follow(definition.graph))
        for key, definition in graph.definitions.items()
    }
    return replace(follow(graph), code=table, definitions=definitions)


class _Following:
    """Lets the uses of a text follow it, in one graph after the other."""

    def __init__(self, name: str, text: str, before: type[Layer] | None) -> None:
        self._name = name
        self._kind = own_kind(text)
        old_inputs = [port.name for port in before.info.inputs] if before else []
        old_outputs = [port.name for port in before.info.outputs] if before else []
        self._inputs = _by_place(old_inputs, [port.name for port in self._kind.info.inputs])
        self._outputs = _by_place(old_outputs, [port.name for port in self._kind.info.outputs])

    def __call__(self, graph: Graph) -> Graph:
        uses = {n.id for n in own_layers_in(graph.nodes.values()) if n.definition == self._name}
        if not uses:
            return graph
        nodes = {node_id: self._node(graph.nodes[node_id]) for node_id in uses}
        links = tuple(dict.fromkeys(self._link(link, uses) for link in graph.links))
        return replace(graph, nodes={**graph.nodes, **nodes}, links=links)

    def _node(self, node: Node) -> Node:
        known = self._kind.__struct_fields__
        params = {name: value for name, value in node.params.items() if name in known}
        return replace(node, definition=self._kind.code.name, params=params)

    def _link(self, link: Link, uses: Collection[NodeId]) -> Link:
        source, target = link.source, link.target
        if source.node in uses:
            source = End(source.node, self._outputs.get(source.port, source.port))
        if target.node in uses:
            target = End(target.node, self._inputs.get(target.port, target.port))
        return Link(source, target)


def _by_place(old: list[str], new: list[str]) -> dict[str, str]:
    """Return the new name of each port that went: that of the new port in its place."""
    return {
        was: now
        for was, now in zip(old, new, strict=False)
        if was != now and was not in new and now not in old
    }
