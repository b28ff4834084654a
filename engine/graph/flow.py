"""Drawings that run to the right, looked at as if they ran down.

What puts layers where a person expects them thinks of ranks below each other. A drawing that runs
to the right is turned for it, so that its ranks and columns are those of one that runs down, and
turned back afterwards; what did not move stays where it was to the last digit.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from msgspec.structs import replace

from engine.graph.cards import (
    CARD,
    COLUMN_GAP,
    RANK_GAP,
    RIGHT_PITCH,
    RIGHT_ROW_PITCH,
    card_size,
)
from engine.graph.elements import Flow, Graph, Link, Node, NodeId, Point

P = ParamSpec("P")
R = TypeVar("R")

_ALONG = (CARD[1] + RANK_GAP) / RIGHT_PITCH
_ACROSS = (CARD[0] + COLUMN_GAP) / RIGHT_ROW_PITCH


def along_flow(edit: Callable[Concatenate[Graph, P], R]) -> Callable[Concatenate[Graph, P], R]:
    """Let an edit that moves layers down move them along the drawing's own way.

    The edit returns a drawing, or a drawing and one of its nodes or the id of one.
    """

    @wraps(edit)
    def turned_edit(graph: Graph, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if graph.flow == "down":
            return edit(graph, *args, **kwargs)
        upright = turned(graph)
        found: Any = edit(upright, *args, **kwargs)
        if isinstance(found, Graph):
            back: Any = turned_back(found, upright, graph)
        else:
            after = turned_back(found[0], upright, graph)
            back = after, after.nodes[found[1].id] if isinstance(found[1], Node) else found[1]
        return cast("R", back)

    return turned_edit


def turned(graph: Graph) -> Graph:
    """Return a drawing that runs to the right as one that runs down; others as they are."""
    if graph.flow == "down":
        return graph
    return replace(
        graph,
        nodes={key: _moved(node, upright(node)) for key, node in graph.nodes.items()},
        bends={link: tuple(map(_turned_point, points)) for link, points in graph.bends.items()},
        flow="down",
    )


def turned_back(after: Graph, upright_before: Graph, before: Graph) -> Graph:
    """Return an edited drawing as it runs by itself.

    Args:
        after: The edited one, as if it ran down.
        upright_before: What was edited.
        before: The same, as it runs by itself.
    """
    if before.flow == "down" or after is upright_before:
        return before if after is upright_before else after
    nodes = {}
    for key, node in after.nodes.items():
        known = upright_before.nodes.get(key)
        if node is known:
            nodes[key] = before.nodes[key]
        elif known is not None and node.position == known.position:
            nodes[key] = _moved(node, before.nodes[key].position)
        else:
            nodes[key] = _moved(node, place_back(node.kind, node.position))
    return replace(
        after, nodes=nodes, bends=_bends_back(after, upright_before, before), flow=before.flow
    )


def next_rank(graph: Graph, node_id: NodeId) -> Point:
    """Return the place of what follows a node in its chain."""
    node = graph.nodes[node_id]
    if graph.flow == "down":
        return node.position[0], node.position[1] + CARD[1] + RANK_GAP
    x, y = upright(node)
    return place_back("", (x, y + CARD[1] + RANK_GAP))


def running(node: Node, flow: Flow) -> Node:
    """Return a node of a drawing that runs one way with its place in one that runs the other."""
    is_right = flow == "right"
    return _moved(node, place_back(node.kind, node.position) if is_right else upright(node))


def upright(node: Node) -> Point:
    """Return the place of a node that runs to the right in a drawing that runs down."""
    x, y = node.position
    middle = y + card_size(node.kind)[1] / 2
    return middle * _ACROSS - CARD[0] / 2, x * _ALONG


def place_back(kind: str, place: Point) -> Point:
    """Return where a place in a drawing that runs down is in one that runs to the right."""
    x, y = place
    middle = (x + CARD[0] / 2) / _ACROSS
    return round(y / _ALONG, 3), round(middle - card_size(kind)[1] / 2, 3)


def _bends_back(
    after: Graph, upright_before: Graph, before: Graph
) -> dict[Link, tuple[Point, ...]]:
    known = upright_before.bends
    return {
        link: before.bends[link] if known.get(link) == points else _points_back(points)
        for link, points in after.bends.items()
    }


def _points_back(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple((round(y / _ALONG, 3), round(x / _ACROSS, 3)) for x, y in points)


def _turned_point(point: Point) -> Point:
    return point[1] * _ACROSS, point[0] * _ALONG


def _moved(node: Node, place: Point) -> Node:
    return node if node.position == place else replace(node, position=place)
