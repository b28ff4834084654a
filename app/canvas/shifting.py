"""Cards that are moved ahead of the document, and what follows them.

Cards that all go the same way are carried as one: the wires between them keep their courses and
only stand elsewhere. Of the wires that lead on to cards that stay, those in sight are led anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QLineF, QPointF, QRectF

from app.canvas.geometry import Point, axis_of
from app.canvas.routes import Route, WireEnds, bent, curve
from app.canvas.routing import Router
from engine.graph.elements import Frame, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.items import WireItem
    from app.canvas.scene import CanvasScene

_Span: TypeAlias = "tuple[WireItem, Point, Point, bool, bool]"
"""A wire's two ends in the document, and which of them move."""

_NOWHERE = (0.0, 0.0)
_BESIDE = 400.0
"""How far beyond its ends a wire may run."""

_MOST_AROUND = 150
"""Of more wires in sight none looks for a way around cards before they are let go of."""


class Shifting:
    """The cards that a gesture moves, from when it begins until the document has followed."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.nodes: frozenset[NodeId] = frozenset()
        self.by: Point = _NOWHERE
        """How far all of the cards are from where the document says they are."""

        self.carried: tuple[Link, ...] = ()
        """The wires that go along as they are."""

        self.stretched: tuple[Link, ...] = ()
        """The wires that are led anew."""

        self.goes_as_one = True
        """All cards go the same way."""

        self.is_rough = False
        """So many wires are seen from so far away that lines stand for them."""

        self._spans: tuple[_Span, ...] = ()
        self._frames: tuple[tuple[Frame, bool], ...] = ()
        self._leaves_frames = False
        self._around = Router({}, ())

    def begin(self, nodes: Collection[NodeId], router: Router, *, leaves_frames: bool) -> None:
        """Get ready to move some cards, with their frames or out of them.

        Args:
            router: Leads wires by all cards.
        """
        scene, moving = self._scene, frozenset(nodes)
        frames = scene.document.graph.frames
        self.nodes, self._leaves_frames = moving, leaves_frames
        still = [f for f in frames if moving.isdisjoint(f.nodes) and not f.folded]
        self._around = router.without(set(map(scene.folding.card_of, moving)), still)
        touched = (frame for frame in frames if not moving.isdisjoint(frame.nodes))
        self._frames = tuple((frame, moving.issuperset(frame.nodes)) for frame in touched)
        self._sort_wires()

    def _sort_wires(self) -> None:
        moving, scene = self.nodes, self._scene
        following = [k for k in scene.wires if k.source.node in moving or k.target.node in moving]
        whole = self._moved_wholly()
        carried = {k for k in following if k.source.node in whole and k.target.node in whole}
        self.carried = tuple(carried)
        self.stretched = tuple(link for link in following if link not in carried)
        self.goes_as_one, self.is_rough = True, False
        self._spans = tuple(self._span(link) for link in self.stretched)

    def _moved_wholly(self) -> frozenset[NodeId]:
        """Return the cards without those of a folded frame that stays with some of its others."""
        folded = {frame.id: frame for frame in self._scene.folding.frame_of.values()}
        torn = (f.nodes for f in folded.values() if not self.nodes.issuperset(f.nodes))
        return self.nodes.difference(*torn)

    def _span(self, link: Link) -> _Span:
        """Return where a wire begins and ends in the document, and which of the two moves."""
        (dx, dy), ends = self.by, self._scene.ends_of(link)
        begins, stops = link.source.node in self.nodes, link.target.node in self.nodes
        (x1, y1), (x2, y2) = ends.source, ends.target
        source = (x1 - dx, y1 - dy) if begins else (x1, y1)
        return (
            self._scene.wires[link],
            source,
            (x2 - dx, y2 - dy) if stops else (x2, y2),
            begins,
            stops,
        )

    def end(self) -> None:
        """Leave the wires that were carried where they are led to next."""
        for link in self.carried:
            if link in self._scene.wires:
                self._scene.wires[link].setPos(0, 0)
        self.nodes, self.by = frozenset(), _NOWHERE
        self.carried = self.stretched = ()

    def move(self, places: Mapping[NodeId, Point]) -> None:
        """Show the cards at places."""
        found = self._scene.document.graph.nodes
        ways = {_way(found[node].position, place) for node, place in places.items()}
        for node, (x, y) in places.items():
            self._scene.nodes[node].setPos(axis_of((x, y)), y)
        if self.goes_as_one and len(ways) == 1 and len(places) == len(self.nodes):
            self._carry(*ways)
        else:
            self._let_go()
        self._follow()

    def glide(self, places: Mapping[NodeId, QPointF]) -> None:
        """Show the cards with their axes and tops at points, each at its own."""
        for node, point in places.items():
            self._scene.nodes[node].setPos(point)
        self._let_go()
        self._follow()

    def see(self) -> None:
        """Lead the wires that have come into sight."""
        if self.nodes:
            self._lead()

    def _carry(self, by: Point) -> None:
        self.by = by
        for link in self.carried:
            self._scene.wires[link].setPos(*by)

    def _let_go(self) -> None:
        """Lead all wires anew: the cards go different ways."""
        if self.goes_as_one:
            self._carry(_NOWHERE)
            self.stretched += self.carried
            self.carried, self.goes_as_one = (), False

    def _follow(self) -> None:
        self._lead()
        by = self.by if self.goes_as_one else None
        self._scene.frame_layer.shift(self._frames, self.nodes, by, leaving=self._leaves_frames)

    def _lead(self) -> None:
        """Lead the wires that are in sight, or were left there."""
        wires = list(self._in_sight())
        self.is_rough = len(wires) > _MOST_AROUND and self._scene.shared.level == "far"
        if self.is_rough:
            return
        self._around.forget_lanes()
        lead = self._around.course if len(wires) <= _MOST_AROUND else _straight
        for item in wires:
            item.set_route(lead(self._scene.ends_of(item.link)))

    def rough_lines(self) -> list[QLineF]:
        """Return straight lines in place of the wires that are not led for now."""
        return [QLineF(*source, *target) for _, source, target in self._ends()]

    def _in_sight(self) -> Iterator[WireItem]:
        """Yield the wires that may be on screen where they are led to, or are where they are."""
        area = _shown(self._scene)
        left, right = area.left() - _BESIDE, area.right() + _BESIDE
        top, bottom = area.top() - _BESIDE, area.bottom() + _BESIDE
        for item, (x1, y1), (x2, y2) in self._ends():
            is_beside = (x1 < left and x2 < left) or (x1 > right and x2 > right)
            is_away = (y1 < top and y2 < top) or (y1 > bottom and y2 > bottom)
            if not (is_beside or is_away) or item.sceneBoundingRect().intersects(area):
                yield item

    def _ends(self) -> Iterator[tuple[WireItem, Point, Point]]:
        """Yield where wires begin and end now."""
        if not self.goes_as_one:
            for link in self.stretched:
                ends = self._scene.ends_of(link)
                yield self._scene.wires[link], ends.source, ends.target
            return
        dx, dy = self.by
        for item, (x1, y1), (x2, y2), begins, stops in self._spans:
            source = (x1 + dx, y1 + dy) if begins else (x1, y1)
            yield item, source, (x2 + dx, y2 + dy) if stops else (x2, y2)


def _way(start: Point, end: Point) -> Point:
    """Return how far it is: the same for all that goes the same way, whatever sums leave over."""
    return round(end[0] - start[0], 6), round(end[1] - start[1], 6)


def _straight(ends: WireEnds) -> Route:
    return bent(ends) if ends.bends else curve(ends)


def _shown(scene: CanvasScene) -> QRectF:
    """Return what views show of a scene; all of it where there is none."""
    area = QRectF()
    for view in scene.views():
        area |= view.mapToScene(view.viewport().rect()).boundingRect()
    return scene.sceneRect() if area.isNull() else area
