"""A scene that shows more than the document: values of a run, figures, a pin, other words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.card_state import CardState
from app.canvas.items import LevelOfDetail, NodeItem
from app.canvas.preview_turns import PreviewTurns
from app.canvas.wire_looks import ALL_SHAPES, Range, ShapeWords, range_text
from engine.graph.elements import End, NodeId

if TYPE_CHECKING:
    from app.canvas.heat import CardHeat
    from app.previews import Preview


_MOST_SMALL_PREVIEWS = 80
"""Cards of a drawing that may show previews from some way off: each takes its time in a frame."""


class ShownScene(QGraphicsScene):
    """Keeps what is shown on cards and beside wires, for those that come later too."""

    altered = Signal()
    """Something looks other than before: for views that paint from lists."""

    marked = Signal()
    """Other cards and wires are selected; everything stands as before."""

    shared: LevelOfDetail
    """How much of everything is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._wants_small_previews = False
        self.nodes: dict[NodeId, NodeItem] = {}
        self._previews: Mapping[NodeId, Preview] = {}
        self._turns = PreviewTurns(self)
        self._heats: Mapping[NodeId, CardHeat] = {}
        self._stale = False
        self._notes: Mapping[End, str] = {}
        self._samples: tuple[object, ...] = ()
        self._amount = ""
        self._pinned: NodeId | None = None
        self._tidy = False
        self._words = ALL_SHAPES
        self.ranges: Mapping[End, Range] = {}
        """The least and the greatest value that each output had when it was looked at last."""

        self._told: frozenset[End] | None = frozenset()
        """The outputs whose ranges are written beside their wires; all where None."""

    def dress_wires(self, *, anew: bool = False) -> None:
        """Let every wire look as it should now; ``anew`` where it rests on something else."""
        raise NotImplementedError

    def card_state(self, node: NodeId, role: str, *, selected: bool) -> CardState:
        """Return what is known of a node for a new card."""
        return CardState(
            selected=selected,
            preview=self._previews.get(node),
            stale=self._stale,
            heat=self._heats.get(node),
            pinned=node == self._pinned,
            tidy=self._tidy,
            samples=self._samples if role == "data" else (),
            amount=self._amount if role == "data" else "",
        )

    def set_previews(self, previews: Mapping[NodeId, Preview], *, stale: bool) -> None:
        """Show what layers put out; ``stale`` fades it until new values come."""
        self._previews, self._stale = previews, stale
        changed: dict[NodeItem, QRectF] = {}
        for node_id, item in self.nodes.items():
            part = item.show_preview(previews.get(node_id), stale=stale)
            if part is not None:
                changed[item] = part
        self._turns.repaint(changed)

    def show_small_previews(self, *, shown: bool) -> None:
        """Show from some way off too what layers put out, or from near by alone."""
        self._wants_small_previews = shown
        if self._allow_small_previews():
            for item in self.nodes.values():
                item.update()

    def _allow_small_previews(self) -> bool:
        """Say whether small previews came or went; a large drawing has to stay quick."""
        before = self.shared.has_small_previews
        now = self._wants_small_previews and len(self.nodes) <= _MOST_SMALL_PREVIEWS
        self.shared.has_small_previews = now
        return now != before

    def show_pin(self, node: NodeId | None) -> None:
        """Put a pin on the card of one layer, or on none."""
        self._pinned = node
        for node_id, item in self.nodes.items():
            if item.state.pinned != (node_id == node):
                item.set_state(pinned=node_id == node)

    def hide_spare_ports(self, *, hidden: bool) -> None:
        """Leave ports that nothing is missed without out of sight, or show them."""
        self._tidy = hidden
        for item in self.nodes.values():
            item.set_state(tidy=hidden)

    def set_wire_notes(self, notes: Mapping[End, str]) -> None:
        """Write something else than shapes beside the wires of some outputs."""
        self._notes = notes
        self.dress_wires()

    def set_ranges(self, ranges: Mapping[End, Range]) -> None:
        """Know the least and the greatest value of outputs, and write those that are asked for."""
        self.ranges = ranges
        if self._told is None or self._told:
            self.dress_wires()

    def toggle_ranges(self, ends: Collection[End] | None) -> None:
        """Write the values of some outputs beside their wires, or of all for None, or no longer."""
        if ends is None:
            self._told = frozenset() if self._told is None else None
        else:
            told = frozenset(self.ranges) if self._told is None else self._told
            asked = frozenset(ends)
            self._told = told - asked if asked <= told else told | asked
        self.dress_wires()

    def ranges_told(self) -> dict[End, str]:
        """Return what is written of values beside the wires of outputs."""
        return {
            end: range_text(values)
            for end, values in self.ranges.items()
            if self._told is None or end in self._told
        }

    @property
    def shape_words(self) -> ShapeWords:
        """Which shapes are written beside wires, and how."""
        return self._words

    def write_shapes(self, words: ShapeWords) -> None:
        """Write other shapes beside wires, or write them differently."""
        self._words = words
        self.dress_wires(anew=True)

    @property
    def is_heated(self) -> bool:
        """Whether an overlay colours the cards."""
        return bool(self._heats)

    def heat_of(self, card: NodeId) -> CardHeat | None:
        """Return what a card, or the bar of a folded frame, is coloured by."""
        return self._heats.get(card)

    def set_heat(self, heats: Mapping[NodeId, CardHeat]) -> None:
        """Colour cards and bars by a figure of each; those not named have no colour."""
        changed = bool(heats) != bool(self._heats)
        self._heats = heats
        for node_id, item in self.nodes.items():
            heat = heats.get(node_id)
            if heat != item.state.heat:
                item.set_state(heat=heat)
                changed = True
        if changed:
            self.altered.emit()

    def set_samples(self, samples: Sequence[object]) -> None:
        """Show pictures of samples on the data's card."""
        self._samples = tuple(samples)
        for item in self._data_cards():
            item.set_state(samples=self._samples)

    def set_amount(self, amount: str) -> None:
        """Say on the data's card how many samples there are."""
        self._amount = amount
        for item in self._data_cards():
            item.set_state(amount=amount)

    def _data_cards(self) -> list[NodeItem]:
        return [item for item in self.nodes.values() if item.facts.role == "data"]
