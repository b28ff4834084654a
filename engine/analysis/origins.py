"""Where what does not fit comes from, in a sentence or in a small table."""

import re
from collections.abc import Mapping, Sequence

from engine.analysis.open_inputs import NEEDS_ANOTHER
from engine.analysis.report import NodeReport
from engine.graph.elements import Graph, Link, NodeId
from nodes.errors import ShapeError
from nodes.tensors import text_of

_TOO_SMALL = "LL-S003"
_SHAPES_DIFFER = "LL-S012"
_CLASSES_DIFFER = "LL-S014"
_OWN_CODE = "LL-S040"
_OF_ROUNDS = ("LL-S033", "LL-S034")
"""What does not fit lies in the layer or its rounds, whatever arrives."""


def with_origin(
    error: ShapeError, graph: Graph, links: Sequence[Link], reports: Mapping[NodeId, NodeReport]
) -> str:
    """Return why something does not fit, and where it comes from.

    Args:
        links: The wires into the layer.
    """
    if len(links) == 2:
        return _of_two(error, graph, links, reports)
    if len(links) != 1 or not error.why or error.shape_code == NEEDS_ANOTHER:
        return error.why or error.hint
    if error.shape_code in _OF_ROUNDS:
        return f"{error.why} {error.hint}"
    if error.shape_code == _TOO_SMALL and (history := _shrinking(graph, links[0], reports)):
        return f"{error.why} {history}"
    source = links[0].source
    title = reports[source.node].title
    if error.shape_code == _OWN_CODE:
        return f"{error.why} It receives {reports[source.node].outputs[source.port]} from {title}."
    if re.fullmatch(r"It receives \S+\.", error.why):
        return f"{error.why[:-1]} from {title}."
    what = "They come" if re.search(r"\d (channels|features)\.$", error.why) else "It comes"
    return f"{error.why} {what} from {title}."


def _of_two(
    error: ShapeError, graph: Graph, links: Sequence[Link], reports: Mapping[NodeId, NodeReport]
) -> str:
    if error.shape_code == _CLASSES_DIFFER:
        titles = {link.target.port: reports[link.source.node].title for link in links}
        why = error.why.replace("The prediction", titles.get("x", "The prediction"))
        return why.replace("The target", titles.get("target", "The target"))
    if error.shape_code == _SHAPES_DIFFER:
        return _skipped(graph, links, reports) or error.why or error.hint
    return error.why or error.hint


def rows_of(
    links: Sequence[Link], reports: Mapping[NodeId, NodeReport]
) -> tuple[tuple[str, str, str], ...]:
    """Return a row for each wire: its input, its shape, the layer that it comes from."""
    return tuple(
        (
            f"Input {number}",
            str(reports[link.source.node].outputs[link.source.port]),
            f"from {reports[link.source.node].title}",
        )
        for number, link in enumerate(links, start=1)
    )


def _skipped(graph: Graph, links: Sequence[Link], reports: Mapping[NodeId, NodeReport]) -> str:
    """Say what changed the shape that a wire around it still carries; empty for other wires."""
    for skip, link in (links, links[::-1]):
        carried, made = _carried(skip, reports), _carried(link, reports)
        changing = _changing(graph, skip, link, reports)
        if changing:
            who = changing[0] if len(changing) == 1 else f"{len(changing)} layers"
            verb, them = ("makes", "it") if len(changing) == 1 else ("make", "them")
            return f"{who} {verb} {made} of {carried}. The wire around {them} still carries that."
    return ""


def _changing(
    graph: Graph, skip: Link, link: Link, reports: Mapping[NodeId, NodeReport]
) -> list[str]:
    """Return the layers that change the shape between where a wire leaves and where it rejoins."""
    found: list[str] = []
    while link.source != skip.source:
        into = next(graph.links_into(link.source.node), None)
        before = _carried(into, reports) if into else ""
        if into is None or not before:
            return []
        if before != _carried(link, reports):
            found.append(reports[link.source.node].title)
        link = into
    return found


def _carried(link: Link, reports: Mapping[NodeId, NodeReport]) -> str:
    """Return the shape that a wire carries; empty where it is not known."""
    tensor = reports[link.source.node].outputs.get(link.source.port)
    return "" if tensor is None else str(tensor)


def _shrinking(graph: Graph, link: Link, reports: Mapping[NodeId, NodeReport]) -> str:
    """Say how many layers made a map as small as it is, and how large it was."""
    small = first = reports[link.source.node].outputs[link.source.port]
    makers = 0
    while True:
        into = next(graph.links_into(link.source.node), None)
        before = reports[into.source.node].outputs.get(into.source.port) if into else None
        if into is None or before is None or before.rank != small.rank:
            break
        made = reports[link.source.node].outputs[link.source.port]
        makers += before.sizes[2:] != made.sizes[2:]
        link, first = into, before
    if not makers:
        return ""
    who = f"{makers} layers" if makers > 1 else "one layer"
    return f"Before it, {who} made {text_of(small.sizes[2:])} of {text_of(first.sizes[2:])}."
