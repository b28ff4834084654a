"""The items of a drawing, kept equal to the document.

The document speaks, the scene follows: what changed is worked out from the difference, and only
that is repainted. Gestures may move items ahead of the document while they last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.facts import CardFacts, card_facts
from app.canvas.folding import Folding
from app.canvas.frame_item import FrameItem
from app.canvas.frame_layer import FrameLayer
from app.canvas.geometry import Box, Point, PortPlace, around, axis_of
from app.canvas.heat import CardHeat
from app.canvas.hits import Hit, find_hit
from app.canvas.hovering import Hovering
from app.canvas.items import Level, LevelOfDetail, NodeItem, WireItem, WireLook
from app.canvas.kept_pictures import KeptPictures
from app.canvas.routes import Route, WireEnds, bent
from app.canvas.routing import Courses, Router
from app.canvas.shifting import Shifting
from app.canvas.shown_scene import ShownScene
from app.canvas.style import Style
from app.canvas.wire_looks import WireLooks, beside_turns, writers
from app.document import Document
from engine.analysis.report import NodeReport, Problem
from engine.graph.difference import Difference
from engine.graph.elements import EMPTY, Link, Node, NodeId

_ROOM = 900.0


class CanvasScene(ShownScene):
    """All cards, wires and frames of the open document."""

    shifted = Signal()
    """Only what :meth:`begin_shift` named stands elsewhere; more of the kind may come at once."""

    def __init__(self, document: Document, style: Style) -> None:
        super().__init__()
        self.document = document
        self.shared = LevelOfDetail(style)
        self.wires: dict[Link, WireItem] = {}
        self.frame_layer = FrameLayer(self)
        self._incoming: dict[NodeId, tuple[Link, ...]] = {}
        self._outgoing: dict[NodeId, frozenset[str]] = {}
        self._out_places: dict[NodeId, Mapping[str, Point]] = {}
        self._in_places: dict[Link, Point] = {}
        self._problems: dict[NodeId, tuple[Problem, ...]] = {}
        self._facts_keys: dict[NodeId, tuple[Any, ...]] = {}
        self._routes: Mapping[Link, Route] = {}
        self._courses: dict[Link, Route] = {}
        self._writing: set[Link] = set()
        self._look_keys: dict[Link, tuple[object, ...]] = {}
        self._still: tuple[Box, ...] | None = None
        self._room: QRectF = QRectF()
        self._hovering = Hovering(self)
        self._pictures = KeptPictures(self, lambda: self.nodes.values())
        self.shifting = Shifting(self)
        self._selected: frozenset[NodeId] = frozenset(document.selection)
        self._selected_link = document.selected_link
        self._focused: NodeId | None = None
        self._router = Router({}, ())
        self.folding = Folding(EMPTY, lambda node: self.nodes[node].box())
        document.changed.connect(self._on_changed)
        document.report_changed.connect(self._follow_report)
        for changed in (document.recipe_changed, document.memory_changed):
            changed.connect(self._follow_report)
        document.selection_changed.connect(self._on_selection_changed)
        self.rebuild()

    def rebuild(self) -> None:
        """Make every item anew."""
        self.hover(None)
        for item in (*self.nodes.values(), *self.wires.values()):
            self.removeItem(item)
        self.frame_layer.clear()
        self.nodes, self.wires = {}, {}
        self._facts_keys, self._in_places, self._out_places = {}, {}, {}
        self._routes, self._look_keys = {}, {}
        self._index_links()
        self._index_problems()
        self._follow_nodes()
        self._fold()
        self._lead()

    @property
    def frames(self) -> Mapping[str, FrameItem]:
        """The frames by their ids."""
        return self.frame_layer.items

    # How the document is followed.

    def _on_changed(self, change: Difference) -> None:
        self._hovering.brighten()
        if change.flow:
            self.rebuild()
            return
        if change.links_added or change.links_removed or change.links_reordered:
            self._index_links()
        ports_moved = self._follow_nodes()
        for node_id in change.moved:
            self._put(self.nodes[node_id], self.document.graph.nodes[node_id])
        wires = change.links_added or change.links_removed or change.links_reordered
        if ports_moved or wires or change.moved or change.frames or change.bends:
            self.shifting.end()
            self._fold()
            self._lead()
        else:
            self.altered.emit()

    def _follow_report(self) -> None:
        self._index_problems()
        if self._follow_nodes():
            self._lead()
        else:
            self.dress_wires()
        self.altered.emit()

    def set_heat(self, heats: Mapping[NodeId, CardHeat]) -> None:
        super().set_heat(heats)
        if self.folding.frame_of:
            self.frame_layer.follow()
            self.altered.emit()

    def _on_selection_changed(self, selection: Collection[NodeId]) -> None:
        self._hovering.brighten()
        others = self._selected.symmetric_difference(selection)
        for node_id in others & self.nodes.keys():
            self.nodes[node_id].set_state(selected=node_id in selection)
        links = {self._selected_link, self.document.selected_link}
        self._selected, self._selected_link = frozenset(selection), self.document.selected_link
        ends = ((link, link.source.node, link.target.node) for link in self._courses)
        self._dress_each(k for k, a, b in ends if a in others or b in others or k in links)
        self.frame_layer.follow()
        self.marked.emit()

    def _fold(self) -> None:
        """Take the cards of folded frames out of sight, and bring the others back."""
        graph = self.document.graph
        self.folding = Folding(graph, lambda node: self.nodes[node].box())
        for node_id, item in self.nodes.items():
            item.setVisible(node_id not in self.folding)

    def _index_links(self) -> None:
        incoming: defaultdict[NodeId, list[Link]] = defaultdict(list)
        outgoing: defaultdict[NodeId, set[str]] = defaultdict(set)
        for link in self.document.graph.links:
            incoming[link.target.node].append(link)
            outgoing[link.source.node].add(link.source.port)
        self._incoming = {node: tuple(links) for node, links in incoming.items()}
        # Most nodes give by the same ports: equal sets are one.
        sets = {ports: ports for ports in map(frozenset, outgoing.values())}
        self._outgoing = {node: sets[frozenset(ports)] for node, ports in outgoing.items()}

    def _index_problems(self) -> None:
        found: defaultdict[NodeId, list[Problem]] = defaultdict(list)
        for problem in self.document.problems_on_show:
            if problem.node is not None:
                found[problem.node].append(problem)
        self._problems = {node: tuple(problems) for node, problems in found.items()}

    def _follow_nodes(self) -> bool:
        """Make, change and remove cards; say whether a port is elsewhere now."""
        graph, report = self.document.graph, self.document.report
        moved = False
        for node_id in [node_id for node_id in self.nodes if node_id not in graph.nodes]:
            self._forget(node_id)
            moved = True
        for node_id, node in graph.nodes.items():
            key = self._facts_key(node, report.nodes.get(node_id))
            known = self._facts_keys.get(node_id)
            if known is None or not _same(known, key):
                self._facts_keys[node_id] = key
                moved |= self._follow_node(node, key)
        return moved

    def _facts_key(self, node: Node, report: NodeReport | None) -> tuple[Any, ...]:
        return (
            node,
            report,
            self._incoming.get(node.id, ()),
            self._outgoing.get(node.id, frozenset()),
            self._problems.get(node.id, ()),
        )

    def _follow_node(self, node: Node, key: tuple[Any, ...]) -> bool:
        _, report, incoming, outgoing, problems = key
        facts = card_facts(
            node,
            report,
            incoming=incoming,
            outgoing=outgoing,
            problems=problems,
            flow=self.document.graph.flow,
        )
        item = self.nodes.get(node.id)
        if item is None:
            self._add_node(node, facts)
            return True
        if facts == item.facts:
            return False
        moved = (facts.inputs, facts.outputs, facts.height) != (
            item.facts.inputs,
            item.facts.outputs,
            item.facts.height,
        )
        item.set_facts(facts)
        if moved:
            self._note_offsets(node.id, facts)
        return moved

    def _add_node(self, node: Node, facts: CardFacts) -> None:
        chosen = node.id in self.document.selection
        state = self.card_state(node.id, facts.role, selected=chosen)
        self.nodes[node.id] = item = NodeItem(node.id, facts, state, self.shared)
        self._note_offsets(node.id, facts)
        if self._pictures.are_kept:
            item.keep_picture(kept=True)
        self._put(item, node)
        self.addItem(item)

    def _forget(self, node_id: NodeId) -> None:
        item = self.nodes.pop(node_id)
        self.removeItem(item)
        self._facts_keys.pop(node_id, None)
        self._out_places.pop(node_id, None)

    def _put(self, item: NodeItem, node: Node) -> None:
        item.setPos(axis_of(node.position), node.position[1])

    def _note_offsets(self, node_id: NodeId, facts: CardFacts) -> None:
        self._out_places[node_id] = _places_of(facts.outputs)
        for place in facts.inputs:
            if place.link is not None:
                self._in_places[place.link] = place.x, place.y

    # Wires and frames.

    def links_into(self, node: NodeId) -> tuple[Link, ...]:
        """Return the wires that end at a card."""
        return self._incoming.get(node, ())

    def ends_of(self, link: Link) -> WireEnds:
        """Return where a wire begins and ends at present."""
        before, after = self.nodes[link.source.node], self.nodes[link.target.node]
        out_x, out_y = self._out_places[link.source.node].get(link.source.port, (0.0, 0.0))
        in_x, in_y = self._in_places.get(link, (0.0, 0.0))
        source = (before.x() + out_x, before.y() + out_y)
        target = (after.x() + in_x, after.y() + in_y)
        flow = self.document.graph.flow
        if not self.folding.frame_of:
            return WireEnds(link, source, target, self._bends_of(link), flow=flow)
        folding = self.folding
        return WireEnds(
            link,
            folding.end(link, "source") or source,
            folding.end(link, "target") or target,
            self._bends_of(link),
            (folding.card_of(link.source.node), folding.card_of(link.target.node)),
            flow,
        )

    def _bends_of(self, link: Link) -> tuple[Point, ...]:
        return self.document.graph.bends.get(link, ())

    def _lead(self) -> None:
        """Lead all wires by the cards as they stand now."""
        self._still = None
        graph, folding = self.document.graph, self.folding
        cards = {node: item.box() for node, item in self.nodes.items() if node not in folding}
        open_frames = [frame for frame in graph.frames if not frame.folded]
        self._router = Router({**cards, **dict(folding.bars())}, open_frames, graph.flow)
        seen = (link for link in graph.links if not folding.is_inside(link))
        courses = self._router.lead(map(self.ends_of, seen), self._routes)
        self._take_courses(courses)
        self._make_room()
        self.altered.emit()

    def _take_courses(self, courses: Courses) -> None:
        bars = {f.id: self.folding.bar(f) for f in self.folding.frame_of.values()}
        self._routes, self.frame_layer.boxes = courses.routes, {**courses.frames, **bars}
        for link in [link for link in self.wires if link not in courses.routes]:
            item = self.wires.pop(link)
            self.removeItem(item)
            self._look_keys.pop(link, None)
        self._writing = writers(courses.routes)
        self._courses = {**courses.routes, **beside_turns(courses.routes)}
        self.dress_wires()

    def dress_wires(self, *, anew: bool = False) -> None:
        """Let every wire look as it should now; ``anew`` where it rests on something else."""
        if anew:
            self._look_keys.clear()
        self._dress_each(self._courses)
        self.frame_layer.follow()

    def _dress_each(self, links: Iterable[Link]) -> None:
        document = self.document
        looks = WireLooks(
            document.graph,
            document.report,
            self.shared.style.theme.wire,
            selection=document.selection,
            selected_link=document.selected_link,
            notes=self._notes,
            ranges=self.ranges_told(),
            words=self._words,
        )
        for link in links:
            course = self._courses[link]
            key = (course, *looks.rests_on(link))
            known = self._look_keys.get(link)
            if known is not None and all(map(_is_same, known, key)):
                continue
            self._look_keys[link] = key
            look = looks.of(link, course, writes_shape=link in self._writing)
            self._dress(link, course, look)

    def _dress(self, link: Link, course: Route, look: WireLook) -> None:
        item = self.wires.get(link)
        if item is None:
            self.wires[link] = item = WireItem(link, course, look, self.shared)
            self.addItem(item)
        else:
            item.set_route(course)
            now = item.look
            item.set_look(now.held_over(look))

    def _make_room(self) -> None:
        """Keep the scene larger than the drawing, and grow it in steps: the index is remade."""
        content = self.content_rect()
        if content.isNull() or self._room.contains(content):
            return
        self._room = content.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        self.setSceneRect(self._room)

    def content_rect(self, nodes: Iterable[NodeId] | None = None) -> QRectF:
        """Return the area of all cards, wires and frames, or of some cards."""
        if nodes is not None:
            return _rect(around(self.nodes[node].box() for node in nodes if node in self.nodes))
        if self._still is None:
            hidden = {*self.shifting.nodes, *self.folding.frame_of}
            cards = (item.box() for key, item in self.nodes.items() if key not in hidden)
            ways = (_way_box(route) for route in self._routes.values() if route.around)
            still = around((*cards, *self.frame_layer.boxes.values(), *ways))
            self._still = () if still is None else (still,)
        moving = (self.nodes[key].box() for key in self.shifting.nodes if key not in self.folding)
        return _rect(around((*self._still, *moving)))

    # What gestures and the pointer do ahead of the document.

    def begin_shift(self, nodes: Collection[NodeId], *, leaves_frames: bool = False) -> None:
        """Get ready to move some cards ahead of the document, with their frames or out of them."""
        self._still = None
        self.shifting.begin(nodes, self._router, leaves_frames=leaves_frames)
        self.altered.emit()

    def shift(self, places: Mapping[NodeId, Point]) -> None:
        """Show the cards at places that the document does not know yet; their wires follow."""
        self._pictures.keep()
        self.shifting.move(places)
        self.shifted.emit()

    def glide(self, places: Mapping[NodeId, QPointF]) -> None:
        """Show the cards that are being moved with their axes and tops at points."""
        self._pictures.keep()
        self.shifting.glide(places)
        self.shifted.emit()

    def show_bends(self, link: Link, points: Sequence[Point]) -> None:
        """Show a wire through points that the document does not know yet."""
        self.wires[link].set_route(bent(replace(self.ends_of(link), bends=tuple(points))))
        self.altered.emit()

    def settle(self) -> None:
        """Put every card back to where the document says it is."""
        self._look_keys.clear()
        self.shifting.end()
        for node_id, node in self.document.graph.nodes.items():
            self._put(self.nodes[node_id], node)
        self._lead()

    def hit(self, point: QPointF) -> Hit:
        """Say what lies at a point of the canvas."""
        return find_hit(self, point)

    def hover(
        self, item: NodeItem | WireItem | None, *, traces: bool = False, sizes: bool = False
    ) -> None:
        """Show what the pointer is over, and its way or where its sizes come from."""
        self._hovering.over(item, traces=traces, sizes=sizes)

    def focus_on(self, node: NodeId | None) -> None:
        """Show the keyboard's place on a card."""
        for node_id in (self._focused, node):
            if node_id is not None and node_id in self.nodes:
                self.nodes[node_id].set_state(focused=node_id == node)
        self._focused = node

    def near(self, area: QRectF) -> Iterator[QGraphicsItem]:
        """Yield the items that an area meets, the topmost first."""
        mode = Qt.ItemSelectionMode.IntersectsItemBoundingRect
        yield from self.items(area, mode, Qt.SortOrder.DescendingOrder)

    def cards_in(self, area: QRectF) -> bool:
        """Whether a card lies in an area."""
        cards = (item for item in self.near(area) if isinstance(item, NodeItem))
        return any(item.far_rect().intersects(area) for item in cards)

    # How it is painted.

    def set_style(self, style: Style) -> None:
        """Paint in another theme."""
        self.shared.style = style
        for item in (*self.nodes.values(), *self.wires.values(), *self.frames.values()):
            item.update()
        self.altered.emit()

    def set_level(self, level: Level, scale: float, ratio: float) -> None:
        """Draw for a zoom; ``ratio`` is the device pixels to one of the view."""
        changed = self._allow_small_previews() or level != self.shared.level
        if (scale, ratio) != (self.shared.scale, self.shared.ratio) or changed:
            self._pictures.follow_zoom(is_near=level == "near")
        self.shared.level, self.shared.scale = level, scale
        self.shared.ratio = ratio
        if changed:
            for item in (*self.nodes.values(), *self.wires.values()):
                item.update()


@lru_cache(maxsize=1000)
def _places_of(outputs: tuple[PortPlace, ...]) -> Mapping[str, Point]:
    return {place.name: (place.x, place.y) for place in outputs}


def _rect(box: Box | None) -> QRectF:
    return QRectF() if box is None else QRectF(box.left, box.top, box.width, box.height)


def _way_box(route: Route) -> Box:
    across, down = zip(*route.points, strict=True)
    if route.flow == "right":
        return Box(route.source[0], min(down), route.source[0], max(down))
    return Box(min(across), route.source[1], max(across), route.source[1])


def _is_same(known: object, now: object) -> bool:
    return known is now


def _same(known: tuple[Any, ...], key: tuple[Any, ...]) -> bool:
    """Compare what facts rest on; equal objects of the big ones are the same object."""
    return known[0] is key[0] and known[1] is key[1] and known[2:] == key[2:]
