"""Adding layers by name: the pop-up, what it predicts, and where the chosen layer goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, Signal

from app.blocks import block_of, blocks_drawn, is_block
from app.canvas.geometry import Point
from app.canvas.growing import can_stand_between, input_ports, output_names, ports_of_block
from app.canvas.offers import Place
from app.canvas.pointer_view import PointerView
from app.canvas.quick_add import QuickAdd
from app.canvas.uses import Uses
from app.canvas.words import title_of
from app.widgets.focus_return import FocusReturn
from engine.analysis.verdict import Prediction
from engine.graph.cards import CARD
from engine.graph.elements import End, Link, NodeId
from engine.own_layers.trust import trust
from engine.project.blocks import Block
from engine.project.layer_files import new_layer
from nodes.errors import LoomError
from nodes.following import FIRST, like, usual_after
from nodes.own_layer import OWN_LAYER

_EDGE_PX = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a layer is to be added: at most one of all but ``at`` is given."""

    source: End | None = None
    target: End | None = None
    link: Link | None = None
    at: Point | None = None
    instead_of: NodeId | None = None
    """The layer that it takes the place of."""

    @property
    def feeding(self) -> End | None:
        """The output that would feed it."""
        return self.link.source if self.link is not None else self.source

    @property
    def is_loose_end(self) -> bool:
        """Whether a wire was dropped on empty canvas, and the card has to stand there."""
        return self.at is not None and (self.source is not None or self.target is not None)


class Adding(QObject):
    """Asks for a layer and adds it."""

    code_requested = Signal(str)
    """A layer was added that is yet to be written: its name."""

    def __init__(self, view: PointerView) -> None:
        super().__init__(view)
        self._view = view
        self._spot = Spot()
        self.uses = Uses()
        self.list = QuickAdd(self.uses, view)
        self.list.chosen.connect(self._on_chosen)
        self._focus = FocusReturn(view)
        self.list.closed.connect(self._focus.give_back)

    def ask(self, place: QPointF, spot: Spot) -> None:
        """Open the list at a place of the view."""
        self._spot = spot
        if self.list.isHidden():
            self._focus.remember()
        self.list.open(self._place_of(spot), self._prompt(spot))
        size, room = self.list.size(), self._view.size()
        x = min(place.x(), room.width() - size.width() - _EDGE_PX)
        y = min(place.y(), room.height() - size.height() - _EDGE_PX)
        self.list.move(round(max(_EDGE_PX, x)), round(max(_EDGE_PX, y)))

    def add(self, kind: str, params: Mapping[str, object], spot: Spot) -> None:
        """Add a layer at a spot, or in the middle of the view where none is given."""
        if kind == OWN_LAYER:
            self._add_new(spot)
            return
        at = spot.at or self._middle()
        node = self._view.editing.add(
            kind,
            params,
            source=spot.source,
            target=spot.target,
            link=spot.link,
            at=at,
            keeps_place=spot.is_loose_end,
        )
        if node is not None:
            self.uses.note(kind)
            self._view.bring_into_view(node)

    def add_block(self, block: Block, spot: Spot) -> None:
        """Add a block at a spot, or in the middle of the view where none is given."""
        at = spot.at or self._middle()
        node = self._view.editing.add_block(
            block,
            source=spot.source,
            target=spot.target,
            link=spot.link,
            at=at,
            keeps_place=spot.is_loose_end,
        )
        if node is not None:
            self._view.bring_into_view(node)

    def _add_new(self, spot: Spot) -> None:
        """Add a layer to be written, and ask for its code."""
        block = new_layer(frozenset(self._view.document.graph.code))
        try:
            trust(block.code.values())
        except LoomError as error:
            self._view.document.refused.emit(error)
            return
        self.add_block(block, spot)
        self.code_requested.emit(block.name)

    def _middle(self) -> Point:
        middle = self._view.seen_rect().center()
        return round(middle.x() - CARD[0] / 2, -1), round(middle.y() - CARD[1] / 2, -1)

    def _predict(self, kind: str, params: dict[str, object]) -> Prediction:
        spot = self._spot
        if kind == OWN_LAYER:
            return Prediction(fits=True, text="")
        if spot.instead_of is not None:
            return self._view.editing.predict_instead(spot.instead_of, kind, params)
        if spot.target is not None:
            return Prediction(fits=bool(output_names(kind, params)), text="")
        if spot.link is not None and not can_stand_between(kind, params):
            return Prediction(fits=False, text="")
        feeding = spot.feeding
        if feeding is not None and not input_ports(kind, params):
            return Prediction(fits=not spot.is_loose_end, text="")
        return self._view.editing.predict(feeding, kind, params)

    def _place_of(self, spot: Spot) -> Place:
        return Place(
            predict=self._predict,
            predict_block=self._predict_block if spot.instead_of is None else None,
            drawn=blocks_drawn(self._view.document),
            usual=self._usual(spot),
            only_fitting=spot.is_loose_end or spot.link is not None,
            is_inside=bool(self._view.document.path),
            offers_new=spot.instead_of is None,
        )

    def _usual(self, spot: Spot) -> tuple[str, ...]:
        """Return what usually stands behind the output that would feed the layer, or instead."""
        document, feeding = self._view.document, spot.feeding
        if spot.instead_of is not None:
            return like(document.graph.nodes[spot.instead_of].kind)
        if feeding is None or feeding.node not in document.graph.nodes:
            has_data = any(node.kind == "Data" for node in document.graph.nodes.values())
            return (*FIRST[1:], FIRST[0]) if has_data else FIRST
        kind = document.graph.nodes[feeding.node].kind
        return usual_after(kind, document.report.at(feeding))

    def _predict_block(self, block: Block) -> Prediction:
        spot = self._spot
        inputs, outputs = ports_of_block(block)
        if spot.target is not None or spot.link is not None:
            is_between = spot.link is None or bool(inputs)
            if not (outputs and is_between):
                return Prediction(fits=False, text="")
        return self._view.editing.predict_block(spot.feeding, block)

    def _prompt(self, spot: Spot) -> str:
        if spot.instead_of is None:
            return self.tr("Add a layer")
        return self.tr("Replace {} with").format(title_of(self._view.document, spot.instead_of))

    def _on_chosen(self, kind: str, params: dict[str, object], mode: str) -> None:
        if self._spot.instead_of is not None:
            self._view.editing.replace(self._spot.instead_of, kind, params)
            return
        spot = Spot(at=self._spot.at) if mode == "alone" else self._spot
        block = block_of(kind, self._view.document) if is_block(kind) else None
        if block is not None:
            self.add_block(block, spot)
        else:
            self.add(kind, params, spot)
        if mode == "more":
            self._spot = Spot(source=self._view.editing.source_of_selection())
