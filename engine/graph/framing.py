"""Edits of frames that are there: names, and which nodes are in which."""

import math
from collections.abc import Collection

from msgspec.structs import replace

from engine.graph.bends import with_moved_bends
from engine.graph.cards import CARD, FRAME_TOP, card_size
from engine.graph.edits import move
from engine.graph.elements import Frame, Graph, NodeId
from engine.graph.flow import along_flow
from engine.graph.names import whole
from engine.graph.topology import downstream

LONGEST_TITLE = 80
_ABOVE_FRAME = 20.0
"""Of wire between a card and the frame below it."""

COLOURS = ("blue", "violet", "teal", "green", "olive", "brown", "rose")
"""What a frame can be coloured in, besides nothing."""


def rename_frame(graph: Graph, frame_id: str, title: str) -> Graph:
    """Give a frame another name; an empty one changes nothing."""
    title = whole(title).strip()[:LONGEST_TITLE]
    if not title:
        return graph
    return _with_frames(
        graph,
        [replace(frame, title=title) if frame.id == frame_id else frame for frame in graph.frames],
    )


@along_flow
def with_room_above(graph: Graph, frame_id: str) -> Graph:
    """Move a frame down, with all that stands below, where a card above would touch its title."""
    frame = next(frame for frame in graph.frames if frame.id == frame_id)
    cards = [graph.nodes[node].position for node in frame.nodes]
    left, right = min(x for x, _ in cards), max(x for x, _ in cards)
    top = min(y for _, y in cards)

    def is_in_columns(node: NodeId) -> bool:
        x = graph.nodes[node].position[0]
        return left - CARD[0] < x < right + CARD[0]

    above = [
        y + card_size(node.kind)[1]
        for node in graph.nodes.values()
        if (y := node.position[1]) < top and is_in_columns(node.id)
    ]
    by = max(above, default=-math.inf) + _ABOVE_FRAME + FRAME_TOP - top
    if by <= 0:
        return graph
    after = set[NodeId]().union(*(downstream(graph, node) for node in frame.nodes))
    lower = [
        node
        for node, found in graph.nodes.items()
        if found.position[1] >= top and (node in after or is_in_columns(node))
    ]
    places = {node: graph.nodes[node].position for node in lower}
    moved = move(graph, {node: (x, y + by) for node, (x, y) in places.items()})
    return with_moved_bends(moved, lower, 0, by)


@along_flow
def fold_frames(graph: Graph, frame_ids: Collection[str], *, folded: bool) -> Graph:
    """Show frames as one bar each, or their cards again; what follows below closes up or parts."""
    for frame in graph.frames:
        if frame.id in frame_ids and frame.folded != folded and frame.nodes:
            graph = _closed_up(graph, frame, opens=not folded)
    return _changed(graph, frame_ids, folded=folded)


def _closed_up(graph: Graph, frame: Frame, *, opens: bool) -> Graph:
    """Move what depends on a frame and stands below it by the height that folding frees."""
    cards = [graph.nodes[node] for node in frame.nodes]
    bar = min(card.position[1] for card in cards) + CARD[1]
    bottom = max(card.position[1] + card_size(card.kind)[1] for card in cards)
    by, edge = (bottom - bar, bar) if opens else (bar - bottom, bottom)
    after = set[NodeId]().union(*(downstream(graph, node) for node in frame.nodes))
    below = [node for node in after - set(frame.nodes) if graph.nodes[node].position[1] >= edge]
    if not by or not below:
        return graph
    places = {node: graph.nodes[node].position for node in below}
    moved = move(graph, {node: (x, y + by) for node, (x, y) in places.items()})
    return with_moved_bends(moved, below, 0, by)


def colour_frames(graph: Graph, frame_ids: Collection[str], colour: str) -> Graph:
    """Colour frames; with an empty colour they are as grey as the others."""
    return _changed(graph, frame_ids, colour=colour)


def enlarge_titles(graph: Graph, frame_ids: Collection[str], *, large: bool) -> Graph:
    """Write the titles of frames large, or as those of others."""
    return _changed(graph, frame_ids, large_title=large)


def folded_frames(graph: Graph) -> dict[NodeId, Frame]:
    """Return the frame that each node is folded into."""
    return {node: frame for frame in graph.frames if frame.folded for node in frame.nodes}


def _changed(graph: Graph, frame_ids: Collection[str], **changes: str | bool) -> Graph:
    frames = []
    for frame in graph.frames:
        changed = replace(frame, **changes) if frame.id in frame_ids else frame
        frames.append(frame if changed == frame else changed)
    return _with_frames(graph, frames)


def remove_frames(graph: Graph, frame_ids: Collection[str]) -> Graph:
    """Take frames away; their nodes stay."""
    return _with_frames(graph, [frame for frame in graph.frames if frame.id not in frame_ids])


def join_frame(graph: Graph, frame_id: str, node_ids: Collection[NodeId]) -> Graph:
    """Take nodes into a frame, out of those that they were in; one that becomes empty goes."""
    joining = [node for node in graph.nodes if node in set(node_ids)]

    def members(frame: Frame) -> tuple[NodeId, ...]:
        kept = tuple(node for node in frame.nodes if node not in joining)
        return (*kept, *joining) if frame.id == frame_id else kept

    return _with_frames(
        graph,
        [
            frame if members(frame) == frame.nodes else replace(frame, nodes=members(frame))
            for frame in graph.frames
            if members(frame)
        ],
    )


def leave_frames(graph: Graph, node_ids: Collection[NodeId]) -> Graph:
    """Take nodes out of the frames that also hold others."""
    gone = set(node_ids)
    return _with_frames(
        graph,
        [
            frame
            if gone.isdisjoint(frame.nodes) or gone.issuperset(frame.nodes)
            else _less(frame, gone)
            for frame in graph.frames
        ],
    )


def frames_of(graph: Graph, node_ids: Collection[NodeId]) -> tuple[Frame, ...]:
    """Return the frames that hold any of the nodes."""
    chosen = set(node_ids)
    return tuple(frame for frame in graph.frames if not chosen.isdisjoint(frame.nodes))


def _less(frame: Frame, gone: Collection[NodeId]) -> Frame:
    return replace(frame, nodes=tuple(node for node in frame.nodes if node not in gone))


def _with_frames(graph: Graph, frames: list[Frame]) -> Graph:
    unchanged = len(frames) == len(graph.frames) and all(map(_is_same, frames, graph.frames))
    return graph if unchanged else replace(graph, frames=tuple(frames))


def _is_same(one: Frame, other: Frame) -> bool:
    return one is other
