"""Renaming a card or a frame where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF

from app.canvas.composing import repeat_text
from app.canvas.title_field import TitleField
from app.widgets.focus_return import FocusReturn
from engine.graph.composites import definition_of
from engine.graph.elements import End, NodeId
from nodes.catalogue import kind_named

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_TITLE_X = 38
_LEAST_WIDTH_PX = 140
_WIDEST_PX = 260
_HEIGHT_PX = 30
_REPEAT_WIDTH_PX = 96


class Renaming(QObject):
    """Lays a field over the title of a card or a frame."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._take: Callable[[str], None] | None = None
        self.field = TitleField(view)
        self.field.accepted.connect(self._on_accepted)
        self._focus = FocusReturn(view)
        self.field.asked.connect(self._focus.remember)
        self.field.ended.connect(self._focus.give_back)

    def start(self, node: NodeId) -> None:
        """Ask for another name of a card."""
        self._view.bring_into_view(node)
        item = self._view.canvas.nodes[node]
        card = self._view.view_rect(item.far_rect())
        left = card.left() + round(_TITLE_X * self._view.zoom)
        width = max(_LEAST_WIDTH_PX, card.width() // 2)
        self._take = lambda title: self._rename_node(node, title)
        self.field.setGeometry(left, card.top() + 4, width, _HEIGHT_PX)
        self.field.setAccessibleName(self.tr("Name of the layer"))
        self.field.ask(item.facts.title, self._plain_title(node))

    def start_composite(self, node: NodeId) -> None:
        """Ask for the name of a composite that was just made."""
        self.start(node)
        self._take = lambda name: self._view.composing.rename(node, name)
        self.field.setAccessibleName(self.tr("Name of the composite"))

    def start_repeat(self, node: NodeId) -> None:
        """Ask how often the selected layers stand in a row, at the right end of a card."""
        self._view.bring_into_view(node)
        card = self._view.view_rect(self._view.canvas.nodes[node].far_rect())
        self._take = self._view.composing.repeat
        left = max(card.left(), card.right() - _REPEAT_WIDTH_PX - 8)
        top = card.center().y() - _HEIGHT_PX // 2
        self.field.setGeometry(left, top, _REPEAT_WIDTH_PX, _HEIGHT_PX)
        self.field.setAccessibleName(self.tr("How often it stands in a row"))
        self.field.ask(repeat_text(self._view.document.graph.nodes[node].repeat), "1")

    def start_output(self, end: End) -> None:
        """Ask for the name of what leaves an output, beside its port."""
        self._view.bring_into_view(end.node)
        item = self._view.canvas.nodes[end.node]
        place = next(place for place in item.facts.outputs if place.name == end.port)
        at = item.port_point(place)
        corner = self._view.view_rect(QRectF(at, at)).topLeft()
        node = self._view.document.graph.nodes[end.node]
        self._take = lambda name: self._view.editing.name_output(end, name)
        self.field.setGeometry(corner.x() + 10, corner.y() + 6, _LEAST_WIDTH_PX, _HEIGHT_PX)
        self.field.setAccessibleName(self.tr("Name of the output"))
        self.field.ask(node.called.get(end.port, ""), node.name)

    def start_frame(self, frame: str) -> None:
        """Ask for another name of a frame."""
        item = self._view.canvas.frames[frame]
        self._view.reveal(item.title_box())
        strip = self._view.view_rect(item.title_box())
        width = max(_LEAST_WIDTH_PX, min(strip.width() - 12, _WIDEST_PX))
        self._take = lambda title: self._view.framing.rename(frame, title)
        self.field.setGeometry(strip.left() + 6, strip.top() + 2, width, _HEIGHT_PX)
        self.field.setAccessibleName(self.tr("Name of the frame"))
        self.field.ask(item.look.title, "")

    def _on_accepted(self, title: str) -> None:
        take, self._take = self._take, None
        if take is not None:
            take(title)

    def _rename_node(self, node: NodeId, title: str) -> None:
        if node in self._view.document.graph.nodes:
            self._view.editing.rename(node, "" if title == self._plain_title(node) else title)

    def _plain_title(self, node: NodeId) -> str:
        graph = self._view.document.graph
        found = graph.nodes[node]
        definition, kind = definition_of(graph, found), kind_named(found.kind)
        if definition is not None:
            return definition.name
        return kind.info.title if kind is not None else found.kind
