"""Writing a repeat out: a row of nodes in the place of one."""

import itertools
from collections.abc import Iterator

from msgspec.structs import replace

from engine.graph.composites import definition_of, port_names
from engine.graph.edits import move
from engine.graph.elements import End, Formula, Graph, Link, Node, NodeId, Value
from engine.graph.expressions import evaluate, names_in, with_names
from engine.graph.flow import along_flow
from engine.graph.names import new_id, unique
from engine.graph.topology import downstream
from nodes.errors import FormulaError, GraphError

_PITCH = 94.0
_MOST = 100


@along_flow
def unroll(graph: Graph, node_id: NodeId) -> tuple[Graph, tuple[NodeId, ...]]:
    """Put as many nodes in a row as one is repeated; what follows them moves down.

    The first keeps the id and the name. Rounds that are one module share the weights of the first.

    Returns:
        The drawing, and the nodes of the row.

    Raises:
        GraphError: It is not repeated, or too often; or its inside needs the number of the round.
    """
    node = graph.nodes[node_id]
    times = node.repeat
    if not isinstance(times, int) or isinstance(times, bool) or not 2 <= times <= _MOST:
        raise GraphError(
            "This repeat cannot be written out",
            why=f"Rows of 2 to {_MOST} are written out; here it is {_told(times)}.",
            hint="Set the number of repeats first.",
        )
    if _needs_round(graph, node):
        raise GraphError(
            "The rounds cannot stand alone",
            why="Formulas inside use the number of the round.",
            hint="Give the composite a parameter, and set it to i.",
        )
    row = list(_rounds(graph, node, times))
    below = downstream(graph, node_id)
    lower = {
        other: (x, y + _PITCH * (times - 1))
        for other in below
        for x, y in [graph.nodes[other].position]
    }
    moved = move(graph, lower)
    nodes: dict[NodeId, Node] = {}
    for other in moved.nodes.values():
        nodes.update((one.id, one) for one in (row if other.id == node_id else [other]))
    links = tuple(_links(graph, node, [one.id for one in row]))
    frames = (
        replace(frame, nodes=(*frame.nodes, *(one.id for one in row[1:])))
        if node_id in frame.nodes
        else frame
        for frame in graph.frames
    )
    unrolled = replace(moved, nodes=nodes, links=links, frames=tuple(frames))
    return unrolled, tuple(one.id for one in row)


def _told(times: Value) -> str:
    return times.formula[:40] if isinstance(times, Formula) else str(times)[:40]


def _needs_round(graph: Graph, node: Node) -> bool:
    definition = definition_of(graph, node)
    inside = definition.graph.nodes.values() if definition is not None else ()
    return any(
        isinstance(value, Formula) and not names_in(value.formula).isdisjoint(("i", "n"))
        for inner in inside
        for value in (*inner.params.values(), inner.repeat)
    )


def _rounds(graph: Graph, node: Node, times: int) -> Iterator[Node]:
    taken = {other.name for other in graph.nodes.values()}
    x, y = node.position
    for number in range(times):
        params = {name: _at_round(value, number, times) for name, value in node.params.items()}
        alone = replace(node, params=params, repeat=1, share_weights=False)
        if number == 0:
            yield alone
            continue
        name = unique(node.name, taken)
        taken.add(name)
        owner = (node.shares or node.id) if node.share_weights else None
        yield replace(
            alone, id=new_id(), name=name, shares=owner, position=(x, y + _PITCH * number)
        )


def _at_round(value: Value, number: int, times: int) -> Value:
    if not isinstance(value, Formula):
        return value
    text = with_names(value.formula, {"i": str(number), "n": str(times)})
    try:
        return evaluate(text, {})
    except FormulaError:
        return Formula(text)


def _links(graph: Graph, node: Node, row: list[NodeId]) -> Iterator[Link]:
    """Yield the wires: outputs lead to the inputs of the next round, port by port."""
    inputs, outputs = port_names(graph, node)
    connected = {link.target.port for link in graph.links_into(node.id)}
    fed = [port for port in inputs if port in connected][: len(outputs)]
    for link in graph.links:
        if link.target.node == node.id:
            for one in row[:1] if link.target.port in fed else row:
                yield Link(link.source, End(one, link.target.port))
        elif link.source.node == node.id:
            yield Link(End(row[-1], link.source.port), link.target)
        else:
            yield link
    for before, after in itertools.pairwise(row):
        for output, port in zip(outputs, fed, strict=False):
            yield Link(End(before, output), End(after, port))
