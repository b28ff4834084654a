"""Where the cards of a drawing stand: in layers along its way, with one straight spine.

The longest way through the drawing is the spine. What branches off it stands in columns beside
it, halfway between where it leaves and where it comes back. A frame is laid out by itself first
and then takes part as one block. Words here are those of a drawing that runs down; one that runs
to the right is measured across, and its places are turned at the end.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
import networkx as nx

from engine.graph.cards import (
    CARD,
    COLUMN_GAP,
    FRAME_BOTTOM,
    FRAME_GUTTER,
    FRAME_SIDE,
    FRAME_TOP,
    RANK_GAP,
    RIGHT_RANK_GAP,
    RIGHT_ROW_GAP,
    card_size,
)
from engine.graph.elements import Flow, Frame, Graph, NodeId

K = TypeVar("K", bound=Hashable)

_ABOVE_FRAME = 20.0
_BELOW_FRAME = 38.0


def arrange(graph: Graph) -> dict[NodeId, tuple[float, float]]:
    """Return a place for every node: the top left corner of a slot as wide as a full card.

    It runs the way that the drawing says. Narrow cards stand in the middle of their slot, so that
    a chain has one axis whatever cards it is made of. No two cards overlap, what feeds a card
    stands above it, and the first card of the spine stays where it is. A drawing with a circle is
    laid out as if a wire of it were missing.
    """
    if not graph.nodes:
        return {}
    frames = _whole_frames(graph)
    home = {node: frame.id for frame in frames for node in frame.nodes}
    inside = {frame.id: _inside(graph, frame) for frame in frames}
    extents: dict[str, _Extent] = {node: _card(graph, node) for node in graph.nodes}
    blocks = {home.get(node, node): extents[node] for node in graph.nodes}
    blocks.update({key: block.extent for key, block in inside.items()})
    edges = _unique(
        (home.get(link.source.node, link.source.node), home.get(link.target.node, link.target.node))
        for link in graph.links
    )
    placed = _layered(blocks, edges)
    axes: dict[NodeId, tuple[float, float]] = {}
    for key, (x, y) in placed.items():
        if key in inside:
            axes.update(inside[key].at(x, y))
        else:
            axes[NodeId(key)] = (x, y)
    corners = {node: _corner(graph, node, place) for node, place in axes.items()}
    return _kept_in_place(graph, corners)


class _Extent(msgspec.Struct, frozen=True):
    """How far a card or a framed block reaches from its axis, and how much room it wants."""

    left: float
    right: float
    height: float
    is_frame: bool = False
    flow: Flow = "down"

    @property
    def column_gap(self) -> float:
        return RIGHT_ROW_GAP if self.flow == "right" else COLUMN_GAP

    def gap_to(self, below: "_Extent") -> float:
        """Return the distance to what stands below."""
        if self.flow == "right":
            return RIGHT_RANK_GAP - FRAME_SIDE * (self.is_frame + below.is_frame)
        if self.is_frame:
            return _BELOW_FRAME
        return _ABOVE_FRAME if below.is_frame else RANK_GAP


class _Inside(msgspec.Struct, frozen=True):
    """The layout of one frame's members, with the frame around them."""

    extent: _Extent
    axes: Mapping[NodeId, tuple[float, float]]
    lead: float
    """From the top of the frame to its first card."""

    def at(self, x: float, y: float) -> dict[NodeId, tuple[float, float]]:
        """Return the members' places for a frame with its axis at ``x`` and its top at ``y``."""
        return {node: (x + dx, y + self.lead + dy) for node, (dx, dy) in self.axes.items()}


def _card(graph: Graph, node: NodeId) -> _Extent:
    width, height = card_size(graph.nodes[node].kind)
    if graph.flow == "right":
        return _Extent(height / 2, height / 2, width, flow="right")
    return _Extent(width / 2, width / 2, height)


def _corner(graph: Graph, node: NodeId, place: tuple[float, float]) -> tuple[float, float]:
    """Return the corner of the slot of a card that begins at a place on its axis."""
    across, along = place
    if graph.flow == "down":
        return across - CARD[0] / 2, along
    width, height = card_size(graph.nodes[node].kind)
    return along - (CARD[0] - width) / 2, across - height / 2


def _inside(graph: Graph, frame: Frame) -> _Inside:
    members = set(frame.nodes)
    extents = {node: _card(graph, node) for node in graph.nodes if node in members}
    edges = _unique(
        (link.source.node, link.target.node)
        for link in graph.links
        if link.source.node in members and link.target.node in members
    )
    axes = _layered(extents, edges)
    left = min(x - extents[node].left for node, (x, _) in axes.items())
    right = max(x + extents[node].right for node, (x, _) in axes.items())
    bottom = max(y + extents[node].height for node, (_, y) in axes.items())
    gutter = FRAME_GUTTER if len(edges) >= len(members) else 0.0
    if graph.flow == "right":
        extent = _Extent(
            FRAME_TOP - left,
            right + FRAME_BOTTOM + gutter,
            bottom + 2 * FRAME_SIDE,
            is_frame=True,
            flow="right",
        )
        return _Inside(extent, axes, FRAME_SIDE)
    extent = _Extent(
        FRAME_SIDE - left,
        right + FRAME_SIDE + gutter,
        FRAME_TOP + bottom + FRAME_BOTTOM,
        is_frame=True,
    )
    return _Inside(extent, axes, FRAME_TOP)


def _whole_frames(graph: Graph) -> list[Frame]:
    """Return the frames that can be moved as a block: no way leaves one and comes back."""
    frames = [frame for frame in graph.frames if frame.nodes]
    while frames:
        home = {node: frame.id for frame in frames for node in frame.nodes}
        blocks: nx.DiGraph[str] = nx.DiGraph()
        for link in graph.links:
            ends = home.get(link.source.node), home.get(link.target.node)
            if ends[0] is None or ends[0] != ends[1]:
                blocks.add_edge(ends[0] or link.source.node, ends[1] or link.target.node)
        if nx.is_directed_acyclic_graph(blocks):
            break
        circle = {edge[0] for edge in nx.find_cycle(blocks)}
        broken = [frame for frame in frames if frame.id in circle]
        if not broken:
            break
        frames.remove(broken[-1])
    return frames


def _unique(pairs: Iterable[tuple[K, K]]) -> list[tuple[K, K]]:
    return list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def _kept_in_place(
    graph: Graph, corners: Mapping[NodeId, tuple[float, float]]
) -> dict[NodeId, tuple[float, float]]:
    along, across = (0, 1) if graph.flow == "right" else (1, 0)
    first = min(corners, key=lambda node: (corners[node][along], abs(corners[node][across])))
    dx = graph.nodes[first].position[0] - corners[first][0]
    dy = graph.nodes[first].position[1] - corners[first][1]
    return {node: (x + dx, y + dy) for node, (x, y) in corners.items()}


def _layered(
    extents: Mapping[K, _Extent], edges: Sequence[tuple[K, K]]
) -> dict[K, tuple[float, float]]:
    """Return the axis and the top of every item."""
    return _Layers(extents, edges).place()


class _Layers(Generic[K]):
    """One layered layout: heights first, then chains, then columns."""

    def __init__(self, extents: Mapping[K, _Extent], edges: Sequence[tuple[K, K]]) -> None:
        self._extents = extents
        self._graph = _acyclic(extents, edges)
        place = {key: number for number, key in enumerate(extents)}
        self._order = list(nx.lexicographical_topological_sort(self._graph, place.__getitem__))
        self._top = self._tops()
        self._reach = self._reaches()
        self._x: dict[K, float] = {}
        self._taken: list[tuple[float, float, float, float]] = []

    def place(self) -> dict[K, tuple[float, float]]:
        """Put the spine at x 0 and every other chain beside what is there."""
        first = max(
            (key for key in self._order if not self._graph.pred[key]), key=self._reach.__getitem__
        )
        waiting = [first, *sorted(self._order, key=lambda k: (self._top[k], -self._reach[k]))]
        for key in waiting:
            if key not in self._x:
                self._place_chain(self._chain_from(key))
        return {key: (self._x[key], self._top[key]) for key in self._order}

    def _tops(self) -> dict[K, float]:
        top: dict[K, float] = {}
        for key in self._order:
            top[key] = max(
                (self._below(other, key, top) for other in self._graph.pred[key]), default=0
            )
        return top

    def _below(self, above: K, key: K, top: Mapping[K, float]) -> float:
        extent = self._extents[above]
        return top[above] + extent.height + extent.gap_to(self._extents[key])

    def _reaches(self) -> dict[K, float]:
        """Measure the longest way down from each item."""
        reach: dict[K, float] = {}
        for key in reversed(self._order):
            further = max((reach[other] for other in self._graph.succ[key]), default=0.0)
            reach[key] = self._extents[key].height + RANK_GAP + further
        return reach

    def _chain_from(self, key: K) -> list[K]:
        chain = [key]
        while True:
            free = [k for k in self._graph.succ[chain[-1]] if k not in self._x]
            if not free:
                return chain
            chain.append(max(free, key=self._reach.__getitem__))

    def _place_chain(self, chain: list[K]) -> None:
        self._lower(chain)
        left = max(self._extents[key].left for key in chain)
        right = max(self._extents[key].right for key in chain)
        gap = self._extents[chain[0]].column_gap
        high = self._top[chain[0]]
        low = self._top[chain[-1]] + self._extents[chain[-1]].height
        wanted = self._anchor(chain)
        occupied = [
            (start - gap - right, end + gap + left)
            for start, end, top, bottom in self._taken
            if top < low + RANK_GAP / 2 and bottom > high - RANK_GAP / 2
        ]
        x = _nearest_free(wanted, occupied)
        self._taken.append((x - left, x + right, high, low))
        self._x.update(dict.fromkeys(chain, x))

    def _lower(self, chain: list[K]) -> None:
        """Move a side chain to the middle of its room; one that begins by itself to its end."""
        if not self._taken:
            return
        members = set(chain)
        room = min(
            (
                self._top[other] - self._below(key, other, self._top)
                for key in chain
                for other in self._graph.succ[key]
                if other not in members
            ),
            default=0.0,
        )
        fed = any(self._graph.pred[key] for key in chain)
        shift = room // 2 if fed else room
        if shift > 0:
            for key in chain:
                self._top[key] += shift

    def _anchor(self, chain: list[K]) -> float:
        near = [*self._graph.pred[chain[0]], *self._graph.succ[chain[-1]]]
        known = [self._x[key] for key in near if key in self._x]
        return known[0] if known else 0.0


def _acyclic(keys: Collection[K], edges: Sequence[tuple[K, K]]) -> "nx.DiGraph[K]":
    made: nx.DiGraph[K] = nx.DiGraph()
    made.add_nodes_from(keys)
    made.add_edges_from(edges)
    while not nx.is_directed_acyclic_graph(made):
        made.remove_edge(*nx.find_cycle(made)[-1][:2])
    return made


def _nearest_free(wanted: float, occupied: list[tuple[float, float]]) -> float:
    """Return the place outside all open intervals that is nearest; right of it on a tie."""
    right = left = wanted
    for start, end in sorted(occupied):
        if start < right < end:
            right = end
    for start, end in sorted(occupied, key=lambda interval: -interval[1]):
        if start < left < end:
            left = start
    return right if right - wanted <= wanted - left else left
