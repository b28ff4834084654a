"""A drawing as lines of JSON that read and diff well: one node, one wire, one frame a line."""

import json
from collections.abc import Iterable, Mapping

import msgspec

from engine.graph.elements import Definition, Frame, Graph, Link, Node, Value
from engine.graph.learning import PLAIN, learning_document

FARTHEST = 1e7
"""How far from the middle a card can stand."""


def graph_lines(graph: Graph) -> list[str]:
    """Write a drawing as the lines of an object, without its braces."""
    return [*_own_lines(graph), *_code_lines(graph.code), *definition_lines(graph.definitions)]


def _code_lines(code: Mapping[str, str]) -> list[str]:
    """Write each text line by line, so that it reads and diffs like the Python that it is."""
    if not code:
        return []
    lines = ['"code": {']
    for name, text in code.items():
        lines += [f"{json_text(name)}: [", *map(_with_comma, text.split("\n")[:-1])]
        lines += [json_text(text.split("\n")[-1]), "],"]
    return [*lines[:-1], "]", "},"]


def _with_comma(line: str) -> str:
    return f"{json_text(line)},"


def _own_lines(graph: Graph) -> list[str]:
    flow = [f'"flow": {json_text(graph.flow)},'] if graph.flow != "down" else ()
    return [
        *flow,
        *section("nodes", map(_node_document, graph.nodes.values())),
        *section("links", map(_link_document, graph.links)),
        *(section("bends", bends) if (bends := _bends_documents(graph)) else ()),
        *section("frames", map(_frame_document, graph.frames)),
    ]


def definition_lines(definitions: Mapping[str, Definition]) -> list[str]:
    """Write each definition as the drawing itself is written."""
    if not definitions:
        return ['"definitions": {}']
    blocks = [
        [f"{json_text(key)}: {{", *_definition_body(definition), "}"]
        for key, definition in definitions.items()
    ]
    for block in blocks[:-1]:
        block[-1] = "},"
    return ['"definitions": {', *(line for block in blocks for line in block), "}"]


def _definition_body(definition: Definition) -> list[str]:
    head = {
        "name": definition.name,
        **({"summary": definition.summary} if definition.summary else {}),
        # In their order: it is the one in which people meet them.
        "parameters": {
            name: msgspec.to_builtins(value) for name, value in definition.parameters.items()
        },
        **definition.extra,
    }
    *lines, last = _own_lines(definition.graph)
    heads = (f"{json_text(key)}: {json_text(value)}," for key, value in head.items())
    return [*heads, *lines, last.rstrip(",")]


def section(name: str, items: Iterable[object]) -> list[str]:
    """Write a list, one item a line."""
    lines = [json_text(item) for item in items]
    if not lines:
        return [f'"{name}": [],']
    return [f'"{name}": [', *(f"{line}," for line in lines[:-1]), lines[-1], "],"]


def _node_document(node: Node) -> dict[str, object]:
    document: dict[str, object] = {"id": node.id, "kind": node.kind, "name": node.name}
    if node.title:
        document["title"] = node.title
    if node.definition:
        document["definition"] = node.definition
    document["params"] = _params_document(node.params)
    if node.repeat != 1 or isinstance(node.repeat, bool | float):
        document["repeat"] = msgspec.to_builtins(node.repeat)
    if node.share_weights:
        document["share_weights"] = True
    if node.shares is not None:
        document["shares"] = node.shares
    if node.called:
        document["called"] = {port: node.called[port] for port in sorted(node.called)}
    document["position"] = [_plain(node.position[0]), _plain(node.position[1])]
    if node.frozen:
        document["frozen"] = True
    if node.learning != PLAIN:
        document["learning"] = learning_document(node.learning)
    if node.bypassed:
        document["bypassed"] = True
    return {**document, **node.extra}


def _params_document(params: Mapping[str, Value]) -> dict[str, object]:
    return {name: msgspec.to_builtins(params[name]) for name in sorted(params)}


def _link_document(link: Link) -> list[str]:
    return [link.source.node, link.source.port, link.target.node, link.target.port]


def _bends_documents(graph: Graph) -> list[list[object]]:
    return [
        [*_link_document(link), [[_plain(x), _plain(y)] for x, y in graph.bends[link]]]
        for link in graph.links
        if link in graph.bends
    ]


def _frame_document(frame: Frame) -> dict[str, object]:
    document: dict[str, object] = {
        "id": frame.id,
        "title": frame.title,
        "nodes": list(frame.nodes),
    }
    if frame.colour:
        document["colour"] = frame.colour
    if frame.folded:
        document["folded"] = True
    if frame.large_title:
        document["large_title"] = True
    return {**document, **frame.extra}


def _plain(number: float) -> int | float:
    number = max(-FARTHEST, min(number, FARTHEST))
    return int(number) if number == int(number) else number


def json_text(value: object) -> str:
    """Write a value on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
