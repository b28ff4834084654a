"""Edits: plain functions from a graph to another graph.

Each does one thing a person would name. None changes its argument, and none looks at shapes: a
drawing may be wrong at any moment, and the analysis says where.
"""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from engine.graph.composites import definition_of, port_names
from engine.graph.elements import End, Frame, Graph, Link, Node, NodeId, Value
from engine.graph.learning import with_setting
from engine.graph.names import identifier, new_id, unique, whole
from engine.graph.own_layers import kind_of
from engine.graph.topology import path_between
from nodes.catalogue import kind_named
from nodes.errors import GraphError

LONGEST_OUTPUT = 24
"""Letters in the name of an output: as long as a variable of the source is at most."""


def make_node(
    graph: Graph,
    kind: str,
    *,
    params: Mapping[str, Value] | None = None,
    position: tuple[float, float] = (0.0, 0.0),
    name: str = "",
) -> Node:
    """Return a new node of a kind, with a name that is free in ``graph``."""
    taken = {node.name for node in graph.nodes.values()}
    return Node(
        id=new_id(),
        kind=kind,
        name=unique(identifier(name or kind), taken),
        params=dict(params or {}),
        position=position,
    )


def add_node(graph: Graph, node: Node) -> Graph:
    """Put a node on the drawing."""
    return replace(graph, nodes={**graph.nodes, node.id: node})


def change_node(graph: Graph, node: Node) -> Graph:
    """Put ``node`` in the place of the node with its id."""
    return replace(graph, nodes={**graph.nodes, node.id: node})


def remove_nodes(graph: Graph, node_ids: Collection[NodeId]) -> Graph:
    """Take nodes off the drawing, with their wires; frames that become empty go too."""
    gone = set(node_ids)
    frames = (
        replace(frame, nodes=tuple(node for node in frame.nodes if node not in gone))
        for frame in graph.frames
    )
    return replace(
        graph,
        nodes={node_id: node for node_id, node in graph.nodes.items() if node_id not in gone},
        links=tuple(
            link
            for link in graph.links
            if link.source.node not in gone and link.target.node not in gone
        ),
        frames=tuple(frame for frame in frames if frame.nodes),
    )


def remove_and_rejoin(graph: Graph, node_ids: Collection[NodeId]) -> Graph:
    """Take nodes out and connect what fed each to what it fed."""
    for node_id in node_ids:
        graph = remove_nodes(bypass_wires(graph, node_id), (node_id,))
    return graph


def bypass_wires(graph: Graph, node_id: NodeId) -> Graph:
    """Lead what arrives at a node's first connected input past it."""
    feeding = next(graph.links_into(node_id), None)
    if feeding is None:
        return graph
    return replace(
        graph,
        # What also went around the node now arrives twice at the same list input: one wire stays.
        links=tuple(
            dict.fromkeys(
                Link(feeding.source, link.target) if link.source.node == node_id else link
                for link in graph.links
                if link.source.node != node_id or link.target.node != feeding.source.node
            )
        ),
    )


def connect(graph: Graph, source: End, target: End, *, index: int | None = None) -> Graph:
    """Draw a wire; it takes the place of one that ends in the same single input.

    Args:
        index: For a list input, the place among its wires; at the end where None.

    Raises:
        GraphError: The wire would close a circle, or an end does not exist.
    """
    for end in (source, target):
        if end.node not in graph.nodes:
            raise GraphError("A wire needs two layers", why="One of them is no longer there.")
    loop = path_between(graph, target.node, source.node)
    if loop is not None:
        name = _title(graph, graph.nodes[target.node])
        raise GraphError(
            f"This would feed {name} its own output",
            why="Models run from input to output once.",
            hint="Connect it to a layer further down.",
            where=" → ".join(graph.nodes[node].name for node in loop),
        )
    link = Link(source, target)
    if takes_many(graph, target):
        if link in graph.links and index is None:
            return graph
        return replace(graph, links=_with_link_at(graph.links, link, index))
    kept = tuple(other for other in graph.links if other.target != target)
    return replace(graph, links=(*kept, link))


def disconnect(graph: Graph, link: Link) -> Graph:
    """Take one wire away."""
    remaining = list(graph.links)
    remaining.remove(link)
    return replace(graph, links=tuple(remaining))


def set_params(graph: Graph, node_id: NodeId, params: Mapping[str, Value]) -> Graph:
    """Set some parameters of a node; None for a name puts its default back."""
    node = graph.nodes[node_id]
    merged = {**node.params, **params}
    kept = {name: value for name, value in merged.items() if value is not None}
    return change_node(graph, replace(node, params=kept))


def rename(graph: Graph, node_id: NodeId, title: str) -> Graph:
    """Give a node a name of the person's choice; the source follows it."""
    node = graph.nodes[node_id]
    taken = {other.name for other in graph.nodes.values() if other.id != node_id}
    definition = definition_of(graph, node)
    kind = definition.name if definition else node.definition or node.kind
    name = unique(identifier(title or kind), taken)
    return change_node(graph, replace(node, title=whole(title).strip(), name=name))


def name_output(graph: Graph, end: End, name: str) -> Graph:
    """Name what leaves an output, for the source and what is exported; an empty name is none."""
    node = graph.nodes[end.node]
    others = {port: known for port, known in node.called.items() if port != end.port}
    if not name.strip():
        return change_node(graph, replace(node, called=others))
    taken = {known for other in graph.nodes.values() for known in other.called.values()}
    given = unique(identifier(name.strip()[:LONGEST_OUTPUT]), taken - {node.called.get(end.port)})
    return change_node(graph, replace(node, called={**others, end.port: given}))


def move(graph: Graph, positions: Mapping[NodeId, tuple[float, float]]) -> Graph:
    """Put nodes in other places."""
    moved = {
        node_id: replace(graph.nodes[node_id], position=position)
        for node_id, position in positions.items()
    }
    return replace(graph, nodes={**graph.nodes, **moved})


def set_frozen(graph: Graph, node_ids: Collection[NodeId], *, frozen: bool) -> Graph:
    """Keep the weights of nodes as they are while the rest trains, or let them train again."""
    changed = {node: replace(graph.nodes[node], frozen=frozen) for node in node_ids}
    return replace(graph, nodes={**graph.nodes, **changed})


def set_learning(graph: Graph, node_ids: Collection[NodeId], name: str, value: Value) -> Graph:
    """Set how nodes learn, by one of the settings of ``Learning``; None puts its default back.

    Raises:
        msgspec.ValidationError: The value has another type.
        ParameterError: It lies outside its range.
    """
    changed = {}
    for node_id in node_ids:
        node = graph.nodes[node_id]
        changed[node_id] = replace(node, learning=with_setting(node.learning, name, value))
    return replace(graph, nodes={**graph.nodes, **changed})


def set_bypassed(graph: Graph, node_ids: Collection[NodeId], *, bypassed: bool) -> Graph:
    """Let the input of nodes pass through them unchanged, or let them compute again."""
    changed = {node: replace(graph.nodes[node], bypassed=bypassed) for node in node_ids}
    return replace(graph, nodes={**graph.nodes, **changed})


def insert_on_link(graph: Graph, node: Node, link: Link) -> Graph:
    """Put a node into a wire: first input and first output of the node are used."""
    (first_input, *_), (first_output, *_) = port_names(graph, node)
    place = graph.links.index(link)
    graph = add_node(graph, node)
    before = Link(link.source, End(node.id, first_input))
    after = Link(End(node.id, first_output), link.target)
    links = (*graph.links[:place], before, after, *graph.links[place + 1 :])
    return replace(graph, links=links)


def replace_kind(graph: Graph, node_id: NodeId, kind: str) -> Graph:
    """Make a node another kind of layer; parameters and wires that fit are kept."""
    node = graph.nodes[node_id]
    layer = kind_named(kind)
    fields = layer.__struct_fields__ if layer is not None else ()
    params = {name: value for name, value in node.params.items() if name in fields}
    title = node.title
    taken = {other.name for other in graph.nodes.values() if other.id != node_id}
    name = unique(identifier(title or kind), taken)
    return change_node(
        graph, replace(node, kind=kind, params=params, name=name, definition="", shares=None)
    )


def add_frame(graph: Graph, title: str, node_ids: Collection[NodeId]) -> Graph:
    """Draw a named frame around nodes; each node is in at most one."""
    members = tuple(node for node in graph.nodes if node in set(node_ids))
    others = tuple(
        replace(frame, nodes=tuple(node for node in frame.nodes if node not in members))
        for frame in graph.frames
    )
    kept = tuple(frame for frame in others if frame.nodes)
    return replace(graph, frames=(*kept, Frame(id=str(new_id()), title=title, nodes=members)))


def remove_frame(graph: Graph, frame_id: str) -> Graph:
    """Take a frame away; its nodes stay."""
    return replace(graph, frames=tuple(f for f in graph.frames if f.id != frame_id))


def takes_many(graph: Graph, target: End) -> bool:
    """Say whether an input takes a list of wires."""
    layer = kind_of(graph, graph.nodes[target.node])
    if layer is None:
        return False
    return any(port.name == target.port and port.many for port in layer.info.inputs)


def _with_link_at(links: tuple[Link, ...], link: Link, index: int | None) -> tuple[Link, ...]:
    places = [place for place, other in enumerate(links) if other.target == link.target]
    if index is None or index >= len(places):
        return (*links, link)
    place = places[index]
    return (*links[:place], link, *links[place:])


def _title(graph: Graph, node: Node) -> str:
    layer, definition = kind_of(graph, node), definition_of(graph, node)
    kind = definition.name if definition else layer.info.title if layer else node.kind
    return node.title or kind
