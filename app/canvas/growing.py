"""Edits that put new layers onto the drawing where a person expects them: plain functions."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from app.canvas.geometry import Box, card_box
from engine.analysis.fixes import insert_with_room
from engine.graph.bends import with_moved_bends
from engine.graph.cards import CARD, RANK_GAP, RIGHT_ROW_PITCH
from engine.graph.composites import definition_of, port_names
from engine.graph.edits import add_node, connect, make_node, move, remove_nodes
from engine.graph.elements import End, Graph, Link, Node, NodeId
from engine.graph.flow import along_flow, next_rank, turned, turned_back
from engine.graph.rewiring import RANK_PITCH, make_room
from engine.graph.topology import downstream
from engine.project.blocks import Block, insert_block
from nodes.catalogue import LAYERS, kind_named, make_layer
from nodes.errors import LoomError
from nodes.layer import Port

COLUMN_PITCH = 340.0

Params = Mapping[str, object]


def add_at(
    graph: Graph, kind: str, params: Params, place: tuple[float, float]
) -> tuple[Graph, Node]:
    """Put a layer at a place, or beside it where a card stands there."""
    node = make_node(graph, kind, params=params, position=free_place(graph, place))
    return add_node(graph, node), node


@along_flow
def add_after(
    graph: Graph, source: End, kind: str, params: Params, *, branch: bool = False
) -> tuple[Graph, Node]:
    """Put a layer below a node and feed it; into the wire where one leads straight on.

    Args:
        branch: Leave the wire that is there alone.
    """
    ports = input_ports(kind, params)
    x, y = graph.nodes[source.node].position
    if not ports:
        return add_at(graph, kind, params, (x + COLUMN_PITCH, y))
    onward = [link for link in graph.links if link.source == source]
    if onward and not branch and can_stand_between(kind, params):
        return insert_on(graph, kind, params, onward[0])
    place = x, y + RANK_PITCH
    graph, node = add_at(_with_loss_lower(graph, place), kind, params, place)
    graph = connect(graph, source, End(node.id, ports[0].name))
    return with_label(graph, node), node


def _with_loss_lower(graph: Graph, place: tuple[float, float]) -> Graph:
    """Move a loss that waits for its input down, where the chain above it has come that far."""
    others = [node for node in graph.nodes.values() if _meets_slot(node, place)]
    if len(others) != 1 or others[0].position[0] != place[0] or not _waits(graph, others[0]):
        return graph
    below = place[0], place[1] + RANK_PITCH
    left = remove_nodes(graph, (others[0].id,))
    is_free = free_place(left, below) == below
    return move(graph, {others[0].id: below}) if is_free else graph


def _waits(graph: Graph, node: Node) -> bool:
    """Whether a node is a loss to which no prediction leads yet."""
    kind = kind_named(node.kind)
    if kind is None or kind.info.role != "loss":
        return False
    fed = {link.target.port for link in graph.links_into(node.id)}
    return all(port.target or port.name not in fed for port in input_ports(node.kind, node.params))


def _meets_slot(node: Node, place: tuple[float, float]) -> bool:
    x, y = place
    return card_box(node).grown(8).meets(Box(x, y, x + CARD[0], y + CARD[1]))


def can_stand_between(kind: str, params: Params) -> bool:
    """Whether a layer can be put into a wire and needs nothing else."""
    layer = LAYERS.get(kind)
    ports = input_ports(kind, params)
    if layer is None or not ports or not output_names(kind, params):
        return False
    alone = not ports[0].many and all(port.optional for port in ports[1:])
    return layer.info.role == "layer" and alone


@along_flow
def add_before(graph: Graph, target: End, kind: str, params: Params) -> tuple[Graph, Node]:
    """Put a layer above a node and let it feed one of its inputs."""
    names = output_names(kind, params)
    x, y = graph.nodes[target.node].position
    graph, node = add_at(graph, kind, params, (x, y - RANK_PITCH))
    if names:
        graph = connect(graph, End(node.id, names[0]), target)
    return graph, node


@along_flow
def insert_on(graph: Graph, kind: str, params: Params, link: Link) -> tuple[Graph, Node]:
    """Put a layer into a wire; what follows moves down, and a frame around both ends grows."""
    grown = with_room(graph, insert_with_room(graph, kind, link, dict(params)), link)
    node = next(grown.nodes[key] for key in grown.nodes if key not in graph.nodes)
    return grown, node


@along_flow
def insert_existing(graph: Graph, node_id: NodeId, link: Link) -> Graph:
    """Put a node without wires into a wire; what follows moves down to make room for it."""
    node = graph.nodes[node_id]
    inputs, outputs = ports_of(graph, node)
    first, last = inputs[0].name, outputs[0]
    place = graph.links.index(link)
    wires = (Link(link.source, End(node_id, first)), Link(End(node_id, last), link.target))
    links = (*graph.links[:place], *wires, *graph.links[place + 1 :])
    graph, at = make_room(graph, link)
    at = free_place(remove_nodes(graph, (node_id,)), at)
    return framed_like(replace(move(graph, {node_id: at}), links=links), link, node_id)


def put_block(
    graph: Graph,
    block: Block,
    *,
    source: End | None,
    target: End | None = None,
    link: Link | None,
    place: tuple[float, float],
    branch: bool = False,
) -> tuple[Graph, NodeId]:
    """Put a block into a wire, below a node that feeds it, or at a place.

    It feeds ``target`` from where it is put.

    Args:
        branch: Leave the wires of the node that feeds it alone, and keep the place.
    """
    if source is not None and not branch:
        place = next_rank(graph, source.node)
        link = link or next((one for one in graph.links if one.source == source), None)
    graph, node = insert_block(graph, block, free_place(graph, place))
    inputs, outputs = port_names(graph, graph.nodes[node])
    if link is not None and inputs and outputs:
        return insert_existing(graph, node, link), node
    if source is not None and inputs:
        graph = connect(graph, source, End(node, inputs[0]))
    if target is not None and outputs:
        graph = connect(graph, End(node, outputs[0]), target)
    return graph, node


def ports_of_block(block: Block) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the inputs and of the outputs that a block would have."""
    graph = Graph(nodes={block.use.id: block.use}, definitions=block.definitions, code=block.code)
    return port_names(graph, block.use)


def closed_up(before: Graph, after: Graph, use: NodeId) -> Graph:
    """Move what depends on a new composite back by the room that it freed."""
    upright = turned(after)
    return turned_back(_closed_up(turned(before), upright, use), upright, after)


def _closed_up(before: Graph, after: Graph, use: NodeId) -> Graph:
    gone = [card_box(node).bottom for key, node in before.nodes.items() if key not in after.nodes]
    bottom = card_box(after.nodes[use]).bottom
    edge = max(gone, default=bottom)
    return _with_dependent_moved(after, (use,), edge, min(0.0, bottom - edge))


def parted(before: Graph, after: Graph, use: NodeId) -> Graph:
    """Move what depends on a composite that was dissolved on, behind what came out of it."""
    upright = turned(after)
    return turned_back(_parted(turned(before), upright, use), upright, after)


def _parted(before: Graph, after: Graph, use: NodeId) -> Graph:
    new = [key for key in after.nodes if key not in before.nodes]
    edge = card_box(before.nodes[use]).bottom
    below = [after.nodes[key].position[1] for key in _dependent_below(after, new, edge)]
    bottom = max((card_box(after.nodes[key]).bottom for key in new), default=edge)
    by = bottom + RANK_GAP - min(below, default=math.inf)
    return _with_dependent_moved(after, new, edge, max(0.0, by))


def _with_dependent_moved(graph: Graph, nodes: Collection[NodeId], edge: float, by: float) -> Graph:
    moving = _dependent_below(graph, nodes, edge)
    if not by or not moving:
        return graph
    places = {node: graph.nodes[node].position for node in moving}
    moved = move(graph, {node: (x, y + by) for node, (x, y) in places.items()})
    return with_moved_bends(moved, moving, 0, by)


def _dependent_below(graph: Graph, nodes: Collection[NodeId], edge: float) -> list[NodeId]:
    """Return what nodes lead to and what stands below an edge, in the order of the drawing."""
    after = set[NodeId]().union(*(downstream(graph, node) for node in nodes)) - set(nodes)
    return [node for node in graph.nodes if node in after and graph.nodes[node].position[1] >= edge]


def with_label(graph: Graph, node: Node) -> Graph:
    """Connect a loss's target to the label of the data, where there is one and it is free."""
    ports = input_ports(node.kind, node.params)
    # What a teacher says is compared with as well, and comes from a network.
    targets = [port for port in ports if port.target and port.name == "target"]
    for port in targets:
        end = End(node.id, port.name)
        if any(link.target == end for link in graph.links):
            continue
        label = label_end(graph)
        if label is not None:
            graph = connect(graph, label, end)
    return graph


def label_end(graph: Graph) -> End | None:
    """Return the output of the data that holds what is to be predicted."""
    for node in graph.nodes.values():
        if node.kind == "Data":
            names = output_names(node.kind, node.params)
            if len(names) > 1:
                return End(node.id, "label" if "label" in names else names[-1])
    return None


def input_ports(kind: str, params: Params) -> tuple[Port, ...]:
    """Return the inputs of a layer; they may depend on its parameters."""
    try:
        return make_layer(kind, params).inputs()
    except LoomError:
        layer = kind_named(kind)
        return layer.info.inputs if layer else ()


def output_names(kind: str, params: Params) -> tuple[str, ...]:
    """Return the names of a layer's outputs."""
    try:
        return tuple(port.name for port in make_layer(kind, params).outputs())
    except LoomError:
        layer = kind_named(kind)
        return tuple(port.name for port in layer.info.outputs) if layer else ()


def ports_of(graph: Graph, node: Node) -> tuple[tuple[Port, ...], tuple[str, ...]]:
    """Return the inputs of a node and the names of its outputs; a composite's are its own."""
    if definition_of(graph, node) is not None:
        inputs, outputs = port_names(graph, node)
        return tuple(Port(name=name) for name in inputs), outputs
    return input_ports(node.kind, node.params), output_names(node.kind, node.params)


def free_place(graph: Graph, place: tuple[float, float]) -> tuple[float, float]:
    """Return the first place from ``place`` on where no card stands: beside the drawing's way."""
    boxes = [card_box(node).grown(8) for node in graph.nodes.values()]
    x, y = place
    across, down = (0.0, RIGHT_ROW_PITCH) if graph.flow == "right" else (COLUMN_PITCH, 0.0)
    for _ in range(len(boxes) + 1):
        own = Box(x, y, x + CARD[0], y + CARD[1])
        if not any(own.meets(box) for box in boxes):
            break
        x, y = x + across, y + down
    return x, y


def with_room(before: Graph, after: Graph, link: Link | None = None) -> Graph:
    """Put cards that an edit added beside those they would cover.

    Args:
        link: The wire that they were put into; they belong to its frame.
    """
    for node_id in [node for node in after.nodes if node not in before.nodes]:
        others = remove_nodes(after, (node_id,))
        place = free_place(others, after.nodes[node_id].position)
        after = move(after, {node_id: place})
        after = framed_like(after, link, node_id) if link is not None else after
    return after


def with_room_throughout(before: Graph, after: Graph, link: Link | None = None) -> Graph:
    """Do the same for a whole drawing, in it and in the composites that it already had."""
    definitions = {
        key: replace(one, graph=with_room(before.definitions[key].graph, one.graph))
        if key in before.definitions
        else one
        for key, one in after.definitions.items()
    }
    return with_room(before, replace(after, definitions=definitions), link)


def framed_like(graph: Graph, link: Link, node: NodeId) -> Graph:
    """Take a node that was put into a wire into the frame that the wire belongs to.

    That is the frame around both ends, or the one around a layer that several wires lead to.
    """
    merges = sum(1 for _ in graph.links_into(link.target.node)) > 1
    frames = tuple(
        replace(frame, nodes=(*frame.nodes, node))
        if link.target.node in frame.nodes
        and node not in frame.nodes
        and (merges or link.source.node in frame.nodes)
        else frame
        for frame in graph.frames
    )
    return replace(graph, frames=frames)
