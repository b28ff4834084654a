"""A view that does what menus and keys ask of it, for the layers or the wire that are selected."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QPointF

from app.blocks import block_of, is_block
from app.canvas.adding import Adding, Spot
from app.canvas.arranging import Arranging
from app.canvas.choosing import Choosing
from app.canvas.framing import Framing
from app.canvas.gestures.bend import new_bend
from app.canvas.overlays import Overlays
from app.canvas.pointer_view import PointerView
from app.canvas.zoom_view import ZOOM_STEP
from engine.graph.cards import CARD
from engine.graph.elements import End, NodeId

_BELOW_CHIPS_PX = 54


class CommandView(PointerView):
    """Carries out what is asked of it by name; the canvas brings what each command needs."""

    adding: Adding
    arranging: Arranging
    choosing: Choosing
    framing: Framing
    overlays: Overlays
    is_pasting = False
    """Cards come that the pointer will carry."""

    def tell(self, text: str) -> None:
        """Show a sentence over the canvas for some seconds."""
        raise NotImplementedError

    def open_title(self, node: NodeId) -> None:
        """Let a card be renamed."""
        raise NotImplementedError

    # What menus and keys ask for.

    def delete_selected(self) -> None:
        """Delete the selected layers or wire."""
        self.editing.delete()

    def delete_and_rejoin(self) -> None:
        """Delete the selected layers and join their neighbours."""
        self.editing.delete_and_rejoin()

    def copy(self) -> None:
        """Copy the selected layers as text."""
        self.pasting.copy()

    def copy_code(self) -> None:
        """Copy the selected layers as PyTorch source."""
        if self.pasting.copy_code():
            self.tell(self.tr("Code copied"))

    def cut(self) -> None:
        """Copy the selected layers and delete them."""
        self.pasting.cut()

    def paste(self) -> None:
        """Paste layers at the pointer, which carries them on until a click, or in the middle."""
        self._paste(keeps_feeding=False)

    def paste_connected(self) -> None:
        """Paste layers and let what fed those that were copied feed them as well."""
        self._paste(keeps_feeding=True)

    def _paste(self, *, keeps_feeding: bool) -> None:
        self.put_down()
        at = self.scene_point(self.pointer_or_centre())
        corner = round(at.x() - CARD[0] / 2, -1), round(at.y() - CARD[1] / 2, -1)
        self.is_pasting = self.has_pointer()
        step = self.pasting.paste(corner, keeps_feeding=keeps_feeding, stays=self.is_pasting)
        if step is not None and self.is_pasting:
            self.carry(tuple(self.document.selection), step)
        self.is_pasting = False

    def duplicate(self) -> None:
        """Add the selected layers once more."""
        self.pasting.duplicate()
        self.reveal(self.canvas.content_rect(self.document.selection or None))

    def select_all(self) -> None:
        """Select every layer."""
        self.choosing.all()

    def zoom_in(self) -> None:
        """Show less, larger."""
        self.zoom_to(self.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Show more, smaller."""
        self.zoom_to(self.zoom / ZOOM_STEP)

    def zoom_to_100(self) -> None:
        """Show everything in its own size."""
        self.zoom_to(1.0)

    def fit_all(self) -> None:
        """Show the whole drawing, below the chips where they would cover a card."""
        content = self.canvas.content_rect()
        self.show_rect(content)
        if self.overlays.covers_cards():
            self.show_rect(content, above_px=_BELOW_CHIPS_PX)

    def fit_selection(self) -> None:
        """Show the selected layers; the whole drawing where none is."""
        chosen = self.document.selection
        self.show_rect(self.canvas.content_rect(chosen or None))

    def arrange(self) -> None:
        """Put every card where the layout wants it, gliding there."""
        self.arranging.arrange()

    def set_motion(self, *, moves: bool) -> None:
        """Let cards glide to their places, or put them there at once."""
        self.arranging.moves = moves

    def add_layer(self, kind: str, params: Mapping[str, object] | None = None) -> None:
        """Add a layer behind the selected one, else in the middle of the view."""
        spot = Spot(source=self.editing.source_of_selection())
        block = block_of(kind, self.document) if is_block(kind) else None
        if block is not None:
            self.adding.add_block(block, spot)
        elif not is_block(kind):
            self.adding.add(kind, dict(params or {}), spot)

    def rename_selected(self) -> None:
        """Edit the name of the selected layer or frame where it stands."""
        chosen, frame = self.document.selection, self.framing.selected()
        if len(chosen) == 1:
            self.open_title(next(iter(chosen)))
        elif frame is not None:
            self.open_frame_title(frame.id)

    def toggle_bypass(self) -> None:
        """Let the selected layers pass their input through, or compute again."""
        if not self.editing.toggle_bypass():
            self.tell(self.tr("Select the layers that are to pass their input through"))

    def toggle_freeze(self) -> None:
        """Keep the weights of the selected layers, or let them train again."""
        if not self.editing.toggle_freeze():
            self.tell(self.tr("Select the layers whose weights are to stay as they are"))

    def split_activation(self) -> None:
        """Make the fused activations of the selected layers layers of their own."""
        if not self.editing.split_activations():
            self.tell("Select a layer with an activation, such as Conv2d with ReLU")

    def open_quick_add(self) -> None:
        """Open the list of layers below the selected one, on the selected wire, or here."""
        link, source = self.document.selected_link, self.editing.source_of_selection()
        if link is not None:
            self.ask_for_layer(self.pointer_or_centre(), link=link)
        elif source is not None:
            self.ask_for_layer(self._below_card(source.node), source=source)
        else:
            self.ask_for_layer(self.pointer_or_centre())

    def insert_on_wire(self) -> None:
        """Open the list of layers that can stand in the selected wire."""
        if self.document.selected_link is None:
            self.tell("Select the wire that the layer is to stand in")
        else:
            self.open_quick_add()

    def add_bend(self) -> None:
        """Lead the selected wire through one more point, in its middle."""
        link = self.document.selected_link
        if link is None:
            self.tell("Select the wire that is to bend")
            return
        middle = self.canvas.wires[link].path().pointAtPercent(0.5)
        number = new_bend(self.canvas, link, middle).number
        self.editing.add_bend(link, number, (middle.x(), middle.y()))

    def replace_selected(self) -> None:
        """Open the list of layers that could take the place of the selected one."""
        chosen = self.document.selection
        if len(chosen) == 1:
            (node,) = chosen
            self.bring_into_view(node)
            self.adding.ask(self._below_card(node), Spot(instead_of=node))

    def toggle_values(self) -> None:
        """Write values beside the selected wire, or those of the selected layers, else all."""
        document = self.document
        link, chosen = document.selected_link, document.selection
        links = document.graph.links if chosen else ()
        ends = {one.source for one in links if one.source.node in chosen}
        if link is not None:
            ends = {link.source}
        self.toggle_ranges(ends or None)

    def open_output_name(self, end: End) -> None:
        """Let what leaves an output be named."""
        raise NotImplementedError

    def name_output(self) -> None:
        """Ask for the name of what the selected wire carries, or leaves the selected layer."""
        document = self.document
        link, chosen = document.selected_link, tuple(document.selection)
        places = self.canvas.nodes[chosen[0]].facts.outputs if len(chosen) == 1 else ()
        if link is not None:
            self.open_output_name(link.source)
        elif places:
            self.open_output_name(End(chosen[0], places[0].name))
        else:
            self.tell(self.tr("Select a wire or a layer to name what it gives"))

    def toggle_ranges(self, ends: Collection[End] | None) -> None:
        """Write the values of some outputs beside their wires, or of all for None, or no longer."""
        known = self.canvas.ranges
        if known and (ends is None or not known.keys().isdisjoint(ends)):
            self.canvas.toggle_ranges(ends)
        else:
            self.tell(self.tr("Train, or open a run: values are known once a layer was looked at"))

    def toggle_minimap(self) -> None:
        """Hide the minimap, or show it again."""
        self.overlays.minimap_wanted = not self.overlays.minimap_wanted
        self.overlays.follow_drawing()

    def _below_card(self, node: NodeId) -> QPointF:
        item = self.canvas.nodes[node]
        corner = QPointF(item.x() - CARD[0] / 2, item.y() + item.facts.height + 12)
        return self.viewportTransform().map(corner)
