"""The frames of a drawing as they are shown: where they reach, what they say, what marks them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QRectF

from app.canvas.facts import Badge
from app.canvas.folding import bar_id
from app.canvas.frame_item import TITLE_HEIGHT, FrameItem, FrameLook
from app.canvas.geometry import Box, Point
from app.canvas.routing import frame_box
from app.figures import amount
from engine.graph.cards import FRAME_SIDE
from engine.graph.elements import Frame, NodeId

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene

_NOTE_INSET = 14.0


class FrameLayer:
    """Keeps the items of each frame that holds a card: its area, and its words."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.items: dict[str, FrameItem] = {}
        self.boxes: Mapping[str, Box] = {}
        """The areas as the wires left them."""

    def clear(self) -> None:
        """Take all items away."""
        for item in self.items.values():
            self._remove(item)
        self.items = {}

    def follow(self) -> None:
        """Make, change and remove items after the document."""
        shown = {f.id: f for f in self._scene.document.graph.frames if f.id in self.boxes}
        for key in [key for key in self.items if key not in shown]:
            self._remove(self.items.pop(key))
        for key, frame in shown.items():
            if not self._scene.nodes.keys() >= set(frame.nodes):
                # The selection tells of an edit before the drawing does.
                continue
            look = self._look(frame)
            if key in self.items:
                self.items[key].set_look(replace(look, lit=self.items[key].look.lit))
            else:
                self.items[key] = item = FrameItem(key, look, self._scene.shared)
                self._scene.addItem(item)
                self._scene.addItem(item.words)

    def _remove(self, item: FrameItem) -> None:
        self._scene.removeItem(item.words)
        self._scene.removeItem(item)

    def shift(
        self,
        frames: Iterable[tuple[Frame, bool]],
        moving: Collection[NodeId],
        by: Point | None,
        *,
        leaving: bool,
    ) -> None:
        """Let frames follow cards that are moved ahead of the document, or leave these out.

        Args:
            frames: Those with a card that is moved, and whether all of their cards are.
            by: How far; None where each goes its own way.
        """
        cards = self._scene.nodes
        for frame, whole in frames:
            known = self.boxes.get(frame.id)
            if known is None:
                continue
            if frame.folded:
                self._shift_bar(frame)
                continue
            if whole and by is not None and not leaving:
                self._carry(self.items[frame.id], known.moved(*by))
                continue
            inside = [node for node in frame.nodes if not leaving or node not in moving]
            box = frame_box(frame, {node: cards[node].box() for node in inside})
            if box is not None:
                item = self.items[frame.id]
                right = max(box.right, box.left + known.width)
                wider = Box(box.left, box.top, right, max(box.bottom, box.top + known.height))
                area, edge = wider if whole else box, box.right - FRAME_SIDE
                item.set_look(replace(item.look, area=area, note_right=edge))

    def _carry(self, item: FrameItem, area: Box) -> None:
        edge = item.look.note_right + area.left - item.look.area.left
        item.set_look(replace(item.look, area=area, note_right=edge))

    def _shift_bar(self, frame: Frame) -> None:
        item, bar = self.items[frame.id], self._scene.folding.bar(frame)
        item.set_look(replace(item.look, area=bar, note_right=bar.right - _NOTE_INSET))

    def light(self, frame_id: str) -> None:
        """Show which frame would take what is held over it; none for an empty id."""
        for key, item in self.items.items():
            item.set_look(replace(item.look, lit=key == frame_id))

    def around(self, box: Box) -> str:
        """Return the frame in which a card stands; empty where it stands in none."""
        return next((key for key, item in self.items.items() if item.area.holds(box)), "")

    def shape(self, frame_id: str) -> str:
        """Return what leaves a frame, where it is known."""
        graph, report = self._scene.document.graph, self._scene.document.report
        frame = next((frame for frame in graph.frames if frame.id == frame_id), None)
        if frame is None:
            return ""
        cards, is_right = self._scene.nodes, graph.flow == "right"
        last = max(frame.nodes, key=lambda node: cards[node].x() if is_right else cards[node].y())
        outputs = report.nodes[last].outputs if last in report.nodes else {}
        return str(next(iter(outputs.values()), ""))

    def _look(self, frame: Frame) -> FrameLook:
        selection = self._scene.document.selection
        selected = len(frame.nodes) > 1 and selection == frozenset(frame.nodes)
        box, folding = self.boxes[frame.id], self._scene.folding
        edge = max(self._scene.nodes[node].box().right for node in frame.nodes)
        look = FrameLook(
            frame.title,
            box,
            self._notes(frame),
            edge,
            colour=frame.colour,
            large=frame.large_title,
            selected=selected,
            words_right=self._words_right(frame, box),
        )
        if not frame.folded:
            return look
        return replace(
            look,
            note_right=box.right - _NOTE_INSET,
            badge=self._badge(frame),
            ports=folding.ports(frame),
            heat=self._scene.heat_of(bar_id(frame)),
            flow=self._scene.document.graph.flow,
            selected=not selection.isdisjoint(frame.nodes),
        )

    def _words_right(self, frame: Frame, box: Box) -> float:
        """Return how far right what is written beside wires reaches in the strip of the title."""
        members = set(frame.nodes)
        title = QRectF(box.left, box.top, box.width, TITLE_HEIGHT)
        entering = (
            wire.text_box()
            for node in frame.nodes
            for link in self._scene.links_into(node)
            if link.source.node not in members and (wire := self._scene.wires.get(link))
        )
        return max((text.right() for text in entering if text.intersects(title)), default=0.0)

    def _badge(self, frame: Frame) -> Badge:
        badges = {self._scene.nodes[node].facts.badge for node in frame.nodes}
        return "error" if "error" in badges else "warning" if "warning" in badges else ""

    def _notes(self, frame: Frame) -> tuple[str, ...]:
        reports = self._scene.document.report.nodes
        total = sum(reports[node].parameters for node in frame.nodes if node in reports)
        count = len(frame.nodes)
        layers = "1 layer" if count == 1 else f"{count} layers"
        return (f"{layers} · {amount(total)}", amount(total)) if total else (layers,)
