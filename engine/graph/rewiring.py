"""Edits of what feeds what around layers that stay: taken out of a chain, replaced, swapped."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from engine.graph.alignment import moved_by
from engine.graph.cards import CARD, RANK_GAP
from engine.graph.edits import add_node, change_node, make_node, replace_kind, set_params
from engine.graph.elements import End, Formula, Graph, Link, NodeId, Value
from engine.graph.flow import along_flow
from engine.graph.topology import downstream
from nodes.catalogue import kind_named, make_layer
from nodes.errors import LoomError, ParameterError
from nodes.layer import Port

RANK_PITCH = CARD[1] + RANK_GAP
"""From the top of one card to the next, in canvas units."""


def take_out(graph: Graph, node_ids: Collection[NodeId]) -> Graph:
    """Take nodes out of their chains: they keep the wires among them, their neighbours are joined.

    What they fed is fed by what arrives at the first connected input of the first of them.
    """
    taken = frozenset(node_ids)
    return replace(graph, links=tuple(dict.fromkeys(_without(graph, taken))))


def _without(graph: Graph, taken: frozenset[NodeId]) -> Iterator[Link]:
    for link in graph.links:
        leaves, enters = link.source.node in taken, link.target.node in taken
        if leaves == enters:
            yield link
        elif leaves:
            feeding = _feeding(graph, taken, link.source.node)
            if feeding is not None:
                yield Link(feeding, link.target)


def _feeding(graph: Graph, taken: frozenset[NodeId], node: NodeId) -> End | None:
    """Return the output outside of ``taken`` that feeds a node in it along first inputs."""
    seen: set[NodeId] = set()
    while node not in seen:
        seen.add(node)
        link = next(graph.links_into(node), None)
        if link is None or link.source.node not in taken:
            return link.source if link is not None else None
        node = link.source.node
    return None


def make_room(graph: Graph, link: Link) -> tuple[Graph, tuple[float, float]]:
    """Move what follows a wire down where one more card does not fit; return the place for it."""
    source, target = graph.nodes[link.source.node], graph.nodes[link.target.node]
    (source_x, source_y), (target_x, target_y) = source.position, target.position
    if target_y - source_y < 2 * RANK_PITCH:
        below = downstream(graph, target.id) | {target.id}
        y = source_y + RANK_PITCH if _enters_frame(graph, link) else target_y
        return moved_by(graph, below, 0.0, RANK_PITCH), (target_x, y)
    is_aside = abs(source_x - target_x) > 1
    return graph, (source_x if is_aside else target_x, (source_y + target_y) / 2)


def _enters_frame(graph: Graph, link: Link) -> bool:
    """Whether a wire leads into a frame: room for its title stays above what follows."""
    return any(
        link.target.node in frame.nodes and link.source.node not in frame.nodes
        for frame in graph.frames
    )


def swap_inputs(graph: Graph, node_id: NodeId) -> Graph:
    """Let what feeds a node's inputs change places: two are swapped, more move on by one."""
    links = list(graph.links_into(node_id))
    if len({link.source for link in links}) < 2:
        return graph
    sources = [link.source for link in (*links[1:], links[0])]
    turned = iter([Link(new, link.target) for new, link in zip(sources, links, strict=True)])
    return replace(
        graph,
        links=tuple(next(turned) if link.target.node == node_id else link for link in graph.links),
    )


@along_flow
def split_activation(graph: Graph, node_id: NodeId) -> Graph:
    """Make the activation that is fused into a layer a layer of its own behind it.

    A repeated layer stays as it is: its activation stands between the rounds as well.
    """
    node = graph.nodes[node_id]
    kind = node.params.get("activation")
    if not isinstance(kind, str) or kind_named(kind) is None or node.repeat != 1:
        return graph
    fused = End(node_id, _ports(node.kind, node.params)[1][0].name)
    graph = set_params(graph, node_id, {"activation": None})
    graph, place = _room_behind(graph, fused)
    made = make_node(graph, kind, position=place)
    given = End(made.id, _ports(kind, {})[1][0].name)
    links = (Link(given, one.target) if one.source == fused else one for one in graph.links)
    fed = Link(fused, End(made.id, _ports(kind, {})[0][0].name))
    frames = tuple(
        replace(frame, nodes=(*frame.nodes, made.id)) if node_id in frame.nodes else frame
        for frame in graph.frames
    )
    return replace(add_node(graph, made), links=(*links, fed), frames=frames)


def _room_behind(graph: Graph, source: End) -> tuple[Graph, tuple[float, float]]:
    """Return the place below a node, and the drawing with what followed moved out of it."""
    x, y = graph.nodes[source.node].position
    onward = [link for link in graph.links if link.source == source]
    if onward:
        aside = {link: abs(graph.nodes[link.target.node].position[0] - x) for link in onward}
        graph, _ = make_room(graph, min(onward, key=lambda link: aside[link]))
    return graph, (x, y + RANK_PITCH)


def replace_layer(
    graph: Graph, node_id: NodeId, kind: str, params: Mapping[str, Value] | None = None
) -> Graph:
    """Make a node another kind of layer; parameters, wires and the name that fit are kept.

    A wire goes to the port of the same name, else to the one in the same place; it goes where there
    is none.

    Args:
        params: Parameters that are set besides those kept.
    """
    graph = replace_kind(graph, node_id, kind)
    node = graph.nodes[node_id]
    kept = _acceptable(kind, {**node.params, **(params or {})})
    graph = change_node(graph, replace(node, params=kept))
    inputs, outputs = _ports(kind, kept)
    into = _renamed((link.target.port for link in graph.links_into(node_id)), inputs)
    out = _renamed((link.source.port for link in graph.links_from(node_id)), outputs)
    return replace(graph, links=tuple(_led_on(graph, node_id, into, out)))


def _acceptable(kind: str, params: Mapping[str, Value]) -> dict[str, Value]:
    """Leave out what another kind of layer does not take: the same name, other values."""
    formulas = {name: value for name, value in params.items() if isinstance(value, Formula)}
    plain = {name: value for name, value in params.items() if name not in formulas}
    while (wrong := _unaccepted(kind, plain)) in plain:
        del plain[wrong]
    return {**plain, **formulas}


def _unaccepted(kind: str, params: Mapping[str, Value]) -> str:
    try:
        make_layer(kind, params)
    except ParameterError as error:
        return error.parameter
    except LoomError:
        pass  # Every value alone is one that it can have: the analysis tells what is wrong.
    return ""


def _ports(kind: str, params: Mapping[str, Value]) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    try:
        layer = make_layer(kind, params)
    except LoomError:
        found = kind_named(kind)
        return (found.info.inputs, found.info.outputs) if found is not None else ((), ())
    return layer.inputs(), layer.outputs()


def _renamed(names: Iterable[str], ports: tuple[Port, ...]) -> dict[str, str]:
    """Return the new name of each port in use: its own, else that of the first free one."""
    used = list(dict.fromkeys(names))
    known = [port.name for port in ports]
    renamed = {name: name for name in used if name in known}
    many = [port.name for port in ports if port.many]
    free = [name for name in known if name not in renamed]
    for name in used:
        if name not in renamed and (free or many):
            renamed[name] = free.pop(0) if free else many[0]
    return renamed


def _led_on(
    graph: Graph, node_id: NodeId, into: Mapping[str, str], out: Mapping[str, str]
) -> Iterator[Link]:
    taken: set[End] = set()
    single = {
        End(node_id, port.name)
        for port in _ports(graph.nodes[node_id].kind, graph.nodes[node_id].params)[0]
        if not port.many
    }
    for link in graph.links:
        source, target = link.source, link.target
        if source.node == node_id:
            if source.port not in out:
                continue
            source = End(node_id, out[source.port])
        if target.node == node_id:
            target = End(node_id, into.get(target.port, ""))
            if not target.port or (target in taken and target in single):
                continue
            taken.add(target)
        yield Link(source, target)
