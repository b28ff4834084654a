"""Parts of a drawing as readable text: what the clipboard holds.

The lines are those of a project file, so a part can be read in a chat, and a whole project file
can be pasted as well. Reading builds only values: no text is ever run.
"""

import math
from collections.abc import Collection, Mapping
from typing import Annotated, Any

import msgspec

from engine.graph.documents import FARTHEST, graph_lines
from engine.graph.edits import add_node
from engine.graph.elements import End, Formula, Frame, Graph, Link, Node, NodeId, Value
from engine.graph.names import identifier, new_id, unique
from nodes.errors import GraphError

FORMAT = "layerloom-part"

_LARGEST_TEXT = 8 * 1024 * 1024
_Name = Annotated[str, msgspec.Meta(max_length=400)]


class _NodeText(msgspec.Struct, frozen=True):
    id: _Name
    kind: _Name
    name: _Name = ""
    title: _Name = ""
    params: dict[str, Any] = {}
    position: tuple[float, float] = (0.0, 0.0)
    frozen: bool = False
    bypassed: bool = False


class _FrameText(msgspec.Struct, frozen=True):
    title: _Name = ""
    nodes: list[str] = []


class _Text(msgspec.Struct, frozen=True):
    format: str
    nodes: list[dict[str, Any]]
    links: list[tuple[_Name, _Name, _Name, _Name]] = []
    frames: list[_FrameText] = []


def to_fragment(graph: Graph, node_ids: Collection[NodeId]) -> str:
    """Write nodes, the wires between them and the frames that lie wholly among them."""
    lines = graph_lines(_part_of(graph, set(node_ids)))
    return "\n".join(["{", f'"format": "{FORMAT}",', *lines, "}", ""])


def _part_of(graph: Graph, wanted: Collection[NodeId]) -> Graph:
    nodes = {node.id: node for node in graph.nodes.values() if node.id in wanted}
    return Graph(
        nodes=nodes,
        links=tuple(
            link for link in graph.links if link.source.node in nodes and link.target.node in nodes
        ),
        frames=tuple(
            frame for frame in graph.frames if frame.nodes and nodes.keys() >= set(frame.nodes)
        ),
    )


def paste_fragment(
    graph: Graph, text: str, at: tuple[float, float]
) -> tuple[Graph, tuple[NodeId, ...]]:
    """Add the nodes of a text as new ones, the top left corner of all of them at ``at``.

    Raises:
        GraphError: The text is no part of a drawing; says what is wrong.
    """
    part = _read(text)
    nodes = [_node(fields) for fields in part.nodes]
    if not nodes:
        raise _not_a_part("It holds no layers.")
    left = min(node.position[0] for node in nodes)
    top = min(node.position[1] for node in nodes)
    new_ids: dict[str, NodeId] = {}
    for node in nodes:
        if node.id in new_ids:
            raise _not_a_part("Two of its layers have the same id.")
        new_ids[node.id] = new_id()
        x, y = node.position
        place = (x - left + at[0], y - top + at[1])
        graph = add_node(graph, _as_new(graph, node, new_ids[node.id], place))
    return _with_wires(graph, part, new_ids), tuple(new_ids.values())


def _with_wires(graph: Graph, part: _Text, new_ids: Mapping[str, NodeId]) -> Graph:
    links = (
        Link(End(new_ids[start], output), End(new_ids[end], port))
        for start, output, end, port in part.links
        if start in new_ids and end in new_ids
    )
    frames = (
        Frame(
            id=str(new_id()),
            title=frame.title,
            nodes=tuple(new_ids[node] for node in frame.nodes if node in new_ids),
        )
        for frame in part.frames
    )
    return msgspec.structs.replace(
        graph,
        links=(*graph.links, *dict.fromkeys(links)),
        frames=(*graph.frames, *(frame for frame in frames if frame.nodes)),
    )


def _as_new(graph: Graph, node: Node, node_id: NodeId, place: tuple[float, float]) -> Node:
    taken = {other.name for other in graph.nodes.values()}
    name = unique(identifier(node.name or node.kind), taken)
    return msgspec.structs.replace(node, id=node_id, name=name, position=place)


def _read(text: str) -> _Text:
    if len(text) > _LARGEST_TEXT:
        raise _not_a_part(f"It has {len(text) // 1_000_000} MB; a part has at most 8.")
    try:
        part = msgspec.json.decode(text, type=_Text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _not_a_part(f"{str(error)[:120]}.") from error
    if part.format not in (FORMAT, "layerloom"):
        raise _not_a_part("It does not say that it is a part of a Layerloom drawing.")
    return part


def _node(fields: dict[str, Any]) -> Node:
    try:
        read = msgspec.convert(fields, _NodeText)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _not_a_part(f"One of its layers cannot be read: {str(error)[:120]}.") from error
    if not all(math.isfinite(number) and abs(number) <= FARTHEST for number in read.position):
        raise _not_a_part("One of its layers stands too far away.")
    return Node(
        id=NodeId(read.id),
        kind=read.kind,
        name=read.name,
        title=read.title,
        params={name: _value(value) for name, value in read.params.items()},
        position=read.position,
        frozen=read.frozen,
        bypassed=read.bypassed,
        extra={key: value for key, value in fields.items() if key not in _NODE_KEYS},
    )


_NODE_KEYS = frozenset(_NodeText.__struct_fields__)


def _value(value: object) -> Value:
    if (
        isinstance(value, dict)
        and value.keys() == {"formula"}
        and isinstance(value["formula"], str)
    ):
        return Formula(value["formula"])
    return value


def _not_a_part(why: str) -> GraphError:
    return GraphError(
        "The clipboard holds no layers",
        why=why,
        hint="Copy layers on a canvas first.",
    )
