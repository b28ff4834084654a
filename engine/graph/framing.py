"""Edits of frames that are there: names, and which nodes are in which."""

from collections.abc import Collection

from msgspec.structs import replace

from engine.graph.elements import Frame, Graph, NodeId

LONGEST_TITLE = 80


def rename_frame(graph: Graph, frame_id: str, title: str) -> Graph:
    """Give a frame another name; an empty one changes nothing."""
    title = title.strip()[:LONGEST_TITLE]
    if not title:
        return graph
    return _with_frames(
        graph,
        [replace(frame, title=title) if frame.id == frame_id else frame for frame in graph.frames],
    )


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
