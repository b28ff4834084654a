"""Parts of a drawing as readable text: what the clipboard holds.

The lines are those of a project file, so a part can be read in a chat, and a whole project file
can be pasted as well. Reading builds only values: no text is ever run.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from engine.graph.adopting import adopt_with_code, using
from engine.graph.bends import MOST_BENDS, bends_among, shifted
from engine.graph.composites import composites_in, reached_from
from engine.graph.documents import FARTHEST, graph_lines
from engine.graph.edits import add_node
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
from engine.graph.flow import running
from engine.graph.learning import read_learning
from engine.graph.misreading import reason_of
from engine.graph.names import Names, identifier, new_id
from engine.graph.own_layers import used_code, with_code_names
from nodes.errors import GraphError, ParameterError

FORMAT = "layerloom-part"

_NO_IDS: Mapping[str, NodeId] = MappingProxyType({})

_LARGEST_TEXT = 8 * 1024 * 1024
_Name = Annotated[str, msgspec.Meta(max_length=400)]


class _NodeText(msgspec.Struct, frozen=True):
    id: _Name
    kind: _Name
    name: _Name = ""
    title: _Name = ""
    params: dict[str, Any] = {}
    definition: _Name = ""
    repeat: Any = 1
    share_weights: bool = False
    shares: _Name | None = None
    called: dict[_Name, _Name] = {}
    position: tuple[float, float] = (0.0, 0.0)
    frozen: bool = False
    learning: dict[str, Any] = {}
    bypassed: bool = False


class _FrameText(msgspec.Struct, frozen=True):
    id: _Name = ""
    title: _Name = ""
    nodes: list[str] = []
    colour: _Name = ""
    folded: bool = False
    large_title: bool = False

    def frame(self, frame_id: str, nodes: tuple[NodeId, ...]) -> Frame:
        """Return it around nodes of the drawing."""
        return Frame(
            id=frame_id,
            title=self.title,
            nodes=nodes,
            colour=self.colour,
            folded=self.folded,
            large_title=self.large_title,
        )


class _GraphText(msgspec.Struct, frozen=True):
    nodes: list[dict[str, Any]]
    links: list[tuple[_Name, _Name, _Name, _Name]] = []
    bends: list[tuple[_Name, _Name, _Name, _Name, list[Point]]] = []
    frames: list[_FrameText] = []
    flow: str = "down"


class _DefinitionText(_GraphText, frozen=True):
    name: _Name = ""
    summary: _Name = ""
    parameters: dict[_Name, Any] = {}


class _Text(_GraphText, frozen=True, kw_only=True):
    format: str
    definitions: dict[_Name, _DefinitionText] = {}
    code: dict[_Name, list[str]] = {}


def to_fragment(graph: Graph, node_ids: Collection[NodeId]) -> str:
    """Write nodes, the wires that lead to them and the frames that lie wholly among them."""
    lines = graph_lines(_part_of(graph, set(node_ids)))
    return "\n".join(["{", f'"format": "{FORMAT}",', *lines, "}", ""])


def _part_of(graph: Graph, wanted: Collection[NodeId]) -> Graph:
    nodes = {node.id: node for node in graph.nodes.values() if node.id in wanted}
    used = [node.definition for node in composites_in(nodes.values())]
    definitions = reached_from(graph.definitions, used)
    part = Graph(
        nodes=nodes,
        links=tuple(link for link in graph.links if link.target.node in nodes),
        frames=tuple(
            frame for frame in graph.frames if frame.nodes and nodes.keys() >= set(frame.nodes)
        ),
        bends=bends_among(graph, nodes),
        definitions={key: graph.definitions[key] for key in definitions},
        flow=graph.flow,
    )
    code = {name: graph.code[name] for name in used_code(part) if name in graph.code}
    return msgspec.structs.replace(part, code=code)


def paste_fragment(
    graph: Graph, text: str, at: tuple[float, float], *, keeps_feeding: bool = False
) -> tuple[Graph, tuple[NodeId, ...]]:
    """Add the nodes of a text as new ones, the top left corner of all of them at ``at``.

    Args:
        keeps_feeding: Let nodes that fed those that were copied feed the new ones as well, as far
            as they are in the drawing.

    Raises:
        GraphError: The text is no part of a drawing; says what is wrong.
    """
    part = _read(text)
    nodes = _nodes(part)
    if not nodes:
        raise _not_a_part("It holds no layers.")
    flow: Flow = "right" if part.flow == "right" else "down"
    if not graph.nodes:
        graph = msgspec.structs.replace(graph, flow=flow)
    is_turned = flow != graph.flow
    nodes = [running(node, graph.flow) for node in nodes] if is_turned else nodes
    left = min(node.position[0] for node in nodes)
    top = min(node.position[1] for node in nodes)
    new_ids = {str(node.id): new_id() for node in nodes}
    feeding = {str(node): node for node in graph.nodes} if keeps_feeding else {}
    brought = {key: _definition(key, text) for key, text in part.definitions.items()}
    code = {name: "\n".join(lines) for name, lines in part.code.items()}
    graph, keys, names = adopt_with_code(graph, brought, code)
    taken = Names({node.name for node in graph.nodes.values()})
    for node in nodes:
        x, y = node.position
        place = (x - left + at[0], y - top + at[1])
        used = with_code_names(using(node, keys), names)
        graph = add_node(graph, _as_new(used, taken, new_ids, place))
    bends = _bends(part, new_ids, (at[0] - left, at[1] - top))
    pasted = msgspec.structs.replace(
        graph,
        links=(*graph.links, *_links(part, new_ids, feeding)),
        bends={**graph.bends, **({} if is_turned else bends)},
        frames=(*graph.frames, *_frames(part, new_ids)),
    )
    return pasted, tuple(new_ids.values())


def _nodes(part: _GraphText) -> list[Node]:
    nodes = [_node(fields) for fields in part.nodes]
    if len({node.id for node in nodes}) < len(nodes):
        raise _not_a_part("Two of its layers have the same id.")
    return nodes


def _links(
    part: _GraphText, ids: Mapping[str, NodeId], feeding: Mapping[str, NodeId] = _NO_IDS
) -> Iterable[Link]:
    sources = {**feeding, **ids}
    return dict.fromkeys(
        Link(End(sources[start], output), End(ids[end], port))
        for start, output, end, port in part.links
        if start in sources and end in ids
    )


def _bends(
    part: _GraphText, ids: Mapping[str, NodeId], by: Point = (0.0, 0.0)
) -> dict[Link, tuple[Point, ...]]:
    there = set(_links(part, ids))
    bends = {}
    for start, output, end, port, points in part.bends:
        if start in ids and end in ids and all(map(_is_near, points)):
            link = Link(End(ids[start], output), End(ids[end], port))
            if link in there and points:
                bends[link] = shifted(points[:MOST_BENDS], *by)
    return bends


def _is_near(place: Point) -> bool:
    return all(math.isfinite(number) and abs(number) <= FARTHEST for number in place)


def _frames(part: _GraphText, ids: Mapping[str, NodeId]) -> Iterator[Frame]:
    for frame in part.frames:
        nodes = tuple(ids[node] for node in frame.nodes if node in ids)
        if nodes:
            yield frame.frame(str(new_id()), nodes)


def _definition(key: str, text: _DefinitionText) -> Definition:
    nodes = {node.id: node for node in _nodes(text)}
    same = {str(node): node for node in nodes}
    return Definition(
        name=text.name or key,
        summary=text.summary,
        parameters={name: _value(value) for name, value in text.parameters.items()},
        graph=Graph(
            nodes=nodes,
            links=tuple(_links(text, same)),
            bends=_bends(text, same),
            frames=tuple(
                frame.frame(frame.id or str(new_id()), members)
                for frame in text.frames
                if (members := tuple(same[node] for node in frame.nodes if node in same))
            ),
            flow="right" if text.flow == "right" else "down",
        ),
    )


def _as_new(
    node: Node, taken: Names, ids: Mapping[str, NodeId], place: tuple[float, float]
) -> Node:
    name = taken.take(identifier(node.name or node.kind))
    # What shares weights with a layer that was not copied goes on sharing them, if that is here.
    shares = ids.get(node.shares, node.shares) if node.shares is not None else None
    return msgspec.structs.replace(node, id=ids[node.id], name=name, position=place, shares=shares)


def _read(text: str) -> _Text:
    if len(text) > _LARGEST_TEXT:
        raise _not_a_part(f"It has {len(text) // 1_000_000} MB; a part has at most 8.")
    try:
        part = msgspec.json.decode(text, type=_Text)
    except msgspec.ValidationError as error:
        raise _not_a_part(reason_of(error, _Text)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _not_a_part("It holds other text.") from error
    if part.format not in (FORMAT, "layerloom"):
        raise _not_a_part("It does not say that it is a part of a Layerloom drawing.")
    return part


def _node(fields: dict[str, Any]) -> Node:
    try:
        read = msgspec.convert(fields, _NodeText)
        learning = read_learning(read.learning)
    except msgspec.ValidationError as error:
        why = reason_of(error, _NodeText)
        raise _not_a_part(f"One of its layers cannot be read. {why}") from error
    except ParameterError as error:
        raise _not_a_part(f"One of its layers cannot be read. {error.title}.") from error
    except RecursionError as error:
        raise _not_a_part("One of its layers is nested too deeply.") from error
    if not _is_near(read.position):
        raise _not_a_part("One of its layers stands too far away.")
    return Node(
        id=NodeId(read.id),
        kind=read.kind,
        name=read.name,
        title=read.title,
        params={name: _value(value) for name, value in read.params.items()},
        definition=read.definition,
        repeat=_value(read.repeat),
        share_weights=read.share_weights,
        shares=NodeId(read.shares) if read.shares is not None else None,
        called={port: identifier(name) for port, name in read.called.items()},
        position=read.position,
        frozen=read.frozen,
        learning=learning,
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
