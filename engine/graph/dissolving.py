"""Taking a composite apart again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from engine.graph.bends import MOST_BENDS, shifted
from engine.graph.composing import corner, with_members
from engine.graph.composites import INPUT, OUTPUT, definition_of
from engine.graph.elements import (
    Definition,
    End,
    Formula,
    Frame,
    Graph,
    Link,
    Node,
    NodeId,
    Point,
    Value,
)
from engine.graph.expressions import evaluate, with_names
from engine.graph.learning import within
from engine.graph.names import new_id, unique
from nodes.errors import FormulaError, GraphError


def dissolve(graph: Graph, node_id: NodeId) -> tuple[Graph, tuple[NodeId, ...]]:
    """Put what is inside of a composite in its place: the inverse of ``make_composite``.

    The definition goes with its last use.

    Returns:
        The drawing, and the nodes that came out.

    Raises:
        GraphError: It is no composite, is repeated, is bypassed, or shares its weights.
    """
    use = graph.nodes[node_id]
    definition = definition_of(graph, use)
    if definition is None:
        raise GraphError(
            "Only composites can be dissolved",
            why=f"“{use.title or use.name}” has nothing inside.",
            hint="Choose a composite.",
        )
    _check_alone(graph, use)
    out = _Out(graph, use, definition)
    freed = out.graph()
    if any(node.definition == use.definition for node in _all_nodes(freed)):
        return freed, out.nodes_out
    definitions = {key: one for key, one in freed.definitions.items() if key != use.definition}
    return replace(freed, definitions=definitions), out.nodes_out


def _all_nodes(graph: Graph) -> Iterator[Node]:
    yield from graph.nodes.values()
    for definition in graph.definitions.values():
        yield from definition.graph.nodes.values()


def _check_alone(graph: Graph, use: Node) -> None:
    sharers = any(node.shares == use.id for node in graph.nodes.values())
    shares = use.shares is not None or sharers
    for holds, what, hint in (
        (use.repeat != 1, "is repeated", "Set the number of repeats to 1 first."),
        (shares, "shares its weights", "Give each use weights of its own first."),
        (use.bypassed, "is bypassed", "Switch it on first."),
    ):
        if holds:
            raise GraphError(
                f"The composite {what}: it cannot be dissolved",
                why="What came out of it could not say the same.",
                hint=hint,
            )


Course: TypeAlias = tuple[Point, ...]
"""The points that a wire is led through."""


class _Given(NamedTuple):
    """What the names in the formulas of an inside stand for outside."""

    values: Mapping[str, Value]
    texts: Mapping[str, str]


class _Out:
    """One composite on its way out into the drawing around it."""

    def __init__(self, graph: Graph, use: Node, definition: Definition) -> None:
        self._graph = graph
        self._use = use
        self._inner = definition.graph
        self._ends = {node.id: node for node in self._inner.nodes.values() if _is_end(node)}
        self._given = _given({**definition.parameters, **use.params})
        layers = [node for node in self._inner.nodes.values() if not _is_end(node)]
        self._ids = {
            node.id: node.id if node.id not in graph.nodes else new_id() for node in layers
        }
        self._layers = layers
        left, top = corner(layers, self._inner.flow) if layers else use.position
        self._offset = use.position[0] - left, use.position[1] - top
        self.nodes_out = tuple(self._ids.values())

    def graph(self) -> Graph:
        """Return the drawing without the composite."""
        links = self._links()
        bends = {link: points for link, points in links.items() if points}
        return replace(
            self._graph,
            nodes=self._nodes(),
            links=tuple(links),
            frames=self._frames(),
            bends=bends,
        )

    def _nodes(self) -> dict[NodeId, Node]:
        nodes: dict[NodeId, Node] = {}
        for node in self._graph.nodes.values():
            if node.id == self._use.id:
                nodes.update((inner.id, inner) for inner in self._freed())
            else:
                nodes[node.id] = node
        return nodes

    def _freed(self) -> Iterator[Node]:
        taken = {node.name for node in self._graph.nodes.values() if node.id != self._use.id}
        across, down = self._offset
        for node in self._layers:
            name = unique(node.name, taken)
            taken.add(name)
            yield replace(
                _with_given(node, self._given),
                id=self._ids[node.id],
                name=name,
                position=(node.position[0] + across, node.position[1] + down),
                frozen=node.frozen or self._use.frozen,
                learning=within(self._use.learning, node.learning),
                shares=self._ids.get(node.shares) if node.shares is not None else None,
            )

    def _links(self) -> dict[Link, Course]:
        """Return the wires with their points: those inside come where the first one was.

        The first is the first wire to or from the composite.
        """
        links: dict[Link, Course] = {}
        placed = False
        for link in self._graph.links:
            touches = self._use.id in (link.source.node, link.target.node)
            if touches and not placed:
                self._add(links, self._inner_links())
                placed = True
            points = self._graph.bends.get(link, ())
            if link.source.node == self._use.id:
                self._add(links, self._onward(link, points))
            elif not touches:
                self._add(links, [(link, points)])
        if not placed:
            self._add(links, self._inner_links())
        return links

    def _add(self, links: dict[Link, Course], more: Iterable[tuple[Link, Course]]) -> None:
        for link, points in more:
            links.setdefault(link, points[:MOST_BENDS])

    def _inner_links(self) -> Iterator[tuple[Link, Course]]:
        for link in self._inner.links:
            if link.target.node in self._ids:
                target = End(self._ids[link.target.node], link.target.port)
                own = self._own_bends(link)
                yield from (
                    (Link(source, target), (*before, *own))
                    for source, before in self._sources(link.source)
                )

    def _onward(self, link: Link, points: Course) -> Iterator[tuple[Link, Course]]:
        """Yield what becomes of a wire out of the composite."""
        for source, before in self._leaving(link.source.port):
            yield Link(source, link.target), (*before, *points)

    def _own_bends(self, link: Link) -> Course:
        return shifted(self._inner.bends.get(link, ()), *self._offset)

    def _sources(self, end: End) -> list[tuple[End, Course]]:
        """Return what an end inside is outside, and the way from there to the composite.

        There are several of them, or none, where that is wired so.
        """
        if end.node in self._ids:
            return [(End(self._ids[end.node], end.port), ())]
        start = self._ends.get(end.node)
        if start is None or start.kind != INPUT:
            return []
        port = start.params.get("port", "x")
        return [
            (link.source, self._graph.bends.get(link, ()))
            for link in self._graph.links_into(self._use.id)
            if link.target.port == port
        ]

    def _leaving(self, port: str) -> list[tuple[End, Course]]:
        return [
            (source, (*before, *self._own_bends(link)))
            for node in self._ends.values()
            if node.kind == OUTPUT and node.params.get("port", "y") == port
            for link in self._inner.links_into(node.id)
            for source, before in self._sources(link.source)
        ]

    def _frames(self) -> tuple[Frame, ...]:
        inner = (
            replace(frame, nodes=tuple(self._ids[one] for one in frame.nodes if one in self._ids))
            for frame in self._inner.frames
        )
        places = {self._use.id: self.nodes_out}
        outer = [with_members(frame, places) for frame in self._graph.frames]
        taken = {frame.id for frame in outer}
        free = (
            frame if frame.id not in taken else replace(frame, id=str(new_id())) for frame in inner
        )
        return (*outer, *(frame for frame in free if frame.nodes))


def _is_end(node: Node) -> bool:
    return node.kind in (INPUT, OUTPUT)


def _given(values: Mapping[str, Value]) -> _Given:
    texts = {
        name: value.formula if isinstance(value, Formula) else str(value)
        for name, value in values.items()
        if isinstance(value, Formula | int | float) and not isinstance(value, bool)
    }
    return _Given(values, texts)


def _with_given(node: Node, given: _Given) -> Node:
    """Put what surrounds a node into its formulas; what comes to a number is written as one."""
    alone = {"i": "0", "n": "1"}
    texts = given.texts if node.repeat != 1 else {**alone, **given.texts}
    return replace(
        node,
        params={name: _worked_out(value, given, texts) for name, value in node.params.items()},
        repeat=_worked_out(node.repeat, given, {**alone, **given.texts}),
    )


def _worked_out(value: Value, given: _Given, texts: Mapping[str, str]) -> Value:
    if not isinstance(value, Formula):
        return value
    if value.formula.strip() in given.values:
        return given.values[value.formula.strip()]
    text = with_names(value.formula, texts)
    try:
        return evaluate(text, {})
    except FormulaError:
        return Formula(text)
