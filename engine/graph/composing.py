"""Making a composite of some nodes."""

from collections.abc import Collection, Iterator, Mapping

from msgspec.structs import replace

from engine.graph.cards import RIGHT_PITCH, RIGHT_ROW_PITCH
from engine.graph.composites import COMPOSITE, INPUT, OUTPUT, port_names
from engine.graph.elements import (
    Definition,
    End,
    Flow,
    Formula,
    Frame,
    Graph,
    Link,
    Node,
    NodeId,
    Point,
    Value,
)
from engine.graph.expressions import names_in, with_names
from engine.graph.learning import PLAIN, Learning
from engine.graph.names import identifier, new_id, unique
from nodes.catalogue import kind_named
from nodes.errors import GraphError

_PITCH = 94.0
_COLUMN = 340.0
_LONGEST_PORT = 36

_ROUND: Mapping[str, str] = {"i": "round", "n": "rounds"}
"""What formulas inside call the round of the composite around, which they have no name for."""


def make_composite(
    graph: Graph,
    node_ids: Collection[NodeId],
    name: str,
    *,
    parameters: Mapping[str, Value] | None = None,
) -> tuple[Graph, NodeId]:
    """Put nodes into a composite of their own; wires that cross its border become ports.

    Args:
        name: What people call the composite.
        parameters: Of the composite that the drawing is the inside of, with their defaults;
            those that the nodes use are handed on.

    Raises:
        GraphError: They cannot stand within one composite; says why.
    """
    chosen = [node for node in graph.nodes.values() if node.id in set(node_ids)]
    _check(graph, chosen)
    ports = _Ports(graph, {node.id for node in chosen})
    inside, handed_on = _inside(graph, chosen, ports)
    key = unique(identifier(name, fallback="composite"), graph.definitions)
    defaults = parameters or {}
    definition = Definition(
        name=name.strip() or "Composite",
        parameters={inner: defaults.get(outer, 1) for inner, outer in handed_on.items()},
        graph=inside,
    )
    taken = {node.name for node in graph.nodes.values() if node.id not in ports.members}
    use = Node(
        id=new_id(),
        kind=COMPOSITE,
        definition=key,
        name=unique(identifier(name, fallback="composite"), taken),
        params={inner: Formula(outer) for inner, outer in handed_on.items()},
        position=corner(chosen, graph.flow),
        learning=_of_one_player(chosen),
    )
    made = replace(
        _around(graph, use, chosen, ports), definitions={**graph.definitions, key: definition}
    )
    return made, use.id


def _of_one_player(chosen: list[Node]) -> Learning:
    """Let a composite belong to the optimiser of its layers, where they have one in common."""
    owners = {node.learning.player for node in chosen if node.learning.player}
    return Learning(player=owners.pop()) if len(owners) == 1 else PLAIN


def _check(graph: Graph, chosen: list[Node]) -> None:
    if not chosen:
        raise GraphError(
            "No layers are chosen",
            why="A composite is made of layers.",
            hint="Select some layers first.",
        )
    for node in chosen:
        kind = kind_named(node.kind)
        if kind is not None and kind.info.role != "layer":
            raise GraphError(
                f"{kind.info.title} cannot stand in a composite",
                why="A composite holds layers; data, losses and ports stay where they are.",
                hint="Select layers only.",
            )
    members = {node.id for node in chosen}
    _check_shared(graph, members)
    between = _between(graph, members)
    if between is not None:
        raise GraphError(
            "The composite would be fed its own output",
            why=f"“{between.title or between.name}” stands between these layers.",
            hint="Select it as well.",
        )


def _check_shared(graph: Graph, members: set[NodeId]) -> None:
    for node in graph.nodes.values():
        if node.shares is not None and (node.id in members) != (node.shares in members):
            raise GraphError(
                "Layers that share weights stay together",
                why=f"“{node.title or node.name}” shares weights across the border.",
                hint="Select both layers, or give it weights of its own.",
            )


def _between(graph: Graph, members: set[NodeId]) -> Node | None:
    """Return a node outside that members feed and that feeds members."""
    after: dict[NodeId, list[NodeId]] = {}
    for link in graph.links:
        after.setdefault(link.source.node, []).append(link.target.node)
    waiting = [(one, one) for node in members for one in after.get(node, ()) if one not in members]
    seen: set[NodeId] = set()
    while waiting:
        first, node = waiting.pop()
        if node in members:
            return graph.nodes[first]
        if node not in seen:
            seen.add(node)
            waiting.extend((first, other) for other in after.get(node, ()))
    return None


class _Ports:
    """The ports that wires across the border become: one for each end that is crossed from."""

    def __init__(self, graph: Graph, members: set[NodeId]) -> None:
        self.members = members
        entering = dict.fromkeys(
            link.source
            for link in graph.links
            if link.source.node not in members and link.target.node in members
        )
        leaving = dict.fromkeys(
            link.source
            for link in graph.links
            if link.source.node in members and link.target.node not in members
        )
        leaving.update(dict.fromkeys(_unused(graph, members)))
        self.inputs = _named(graph, entering, "x")
        self.outputs = _named(graph, leaving, "y")


def _unused(graph: Graph, members: set[NodeId]) -> Iterator[End]:
    """Yield the first output of members that lead nowhere."""
    feeding = {link.source.node for link in graph.links}
    for node in graph.nodes.values():
        if node.id in members and node.id not in feeding:
            yield from (End(node.id, port) for port in port_names(graph, node)[1][:1])


def _named(graph: Graph, ends: Collection[End], alone: str) -> dict[End, str]:
    if len(ends) == 1:
        return dict.fromkeys(ends, alone)
    names: dict[End, str] = {}
    for end in ends:
        wanted = identifier(graph.nodes[end.node].name)[:_LONGEST_PORT]
        names[end] = unique(wanted, set(names.values()))
    return names


def _inside(graph: Graph, chosen: list[Node], ports: _Ports) -> tuple[Graph, dict[str, str]]:
    """Return the inside, and what each name that its formulas need stands for outside."""
    handed_on: dict[str, str] = {}
    nodes = {node.id: _handing_on(node, handed_on) for node in chosen}
    before, after = _places_of_ends(chosen, graph.flow)
    taken = {node.name for node in chosen}
    starts = _ends(ports.inputs, INPUT, "x", before, taken, graph.flow)
    ends = _ends(ports.outputs, OUTPUT, "y", after, taken, graph.flow)
    entering = {
        link: link
        if link.source.node in ports.members
        else Link(End(starts[link.source].id, "y"), link.target)
        for link in graph.links
        if link.target.node in ports.members
    }
    bends = {entering[link]: points for link, points in graph.bends.items() if link in entering}
    links = [*entering.values(), *(Link(end, End(node.id, "x")) for end, node in ends.items())]
    every = (*starts.values(), *nodes.values(), *ends.values())
    frames = tuple(frame for frame in graph.frames if set(frame.nodes) <= ports.members)
    inside = Graph(
        nodes={node.id: node for node in every},
        links=tuple(links),
        frames=frames,
        bends=bends,
        flow=graph.flow,
    )
    return inside, handed_on


def _places_of_ends(chosen: list[Node], flow: Flow) -> tuple[Point, Point]:
    """Return where the first input stands before the nodes, and the first output behind them."""
    left, top = corner(chosen, flow)
    if flow == "right":
        right = max(node.position[0] for node in chosen)
        return (left - RIGHT_PITCH, top), (right + RIGHT_PITCH, top)
    bottom = max(node.position[1] for node in chosen)
    return (left, top - _PITCH), (left, bottom + _PITCH)


def _ends(
    ports: Mapping[End, str],
    kind: str,
    default: str,
    place: tuple[float, float],
    taken: set[str],
    flow: Flow,
) -> dict[End, Node]:
    made = {}
    across, down = (0.0, RIGHT_ROW_PITCH) if flow == "right" else (_COLUMN, 0.0)
    for number, (end, port) in enumerate(ports.items()):
        name = unique(identifier(kind), taken)
        taken.add(name)
        made[end] = Node(
            id=new_id(),
            kind=kind,
            name=name,
            params={} if port == default else {"port": port},
            position=(place[0] + number * across, place[1] + number * down),
        )
    return made


def _handing_on(node: Node, handed_on: dict[str, str]) -> Node:
    """Note the names that a node's formulas need; the round of what is around gets a new one."""

    def seen(value: Value, *, own_round: bool) -> Value:
        if not isinstance(value, Formula):
            return value
        names = {} if own_round else _ROUND
        for name in sorted(names_in(value.formula)):
            if not (own_round and name in _ROUND):
                handed_on[names.get(name, name)] = name
        return Formula(with_names(value.formula, names))

    repeated = node.repeat != 1
    params = {name: seen(value, own_round=repeated) for name, value in node.params.items()}
    return replace(node, params=params, repeat=seen(node.repeat, own_round=False))


def corner(nodes: Collection[Node], flow: Flow) -> Point:
    """Return where a composite of nodes stands: on the line of the first of them."""
    along = 0 if flow == "right" else 1
    return min(nodes, key=lambda node: node.position[along]).position


def _around(graph: Graph, use: Node, chosen: list[Node], ports: _Ports) -> Graph:
    members = ports.members
    nodes: dict[NodeId, Node] = {}
    for node in graph.nodes.values():
        if node is chosen[0]:
            nodes[use.id] = use
        if node.id not in members:
            nodes[node.id] = node
    links: dict[Link, Link] = {}
    for link in graph.links:
        starts, ends = link.source.node in members, link.target.node in members
        if starts and ends:
            continue
        source = End(use.id, ports.outputs[link.source]) if starts else link.source
        target = End(use.id, ports.inputs[link.source]) if ends else link.target
        links.setdefault(Link(source, target), link)
    # The points of a wire into the composite went inside, to the layer that it leads to.
    bends = {
        now: graph.bends[was]
        for now, was in links.items()
        if was in graph.bends and was.target.node not in members
    }
    frames = (
        with_members(frame, dict.fromkeys(members, (use.id,)))
        for frame in graph.frames
        if not set(frame.nodes) <= members
    )
    return replace(graph, nodes=nodes, links=tuple(links), frames=tuple(frames), bends=bends)


def with_members(frame: Frame, places: Mapping[NodeId, Collection[NodeId]]) -> Frame:
    """Put other nodes in the place of some of a frame's."""
    nodes = dict.fromkeys(new for node in frame.nodes for new in places.get(node, (node,)))
    return replace(frame, nodes=tuple(nodes))
