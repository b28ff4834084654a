"""The canvas: shows the open document and lets a person edit it by pointer and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QStyle, QToolTip, QWidget

from app.canvas.dropping import LibraryDrop, kind_in
from app.canvas.editing import Editing
from app.canvas.gestures.box import BoxGesture
from app.canvas.gestures.connect import ConnectGesture
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.gestures.move import MoveGesture
from app.canvas.gestures.pan import PanGesture
from app.canvas.growing import can_stand_between, input_ports, output_names
from app.canvas.hits import NOTHING, Hit
from app.canvas.items import WireItem
from app.canvas.keys import act_on_key
from app.canvas.menus import make_menu
from app.canvas.overlays import Overlays
from app.canvas.quick_add import QuickAdd
from app.canvas.scene import CanvasScene
from app.canvas.style import Style, style_of
from app.canvas.title_field import TitleField
from app.canvas.walking import Direction, first_node, neighbour
from app.canvas.words import spoken
from app.canvas.zoom_view import ZOOM_STEP, ZoomView
from app.document import Document
from app.theme import ThemeManager
from engine.analysis.report import Fix, Problem
from engine.analysis.verdict import Prediction
from engine.graph.elements import End, Link, NodeId
from engine.graph.layout import CARD
from nodes.catalogue import LAYERS

if TYPE_CHECKING:
    from app.previews import Preview

_BORDER_PX = 24
_AUTO_PAN_MS = 16
_AUTO_PAN_PX = 12


class CanvasView(ZoomView):
    """Cards and wires of the open document; every change goes through the document."""

    status = Signal(str)
    """Something a person should know, for the status bar."""

    quick_help_requested = Signal(str)
    """The person asks what a kind of layer does."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        self.document = document
        self._manager = theme
        super().__init__(CanvasScene(document, style_of(theme.theme.name)), theme.theme, parent)
        self.editing = Editing(document)
        self._press: tuple[Hit, Pointer, Qt.MouseButton] | None = None
        self._gesture: Gesture | None = None
        self._pointer = QPointF()
        self._space_held = False
        self._current: NodeId | None = None
        self._menus: dict[str, QMenu] = {}
        self._adding: dict[str, object] = {}
        self._glide: QVariantAnimation | None = None
        self._drop = LibraryDrop(self)
        self.overlays = Overlays(self)
        self.quick_add = QuickAdd(self)
        self._title_field = TitleField(self)
        self._renaming: NodeId | None = None
        self._auto_pan = QTimer(self)
        self._auto_pan.setInterval(_AUTO_PAN_MS)
        self._auto_pan.timeout.connect(self._on_auto_pan)
        self._make_ready()
        self._introduce()

    def _make_ready(self) -> None:
        self.viewport().setMouseTracking(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Canvas"))
        self._speak()

    def _introduce(self) -> None:
        document, overlays = self.document, self.overlays
        document.problem_raised.connect(self.show_problem)
        document.report_changed.connect(overlays.follow_problems)
        document.selection_changed.connect(self._on_selection_changed)
        document.changed.connect(self._on_changed)
        overlays.card.fix_chosen.connect(self._on_fix_chosen)
        overlays.card.closed.connect(self._on_card_closed)
        overlays.zoom.zoomed_in.connect(self.zoom_in)
        overlays.zoom.zoomed_out.connect(self.zoom_out)
        overlays.zoom.fitted.connect(self.fit_all)
        overlays.zoom.arranged.connect(self.arrange)
        self.quick_add.chosen.connect(self._on_layer_chosen)
        self.quick_add.closed.connect(self.setFocus)
        self.quick_add.help_requested.connect(self.quick_help_requested)
        self._title_field.accepted.connect(self._on_renamed)
        self._title_field.ended.connect(self.setFocus)
        self._manager.changed.connect(self._on_theme_changed)

    # What the window asks for.

    def delete_selected(self) -> None:
        """Delete the selected layers or wire."""
        self.editing.delete()

    def delete_and_rejoin(self) -> None:
        """Delete the selected layers and join their neighbours."""
        self.editing.delete_and_rejoin()

    def copy(self) -> None:
        """Copy the selected layers as text."""
        self.editing.copy()

    def cut(self) -> None:
        """Copy the selected layers and delete them."""
        self.editing.cut()

    def paste(self) -> None:
        """Paste layers at the pointer, or in the middle where it is elsewhere."""
        at = self.scene_point(self._pointer_or_centre())
        self.editing.paste((round(at.x() - CARD[0] / 2, -1), round(at.y() - CARD[1] / 2, -1)))

    def duplicate(self) -> None:
        """Add the selected layers once more."""
        self.editing.duplicate()

    def select_all(self) -> None:
        """Select every layer."""
        self.document.select(self.document.graph.nodes)

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
        """Show the whole drawing."""
        self.show_rect(self.canvas.content_rect())

    def fit_selection(self) -> None:
        """Show the selected layers; the whole drawing where none is."""
        chosen = self.document.selection
        self.show_rect(self.canvas.content_rect(chosen or None))

    def arrange(self) -> None:
        """Put every card where the layout wants it, gliding there."""
        before = {node: item.pos() for node, item in self.canvas.nodes.items()}
        self.editing.arrange()
        self._start_glide(before)

    def add_layer(self, kind: str, params: Mapping[str, object] | None = None) -> None:
        """Add a layer behind the selected one, else in the middle of the view."""
        self._add(kind, dict(params or {}), source=self.editing.source_of_selection())

    def rename_selected(self) -> None:
        """Edit the name of the selected layer on its card."""
        chosen = self.document.selection
        if len(chosen) == 1:
            self._start_rename(next(iter(chosen)))

    def toggle_bypass(self) -> None:
        """Let the selected layers pass their input through, or compute again."""
        self.editing.toggle_bypass()

    def toggle_freeze(self) -> None:
        """Keep the weights of the selected layers, or let them train again."""
        self.editing.toggle_freeze()

    def open_quick_add(self) -> None:
        """Open the list of layers below the selected one, on the selected wire, or here."""
        link, source = self.document.selected_link, self.editing.source_of_selection()
        if link is not None:
            self._open_quick_add(self._pointer_or_centre(), link=link)
        elif source is not None:
            item = self.canvas.nodes[source.node]
            below = self.viewportTransform().map(
                QPointF(item.x() - CARD[0] / 2, item.y() + item.facts.height + 12)
            )
            self._open_quick_add(below, source=source)
        else:
            self._open_quick_add(self._pointer_or_centre())

    def show_problem(self, problem: Problem) -> None:
        """Explain a problem beside its card; never takes the focus."""
        if problem.node is not None and problem.node in self.canvas.nodes:
            self._bring_into_view(problem.node)
        self.overlays.show_problem(problem)

    def centre_on(self, node_id: NodeId) -> None:
        """Bring a card to the middle, at a zoom at which it can be read."""
        item = self.canvas.nodes.get(node_id)
        if item is not None:
            if self.level() == "far":
                self.zoom_to(1.0)
            self.centre_rect(item.far_rect())

    def visible_nodes(self) -> tuple[NodeId, ...]:
        """Return the nodes on screen that are large enough to show what they put out."""
        return () if self.level() == "far" else self.seen_nodes()

    def set_previews(self, previews: Mapping[NodeId, Preview], *, stale: bool = False) -> None:
        """Show what layers put out; ``stale`` fades it until new values come."""
        self.canvas.set_previews(previews, stale=stale)

    def set_samples(self, samples: Sequence[QImage]) -> None:
        """Show three samples on the data's card."""
        self.canvas.set_samples(samples)

    def set_live(self, state: str) -> None:
        """Show the chip of live previews: ``live``, ``paused``, other words, or nothing."""
        self.overlays.show_live(state)

    def set_menus(self, node: QMenu, canvas: QMenu, wire: QMenu | None = None) -> None:
        """Use these context menus."""
        self._menus = {"node": node, "canvas": canvas}
        if wire is not None:
            self._menus["wire"] = wire

    def tell(self, text: str) -> None:
        """Show a sentence over the canvas for some seconds."""
        self.overlays.notice.say(text)
        self.overlays.place()
        self.status.emit(text)

    def toggle_minimap(self) -> None:
        """Hide the minimap, or show it again."""
        self.overlays.minimap_wanted = not self.overlays.minimap_wanted
        self.overlays.follow_drawing()

    # What gestures and parts of the canvas ask for.

    def style_now(self) -> Style:
        """Return what is painted with."""
        return self.canvas.shared.style

    def touch(self, area: QRectF) -> None:
        """Repaint a part of the canvas."""
        if not area.isNull():
            self.viewport().update(self.view_rect(area).adjusted(-3, -3, 3, 3))

    def wire_below(self, node: NodeId) -> WireItem | None:
        """Return the wire that the middle of a card lies on."""
        item = self.canvas.nodes[node]
        middle = QPointF(item.x(), item.y() + item.facts.height / 2)
        for found in self.canvas.near(QRectF(middle, QSize(1, 1)).adjusted(-6, -6, 6, 6)):
            if isinstance(found, WireItem) and found.is_near(middle, self.zoom):
                return found
        return None

    def add_at_loose_end(self, fixed: End, pointer: Pointer, *, from_output: bool) -> None:
        """Ask for a layer for a wire that was dropped on empty canvas."""
        at = (round(pointer.at.x() - CARD[0] / 2, -1), round(pointer.at.y(), -1))
        if not from_output:
            at = (at[0], at[1] - CARD[1])
        key = "source" if from_output else "target"
        self._open_quick_add(pointer.in_view, at=at, **{key: fixed})

    def walk(self, direction: Direction, *, extend: bool = False) -> None:
        """Select the neighbour of the current layer."""
        graph = self.document.graph
        current = self._current if self._current in graph.nodes else None
        if current is None or not self.document.selection:
            found = current or next(iter(self.document.selection), None) or first_node(graph)
        else:
            found = neighbour(graph, current, direction)
        if found is None:
            return
        kept = self.document.selection if extend else frozenset[NodeId]()
        self._current = found
        self.document.select(kept | {found})
        self._bring_into_view(found)

    def cancel(self) -> bool:
        """Cancel what is under way: a drag, a pop-up, the selection, in this order."""
        if self._gesture is not None:
            self._end_gesture(None)
            return True
        if self.overlays.card.problem is not None:
            self.overlays.card.dismiss()
            return True
        if self.document.selection or self.document.selected_link:
            self.document.select(())
            return True
        return False

    def hold_space(self, *, held: bool) -> None:
        """Let the left button move the canvas while Space is held."""
        self._space_held = held
        if self._gesture is None:
            self._show_cursor(self.canvas.hit(self.scene_point(self._pointer)))

    # Pointer.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._gesture is not None or self._press is not None:
            return
        pointer = self._pointer_of(event)
        self._press = (self.canvas.hit(pointer.at), pointer, event.button())
        self.editing.end_nudge()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        pointer = self._pointer_of(event)
        self._pointer = pointer.in_view
        if self._press is None:
            self._hover(self.canvas.hit(pointer.at))
            return
        if self._gesture is None and self._has_moved(pointer):
            self._start_gesture(*self._press)
        if self._gesture is not None:
            self._gesture.move(pointer)
            self._watch_border()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if self._press is None or event.button() != self._press[2]:
            return
        pointer = self._pointer_of(event)
        hit, start, button = self._press
        if self._gesture is not None:
            self._gesture.move(pointer)
            self._end_gesture(pointer)
        else:
            self._press = None
            self._click(hit, start, button)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)
            return
        pointer = self._pointer_of(event)
        hit = self.canvas.hit(pointer.at)
        if hit.kind == "nothing":
            at = (round(pointer.at.x() - CARD[0] / 2, -1), round(pointer.at.y(), -1))
            self._open_quick_add(pointer.in_view, at=at)
        elif hit.kind == "wire" and hit.link is not None:
            self._open_quick_add(pointer.in_view, link=hit.link)
        elif hit.kind == "node" and hit.node is not None:
            self._start_rename(hit.node)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        # By mouse the menu opens at release, where the canvas was not moved.
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            chosen = next(iter(self.document.selection), None)
            place = self.viewport().rect().center()
            if chosen is not None:
                place = self.view_rect(self.canvas.nodes[chosen].far_rect()).center()
            self._open_menu(Hit("node", chosen) if chosen else NOTHING, place)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().leaveEvent(event)
        if self._gesture is None:
            self.canvas.hover(None)

    def _pointer_of(self, event: QMouseEvent) -> Pointer:
        held = event.modifiers()
        return Pointer(
            self.scene_point(event.position()),
            event.position(),
            shift=bool(held & Qt.KeyboardModifier.ShiftModifier),
            control=bool(held & Qt.KeyboardModifier.ControlModifier),
            alt=bool(held & Qt.KeyboardModifier.AltModifier),
        )

    def _has_moved(self, pointer: Pointer) -> bool:
        assert self._press is not None, "asked only while a button is held"
        offset = pointer.in_view - self._press[1].in_view
        return offset.manhattanLength() >= min(6, QApplication.startDragDistance())

    def _start_gesture(self, hit: Hit, start: Pointer, button: Qt.MouseButton) -> None:
        self.canvas.hover(None)
        QToolTip.hideText()
        self._gesture = self._gesture_for(hit, start, button)
        if self._gesture is not None and self._gesture.cursor is not None:
            self.viewport().setCursor(self._gesture.cursor)

    def _gesture_for(self, hit: Hit, start: Pointer, button: Qt.MouseButton) -> Gesture | None:
        if button != Qt.MouseButton.LeftButton or self._space_held:
            return PanGesture(self, start)
        if hit.kind == "port":
            return self._connecting(hit, start)
        if hit.node is not None:
            if hit.node not in self.document.selection:
                kept = self.document.selection if start.shift or start.control else frozenset()
                self._current = hit.node
                self.document.select(kept | {hit.node})
            return MoveGesture(self, start, hit.node, self.document.selection)
        if hit.kind == "frame":
            members = self._members(hit.frame)
            self.document.select(members)
            return MoveGesture(self, start, members[0], members)
        return BoxGesture(self, start)

    def _connecting(self, hit: Hit, start: Pointer) -> Gesture:
        assert hit.node is not None and hit.port is not None and hit.end is not None, "a port"
        item, place = self.canvas.nodes[hit.node], hit.port
        if place.is_input and place.link is not None:
            before = self.canvas.ends_of(place.link).source
            return ConnectGesture(
                self,
                start,
                place.link.source,
                from_output=True,
                anchor=QPointF(*before),
                pulled=place.link,
            )
        y = item.y() if place.is_input else item.y() + item.facts.height
        anchor = QPointF(item.x() + place.offset, y)
        return ConnectGesture(self, start, hit.end, from_output=not place.is_input, anchor=anchor)

    def _end_gesture(self, pointer: Pointer | None) -> None:
        gesture = self._gesture
        self._gesture = self._press = None
        self._auto_pan.stop()
        self.viewport().unsetCursor()
        if gesture is None:
            return
        if pointer is None:
            gesture.cancel()
        else:
            gesture.release(pointer)

    def _click(self, hit: Hit, pointer: Pointer, button: Qt.MouseButton) -> None:
        if button == Qt.MouseButton.RightButton:
            self._open_menu(hit, pointer.in_view.toPoint())
            return
        if button != Qt.MouseButton.LeftButton or self._space_held:
            return
        if hit.node is not None:
            self._click_node(hit, pointer)
        elif hit.link is not None:
            self._current = None
            self.document.select((), link=hit.link)
        elif hit.kind == "frame":
            self.document.select(self._members(hit.frame))
        elif not pointer.shift and not pointer.control:
            self.document.select(())

    def _click_node(self, hit: Hit, pointer: Pointer) -> None:
        assert hit.node is not None, "a card was hit"
        self._current = hit.node
        if pointer.shift or pointer.control:
            self.document.select(self.document.selection ^ {hit.node})
            return
        self.document.select([hit.node])
        if hit.kind == "badge":
            for problem in self.document.report.of_node(hit.node)[:1]:
                self.show_problem(problem)
        elif hit.kind == "activation":
            self._open_activations(hit.node)

    def _members(self, frame_id: str) -> list[NodeId]:
        frames = self.document.graph.frames
        return next(list(frame.nodes) for frame in frames if frame.id == frame_id)

    def _hover(self, hit: Hit) -> None:
        if hit.node is not None:
            self.canvas.hover(self.canvas.nodes[hit.node])
        elif hit.link is not None:
            self.canvas.hover(self.canvas.wires[hit.link])
        else:
            self.canvas.hover(None)
        self._show_cursor(hit)

    def _show_cursor(self, hit: Hit) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._space_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif hit.kind == "port":
            shape = Qt.CursorShape.CrossCursor
        elif hit.kind in ("badge", "activation"):
            shape = Qt.CursorShape.PointingHandCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _pointer_or_centre(self) -> QPointF:
        place = self.viewport().mapFromGlobal(QCursor.pos())
        rect = self.viewport().rect()
        return QPointF(place if rect.contains(place) else rect.center())

    def _watch_border(self) -> None:
        if self._gesture is not None and self._gesture.pans_at_border and self._push():
            self._auto_pan.start()
        else:
            self._auto_pan.stop()

    def _push(self) -> tuple[int, int] | None:
        """Return by how much the view goes on while the pointer is at its border."""
        inner = self.viewport().rect().adjusted(_BORDER_PX, _BORDER_PX, -_BORDER_PX, -_BORDER_PX)
        x, y = self._pointer.x(), self._pointer.y()
        dx = _AUTO_PAN_PX * ((x < inner.left()) - (x > inner.right()))
        dy = _AUTO_PAN_PX * ((y < inner.top()) - (y > inner.bottom()))
        return (dx, dy) if dx or dy else None

    def _on_auto_pan(self) -> None:
        push = self._push()
        if push is None or self._gesture is None:
            self._auto_pan.stop()
            return
        self.pan_by(*push)
        self._gesture.move(Pointer(self.scene_point(self._pointer), self._pointer))

    # Keys.

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.key() == Qt.Key.Key_Tab and plain:
                self.open_quick_add()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if not act_on_key(self, event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self.hold_space(held=False)
        elif event.key() == Qt.Key.Key_Alt:
            self.editing.end_nudge()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusInEvent(event)
        self._show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusOutEvent(event)
        self._space_held = False
        self._show_focus()

    def _show_focus(self) -> None:
        shown = self._current if self.hasFocus() else None
        self.canvas.focus_on(shown)

    # Dragging from the library.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt override
        kind = kind_in(event.mimeData())
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
        if self._gesture is not None:
            self._gesture.paint(painter)
        self._drop.paint(painter)
        self.overlays.paint_lead(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self.overlays.place()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.canvas.hit(self.scene_point(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), self._tip(hit), self.viewport())
            return True
        return super().viewportEvent(event)

    def _tip(self, hit: Hit) -> str:
        report = self.document.report
        if hit.link is not None:
            tensor = report.on_link(hit.link)
            if tensor is None:
                return self.tr("The shape is not known yet")
            return f"N×{tensor}, {tensor.dtype}" if tensor.sample else f"{tensor}, {tensor.dtype}"
        if hit.node is None:
            return ""
        if hit.kind == "badge":
            return "\n".join(problem.title for problem in report.of_node(hit.node))
        if hit.port is not None:
            return hit.port.name
        facts = self.canvas.nodes[hit.node].facts
        node = self.document.graph.nodes[hit.node]
        return f"{facts.title}\n{node.name}" if facts.title != node.name else facts.title

    # What happens.

    def _on_theme_changed(self) -> None:
        theme = self._manager.theme
        self.canvas.set_style(style_of(theme.name))
        self.set_theme(theme)
        self.overlays.minimap.outdate()

    def _on_changed(self) -> None:
        if self._gesture is not None:
            # Undo by key in the middle of a drag: the drag's ground has gone.
            self._end_gesture(None)
        self._speak()

    def _on_selection_changed(self) -> None:
        chosen = self.document.selection
        if len(chosen) == 1:
            self._current = next(iter(chosen))
        self._show_focus()
        self._speak()

    def _speak(self) -> None:
        graph, chosen = self.document.graph, self.document.selection
        if len(chosen) == 1:
            text = spoken(self.document, next(iter(chosen)))
        elif self.document.selected_link is not None:
            text = self.tr("A wire is selected")
        else:
            text = f"{len(graph.nodes)} layers, {len(chosen)} selected"
        self.setAccessibleDescription(text)

    def _on_fix_chosen(self, fix: Fix) -> None:
        self.overlays.card.dismiss()
        self.editing.apply(fix)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_card_closed(self) -> None:
        if self.isAncestorOf(QApplication.focusWidget() or self.window()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _bring_into_view(self, node: NodeId) -> None:
        rect = self.view_rect(self.canvas.nodes[node].far_rect())
        inner = self.viewport().rect().adjusted(24, 24, -24, -24)
        if inner.isEmpty() or inner.contains(rect):
            return
        dx = max(0, inner.left() - rect.left()) - max(0, rect.right() - inner.right())
        dy = max(0, inner.top() - rect.top()) - max(0, rect.bottom() - inner.bottom())
        self.pan_by(dx, dy)

    def _start_rename(self, node: NodeId) -> None:
        if self.level() == "far":
            self.centre_on(node)
        self._bring_into_view(node)
        item, found = self.canvas.nodes[node], self.document.graph.nodes[node]
        self._renaming = node
        card = self.view_rect(item.far_rect())
        self._title_field.setGeometry(
            card.left() + round(38 * self.zoom), card.top() + 4, max(140, card.width() // 2), 30
        )
        kind = LAYERS.get(found.kind)
        self._title_field.ask(item.facts.title, kind.info.title if kind else found.kind)

    def _on_renamed(self, title: str) -> None:
        node, self._renaming = self._renaming, None
        if node is None or node not in self.document.graph.nodes:
            return
        found = self.document.graph.nodes[node]
        kind = LAYERS.get(found.kind)
        plain = kind.info.title if kind else found.kind
        self.editing.rename(node, "" if title == plain and not found.title else title)

    def _open_activations(self, node: NodeId) -> None:
        menu = QMenu(self)
        for name in self.editing.activations_of(node):
            action = menu.addAction(name)
            action.triggered.connect(
                lambda _checked=False, name=name: self.editing.set_activation(node, name)
            )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = self.canvas.nodes[node]
        menu.popup(self.viewport().mapToGlobal(self.view_rect(item.far_rect()).bottomLeft()))

    def _open_menu(self, hit: Hit, place: QPoint) -> None:
        if hit.node is not None and hit.node not in self.document.selection:
            self.document.select([hit.node])
        if hit.link is not None:
            self.document.select((), link=hit.link)
        kind = "node" if hit.node is not None else "wire" if hit.link is not None else "canvas"
        menu = self._menus.get(kind) or make_menu(self, kind)
        menu.popup(self.viewport().mapToGlobal(place))

    # Adding layers.

    def _open_quick_add(
        self,
        place: QPointF,
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: tuple[float, float] | None = None,
    ) -> None:
        feeding = link.source if link is not None else source
        self._adding = {"source": source, "target": target, "link": link, "at": at}

        def predict(kind: str, params: dict[str, object]) -> Prediction:
            if target is not None:
                return Prediction(fits=bool(output_names(kind, params)), text="")
            if link is not None and not can_stand_between(kind, params):
                return Prediction(fits=False, text="")
            if feeding is not None and not input_ports(kind, params):
                return Prediction(fits=at is None and link is None, text="")
            return self.editing.predict(feeding, kind, params)

        dropped = at is not None and (source is not None or target is not None)
        self.quick_add.open(predict, only_fitting=dropped or link is not None)
        size = self.quick_add.sizeHint()
        x = min(place.x(), self.width() - size.width() - 8)
        y = min(place.y(), self.height() - size.height() - 8)
        self.quick_add.move(round(max(8.0, x)), round(max(8.0, y)))

    def _on_layer_chosen(self, kind: str, params: dict[str, object], mode: str) -> None:
        adding = self._adding
        if mode == "alone":
            adding = {"at": adding.get("at")}
        self._add(kind, params, **adding)  # type: ignore[arg-type]
        if mode == "more":
            self._adding = {"source": self.editing.source_of_selection()}

    def _add(
        self,
        kind: str,
        params: Mapping[str, object],
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: tuple[float, float] | None = None,
    ) -> None:
        keeps = at is not None and (source is not None or target is not None)
        if at is None:
            middle = self.seen_rect().center()
            at = (round(middle.x() - CARD[0] / 2, -1), round(middle.y() - CARD[1] / 2, -1))
        node = self.editing.add(
            kind, params, source=source, target=target, link=link, at=at, keeps_place=keeps
        )
        if node is not None:
            self._current = node
            self._bring_into_view(node)

    # Gliding.

    def _start_glide(self, before: Mapping[NodeId, QPointF]) -> None:
        """Let cards glide from where they were to where the document has them."""
        lasts = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        after = {node: item.pos() for node, item in self.canvas.nodes.items() if node in before}
        moved = {node for node, place in after.items() if place != before[node]}
        if not lasts or not moved or not self.isVisible():
            return
        if self._glide is not None:
            self._glide.stop()
        self._glide = QVariantAnimation(self)
        self._glide.setDuration(self.style_now().theme.motion_ms.arrange)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self.canvas.begin_shift(moved)

        def show(share: float) -> None:
            if share >= 1.0:
                self.canvas.settle()
                return
            eased = 1 - (1 - share) ** 3
            places = {node: before[node] + (after[node] - before[node]) * eased for node in moved}
            self.canvas.glide(places)

        self._glide.valueChanged.connect(show)
        self._glide.start()
