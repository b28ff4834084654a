"""Frames that are folded to one bar: where it stands, and where wires begin and end at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from app.canvas.geometry import Box, Point, port_offsets
from engine.graph.cards import CARD
from engine.graph.elements import Frame, Graph, Link, NodeId
from engine.graph.framing import folded_frames

BAR_WIDTH, BAR_HEIGHT = CARD


def bar_id(frame: Frame) -> NodeId:
    """Return the id by which the bar of a frame stands among cards when wires are led."""
    return NodeId(f"frame {frame.id}")


class Folding:
    """The folded frames of one drawing."""

    def __init__(self, graph: Graph, box_of: Callable[[NodeId], Box]) -> None:
        self.frame_of: Mapping[NodeId, Frame] = folded_frames(graph)
        self._box_of = box_of
        self._flow = graph.flow
        self._offsets: dict[tuple[Link, Literal["source", "target"]], float] = {}
        for frame in {frame.id: frame for frame in self.frame_of.values()}.values():
            self._place_ports(graph, frame)

    def __contains__(self, node: NodeId) -> bool:
        return node in self.frame_of

    def is_inside(self, link: Link) -> bool:
        """Whether a wire is out of sight: both of its ends are in one folded frame."""
        before = self.frame_of.get(link.source.node)
        return before is not None and before is self.frame_of.get(link.target.node)

    def bar(self, frame: Frame) -> Box:
        """Return where the bar stands: in the place of the first card."""
        boxes = (self._box_of(node) for node in frame.nodes)
        half = BAR_WIDTH / 2
        if self._flow == "right":
            first = min(boxes, key=lambda box: box.left)
            top = (first.top + first.bottom - BAR_HEIGHT) / 2
            return Box(first.axis - half, top, first.axis + half, top + BAR_HEIGHT)
        first = min(boxes, key=lambda box: box.top)
        return Box(first.axis - half, first.top, first.axis + half, first.top + BAR_HEIGHT)

    def bars(self) -> Iterable[tuple[NodeId, Box]]:
        """Yield the bars as the cards that wires are led by."""
        for frame in {frame.id: frame for frame in self.frame_of.values()}.values():
            yield bar_id(frame), self.bar(frame)

    def card_of(self, node: NodeId) -> NodeId:
        """Return the card at which the wires of a node end: its own, or the bar."""
        frame = self.frame_of.get(node)
        return node if frame is None else bar_id(frame)

    def end(self, link: Link, side: Literal["source", "target"]) -> Point | None:
        """Return where a wire ends at a bar; None where it ends at a card."""
        frame = self.frame_of.get((link.source if side == "source" else link.target).node)
        if frame is None:
            return None
        bar = self.bar(frame)
        offset, is_source = self._offsets[link, side], side == "source"
        if self._flow == "right":
            return bar.right if is_source else bar.left, (bar.top + bar.bottom) / 2 + offset
        return bar.axis + offset, bar.bottom if is_source else bar.top

    def ports(self, frame: Frame) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the offsets of the inputs and of the outputs of a bar from its middle."""
        mine = [key for key in self._offsets if self._is_of(frame, *key)]
        entering = {self._offsets[key] for key in mine if key[1] == "target"}
        leaving = {self._offsets[key] for key in mine if key[1] == "source"}
        return tuple(sorted(entering)), tuple(sorted(leaving))

    def _is_of(self, frame: Frame, link: Link, side: str) -> bool:
        return (link.source if side == "source" else link.target).node in frame.nodes

    def _place_ports(self, graph: Graph, frame: Frame) -> None:
        """Give each output outside and each output inside that is crossed from a place."""
        members = set(frame.nodes)
        entering = [k for k in graph.links if k.target.node in members and not self.is_inside(k)]
        leaving = [k for k in graph.links if k.source.node in members and not self.is_inside(k)]
        self._spread(entering, "target")
        self._spread(leaving, "source")

    def _spread(self, links: list[Link], side: Literal["source", "target"]) -> None:
        places = list(dict.fromkeys(link.source for link in links))
        offsets = port_offsets(len(places), BAR_HEIGHT if self._flow == "right" else BAR_WIDTH)
        for link in links:
            self._offsets[link, side] = offsets[places.index(link.source)]
