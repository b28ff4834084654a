"""The canvas: shows the open document and lets a person edit it by pointer and keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from app.canvas.accessible import make_readable, tell_focus
from app.canvas.actions import CanvasAction, canvas_actions
from app.canvas.adding import Adding, Spot
from app.canvas.arranging import Arranging
from app.canvas.choosing import Choosing
from app.canvas.command_view import CommandView
from app.canvas.composing import Composing
from app.canvas.connecting import Connecting
from app.canvas.dropping import LibraryDrop, kind_in
from app.canvas.fix_preview import FixPreview
from app.canvas.framing import Framing
from app.canvas.geometry import Point
from app.canvas.hits import Hit
from app.canvas.keys import act_on_key
from app.canvas.levels import Levels
from app.canvas.menus import place_of, port_menu
from app.canvas.overlays import Overlays
from app.canvas.renaming import Renaming
from app.canvas.scene import CanvasScene
from app.canvas.style import style_of
from app.canvas.tips import tip_of
from app.canvas.wire_looks import SHOWN, Range
from app.canvas.words import spoken, spoken_wire
from app.document import Document
from app.theme import ThemeManager
from engine.analysis.report import Fix, Problem
from engine.graph.elements import End, Link, NodeId, NodePath, path_told

if TYPE_CHECKING:
    from app.canvas.heat import CardHeat
    from app.canvas.heat_legend import LegendWords
    from app.previews import Preview

_HELD_KEYS = (
    Qt.Key.Key_Escape,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Meta,
)
"""Keys that leave cards where the pointer carries them."""


class CanvasView(CommandView):
    """Cards and wires of the open document; every change goes through the document."""

    status = Signal(str)
    """Something a person should know, for the status bar."""

    blocks_changed = Signal()
    """A block was saved."""

    code_requested = Signal(str)
    """The code of a layer of one's own is wanted: its name."""

    parameters_requested = Signal()
    """The parameters of the selected layer are to be edited."""

    quick_help_requested = Signal(str)
    """The person asks what a kind of layer does."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        now = theme.theme
        super().__init__(document, CanvasScene(document, style_of(now.name)), now, parent)
        self._manager = theme
        self._menus: Mapping[str, QMenu] = {}
        self._drop = LibraryDrop(self)
        self._renaming = Renaming(self)
        self._tab_adds = True
        self.adding = Adding(self)
        self.adding.code_requested.connect(self.code_requested)
        self.connecting = Connecting(self)
        self.arranging = Arranging(self)
        self.choosing = Choosing(document)
        self.framing = Framing(self)
        self.composing = Composing(self)
        self.overlays = Overlays(self)
        self.preview = FixPreview(self)
        self.levels = Levels(self)
        self._actions = canvas_actions(self)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Canvas"))
        self._introduce()
        make_readable(self)
        self._speak()

    def _introduce(self) -> None:
        document, overlays = self.document, self.overlays
        document.problem_raised.connect(self._on_problem_raised)
        document.report_changed.connect(overlays.follow_problems)
        document.selection_changed.connect(self._speak)
        document.changed.connect(self._speak)
        overlays.card.fix_chosen.connect(self._on_fix_chosen)
        overlays.card.code_requested.connect(self.code_requested)
        overlays.card.fix_pointed_at.connect(self.preview.show_on_level)
        overlays.card.closed.connect(self._on_card_closed)
        overlays.trail.chosen.connect(self.levels.go_to)
        overlays.zoom.zoomed_in.connect(self.zoom_in)
        overlays.zoom.zoomed_out.connect(self.zoom_out)
        overlays.zoom.fitted.connect(self.fit_all)
        overlays.zoom.arranged.connect(self.arrange)
        self.adding.list.help_requested.connect(self.quick_help_requested)
        self._manager.changed.connect(self._on_theme_changed)

    # What the window asks for.

    def own_actions(self) -> list[CanvasAction]:
        """Return what can be asked for by menu and key beyond the methods below."""
        return self._actions

    def set_tab(self, *, adds: bool) -> None:
        """Let Tab open the list of layers, or move the focus on."""
        self._tab_adds = adds

    def show_problem(self, problem: Problem) -> None:
        """Explain a problem beside its card; never takes the focus."""
        if problem.node is not None and problem.node in self.canvas.nodes:
            self.bring_into_view(problem.node)
        self.overlays.show_problem(problem)

    def go_to_problem(self, problem: Problem) -> None:
        """Go where a problem of the whole drawing is, and explain it there."""
        path = problem.path
        self.document.reveal(path)
        inside = self.document.report.of_node(path[-1]) if len(path) > 1 else ()
        self.show_problem(next((p for p in inside if p.code == problem.code), problem))

    def centre_on(self, node_id: NodeId) -> None:
        """Bring a card to the middle, at a zoom at which it can be read."""
        item = self.canvas.nodes.get(node_id)
        if item is not None:
            if self.level() == "far":
                self.zoom_to(1.0)
            self.centre_rect(item.far_rect())

    def open_or_centre(self, node: NodeId) -> None:
        """Go into a composite; bring any other card to the middle.

        Args:
            node: Its path in the whole drawing as one id.
        """
        *around, last = path_told(node)
        self.document.show_level(tuple(around))
        if last in self.canvas.nodes and not self.levels.open(last):
            self.centre_on(last)

    def centre_and_select(self, path: NodePath) -> None:
        """Go to a card: select it in the middle of the view, with the keyboard on the canvas."""
        self.document.reveal(path)
        if path[-1] in self.canvas.nodes:
            self.centre_on(path[-1])
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def visible_nodes(self) -> tuple[NodeId, ...]:
        """Return the nodes on screen that are large enough to show what they put out."""
        return () if self.level() == "far" else self.seen_nodes()

    def set_previews(self, previews: Mapping[NodeId, Preview], *, stale: bool = False) -> None:
        """Show what layers put out; ``stale`` fades it until new values come."""
        self.canvas.set_previews(previews, stale=stale)

    def set_ranges(self, ranges: Mapping[End, Range]) -> None:
        """Know between which values outputs lay when they were looked at last."""
        self.canvas.set_ranges(ranges)

    def set_wire_notes(self, notes: Mapping[End, str]) -> None:
        """Write values in the place of shapes beside the wires of some outputs."""
        self.canvas.set_wire_notes(notes)

    def write_shapes(self, shown: str) -> None:
        """Write ``all`` shapes beside wires, those on ``change``, or none for ``off``."""
        kept = next((one for one in SHOWN if one == shown), SHOWN[0])
        self.canvas.write_shapes(replace(self.canvas.shape_words, shown=kept))

    def write_batch(self, *, shown: bool) -> None:
        """Let shapes begin with the number of samples."""
        self.canvas.write_shapes(replace(self.canvas.shape_words, with_batch=shown))

    def hide_ports(self, *, hidden: bool) -> None:
        """Leave unused ports that nothing is missed without out of sight, or show them."""
        self.canvas.hide_spare_ports(hidden=hidden)

    def show_heat(self, heats: Mapping[NodeId, CardHeat], words: LegendWords | None) -> None:
        """Colour cards by a figure of each, with a legend; neither for no words."""
        self.canvas.set_heat(heats)
        self.overlays.show_legend(words)

    def set_samples(self, samples: Sequence[QImage]) -> None:
        """Show three samples on the data's card."""
        self.canvas.set_samples(samples)

    def set_live(self, state: str, note: str = "", tip: str = "") -> None:
        """Show the chip of live previews: ``live``, ``paused``, other words, or nothing."""
        self.overlays.show_live(state, note, tip)

    def set_menus(self, menus: Mapping[str, QMenu]) -> None:
        """Use these context menus, by the places that ``menus.PLACES`` names."""
        self._menus = menus

    def tell(self, text: str) -> None:
        """Show a sentence over the canvas for some seconds."""
        self.overlays.notice.say(text)
        self.overlays.place()
        self.status.emit(text)

    # What the pointer leads to.

    def ask_for_layer(
        self,
        place: QPointF,
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: Point | None = None,
    ) -> None:
        """Open the list of layers at a place of the view."""
        self.adding.ask(place, Spot(source, target, link, at))

    def open_badge(self, node: NodeId) -> None:
        """Explain the first problem of a card."""
        for problem in self.document.problems_of(node)[:1]:
            self.show_problem(problem)

    def open_title(self, node: NodeId) -> None:
        """Let a card be renamed."""
        if self.level() == "far":
            self.centre_on(node)
        self._renaming.start(node)

    def open_node(self, node: NodeId, *, on_detail: bool = False) -> None:
        """Go into a composite; of any other card edit the name, or the parameters."""
        if self.levels.open(node):
            return
        if on_detail:
            self.parameters_requested.emit()
        else:
            self.open_title(node)

    def open_composite_name(self, node: NodeId) -> None:
        """Let the composite of a card be named."""
        self._renaming.start_composite(node)

    def open_output_name(self, end: End) -> None:
        """Let what leaves an output be named; fields of the data have their names already."""
        if self.canvas.nodes[end.node].facts.role == "layer":
            self._renaming.start_output(end)
        else:
            self.tell(self.tr("A field of the data keeps the name that it has there"))

    def open_repeat(self, node: NodeId) -> None:
        """Let a person say how often the selected layers stand in a row."""
        self._renaming.start_repeat(node)

    def dissolve(self) -> None:
        """Take the selected composites apart, else the frames around the selection away."""
        if not self.composing.dissolve():
            self.framing.dissolve()

    def keep_on_shelf(self, nodes: Collection[NodeId]) -> None:
        """Keep layers in the library as a block."""
        self.composing.keep(nodes)

    def toggle_fold(self, frame_id: str) -> None:
        """Fold a frame to a bar, or show its cards again."""
        self.framing.toggle_fold([frame_id])

    def open_frame_title(self, frame: str) -> None:
        """Let a frame be renamed."""
        self._renaming.start_frame(frame)

    def cancel(self) -> bool:
        """Cancel what is under way: a drag, a tip, the card, the selection; then go up a level."""
        if self.cancel_gesture():
            return True
        if QToolTip.isVisible():
            QToolTip.hideText()
            return True
        if self.overlays.card.problem is not None:
            self.overlays.card.dismiss()
            return True
        if self.document.selection or self.document.selected_link:
            self.document.select(())
            return True
        return self.levels.leave()

    def open_activations(self, node: NodeId) -> None:
        """Offer other activations in a menu below the card."""
        menu = QMenu(self)
        for name in self.editing.activations_of(node):
            action = menu.addAction(name)
            action.triggered.connect(
                lambda _checked=False, name=name: self.editing.set_activation(node, name)
            )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = self.canvas.nodes[node]
        menu.popup(self.viewport().mapToGlobal(self.view_rect(item.far_rect()).bottomLeft()))

    def open_menu(self, hit: Hit, place: QPoint) -> None:
        """Select what was hit and open its menu."""
        menu = self._menus.get(place_of(self, hit))
        if hit.kind == "port":
            menu = port_menu(self, hit)
        if menu is not None:
            menu.popup(self.viewport().mapToGlobal(place))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self.arranging.settle()
        super().mousePressEvent(event)

    # Keys.

    def event(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.type() == QEvent.Type.ShortcutOverride and self._keeps(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.key() == Qt.Key.Key_Tab and plain and self._tab_adds:
                self.open_quick_add()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if self.connecting.letters.is_shown:
            self.connecting.take(event.text())
            return
        if self.gesture is not None and event.key() in self.gesture.keys:
            self.gesture.take_key(event.key())
            return
        if event.key() not in _HELD_KEYS:
            self.put_down()
        if not act_on_key(self, event):
            event.ignore()

    def _keeps(self, event: QKeyEvent) -> bool:
        """Whether a key is for letters that are shown, or for the drag that is under way."""
        if self.connecting.letters.is_shown:
            return True
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        return self.gesture is not None and plain and event.key() in self.gesture.keys

    # Dragging from the library.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt override
        kind = kind_in(event.mimeData(), self.document)
        if kind:
            self._drop.enter(kind)
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt override
        self._drop.move(self.scene_point(event.position()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt override
        self._drop.leave()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt override
        self._drop.drop(self.scene_point(event.position()))
        event.acceptProposedAction()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # Painting and size.

    def drawForeground(  # noqa: N802 - Qt override
        self, painter: QPainter, rect: QRectF | QRect
    ) -> None:
        del rect
        if self.gesture is not None:
            self.gesture.paint(painter)
        self._drop.paint(painter)
        self.connecting.letters.paint(painter, self.style_now(), self.zoom)
        self.preview.paint(painter)
        self.overlays.paint_lead(painter)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.canvas.hit(self.scene_point(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), tip_of(self.canvas, hit), self.viewport())
            return True
        return super().viewportEvent(event)

    # What happens.

    def _on_problem_raised(self, problem: Problem) -> None:
        # Of cards that are not yet put down the badge says enough.
        if not self.carries and not self.is_pasting:
            self.show_problem(problem)

    def _on_theme_changed(self) -> None:
        theme = self._manager.theme
        self.canvas.set_style(style_of(theme.name))
        self.set_theme(theme)
        self.overlays.minimap.outdate()
        self.overlays.place()

    def _speak(self) -> None:
        graph, chosen = self.document.graph, self.document.selection
        if len(chosen) == 1:
            text = spoken(self.document, next(iter(chosen)))
            tell_focus(self, next(iter(chosen)))
        elif self.document.selected_link is not None:
            text = spoken_wire(self.document, self.document.selected_link)
        else:
            text = f"{len(graph.nodes)} layers, {len(chosen)} selected"
        self.setAccessibleDescription(text)

    def _on_fix_chosen(self, fix: Fix) -> None:
        self.preview.clear()
        self.overlays.card.dismiss()
        self.editing.apply(fix)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_card_closed(self) -> None:
        if self.isAncestorOf(QApplication.focusWidget() or self.window()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
