"""A view in which cards are dragged, selected and connected by pointer, and walked by keys.

Every drag is a gesture of its own; this only decides which one begins, and tells it what the
pointer does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QCursor, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.canvas.editing import Editing
from app.canvas.geometry import Point
from app.canvas.gestures.beginning import gesture_for
from app.canvas.gestures.bend import bend_at, new_bend
from app.canvas.gestures.cut import CutGesture
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.gestures.pan import PanGesture
from app.canvas.gestures.place import PlaceGesture
from app.canvas.hits import NOTHING, Hit
from app.canvas.items import WireItem
from app.canvas.pasting import Pasting
from app.canvas.scene import CanvasScene
from app.canvas.style import Style
from app.canvas.walker import Walker
from app.canvas.zoom_view import ZoomView
from app.document import Document
from app.theme import Theme
from engine.graph.cards import CARD
from engine.graph.elements import End, Link, NodeId

_BORDER_PX = 24
_AUTO_PAN_MS = 16
_AUTO_PAN_PX = 12


class Shelf(Protocol):
    """What cards can be dragged onto, to be kept there."""

    def takes(self, place: QPoint) -> bool:
        """Whether it lies at a place of the screen."""
        ...

    def light(self, *, lit: bool) -> None:
        """Show that it would take what is held over it."""
        ...


class PointerView(ZoomView):
    """Turns the pointer and the arrow keys into gestures and selections."""

    cards_came = Signal()
    """Cards that followed the pointer stand where they are to stay, or were taken back."""

    def __init__(
        self, document: Document, scene: CanvasScene, theme: Theme, parent: QWidget | None
    ) -> None:
        self.document = document
        self.editing = Editing(document)
        self.pasting = Pasting(document)
        self.gesture: Gesture | None = None
        self._press: tuple[Hit, Pointer, Qt.MouseButton] | None = None
        self._carries = False
        self._pointer = QPointF()
        self._space_held = False
        super().__init__(scene, theme, parent)
        self._shelf: Shelf | None = None
        self._auto_pan = QTimer(self)
        self._auto_pan.setInterval(_AUTO_PAN_MS)
        self._auto_pan.timeout.connect(self._on_auto_pan)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.walker = Walker(self)
        document.changed.connect(self._on_drawing_changed)
        self.scrolled.connect(scene.shifting.see)

    def set_shelf(self, shelf: Shelf) -> None:
        """Let cards be dragged out of the canvas onto something that keeps them."""
        self._shelf = shelf

    def light_shelf(self, pointer: Pointer | None) -> bool:
        """Show whether cards that are let go of here would be kept; say so."""
        if self._shelf is None:
            return False
        takes = False
        if pointer is not None:
            takes = self._shelf.takes(self.viewport().mapToGlobal(pointer.in_view.toPoint()))
        self._shelf.light(lit=takes)
        return takes

    # What a press leads to beyond a gesture; the canvas fills these in.

    def keep_on_shelf(self, nodes: Collection[NodeId]) -> None:
        """Keep layers as a block."""
        raise NotImplementedError

    def ask_for_layer(
        self,
        place: QPointF,
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: Point | None = None,
    ) -> None:
        """Offer layers at a place of the view."""
        raise NotImplementedError

    def open_menu(self, hit: Hit, place: QPoint) -> None:
        """Open the context menu of what was hit."""
        raise NotImplementedError

    def open_badge(self, node: NodeId) -> None:
        """Explain what a card's badge is about."""
        raise NotImplementedError

    def open_activations(self, node: NodeId) -> None:
        """Offer other activations for a card."""
        raise NotImplementedError

    def open_node(self, node: NodeId, *, on_detail: bool = False) -> None:
        """Do what a double click on a card asks for.

        Args:
            on_detail: It was on the line of the parameters.
        """
        raise NotImplementedError

    def open_frame_title(self, frame: str) -> None:
        """Let a frame be renamed."""
        raise NotImplementedError

    # What gestures ask for.

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
        x, y = _slot_at(pointer.at)
        source, target = (fixed, None) if from_output else (None, fixed)
        at = (x, y) if from_output else (x, y - CARD[1])
        if self.document.graph.flow == "right":
            side = CARD[0] / 2 if from_output else -CARD[0] / 2
            at = (x + side, round(y - CARD[1] / 2, -1))
        self.ask_for_layer(pointer.in_view, at=at, source=source, target=target)

    def take_hold(self, node: NodeId, *, adds: bool) -> None:
        """Select a card that a drag begins on, alone or with those that are."""
        if node not in self.document.selection:
            kept = self.document.selection if adds else frozenset[NodeId]()
            self.walker.current = node
            self.document.select(kept | {node})

    def toggle_fold(self, frame_id: str) -> None:
        """Fold a frame to a bar, or show its cards again."""
        raise NotImplementedError

    def members_of(self, frame_id: str) -> list[NodeId]:
        """Return the layers in a frame."""
        frames = self.document.graph.frames
        return next(list(frame.nodes) for frame in frames if frame.id == frame_id)

    def carry(self, nodes: Sequence[NodeId], step: int) -> None:
        """Let cards that a step brought follow the pointer until a click puts them down."""
        if self._press is None:
            self._pointer = self.pointer_or_centre()
            start = Pointer(self.scene_point(self._pointer), self._pointer)
            self.gesture = PlaceGesture(self, start, nodes, step)
            self._carries = True

    @property
    def carries(self) -> bool:
        """Whether cards follow the pointer."""
        return self._carries

    def put_down(self) -> None:
        """Leave cards that follow the pointer where they are."""
        if self._carries:
            self._end_gesture(Pointer(self.scene_point(self._pointer), self._pointer))

    def cancel_gesture(self) -> bool:
        """Take back the drag that is under way; say whether there was one."""
        if self._carries:
            self.document.undo()
            return True
        if self._press is None:
            return False
        self._end_gesture(None)
        return True

    def hold_space(self, *, held: bool) -> None:
        """Let the left button move the canvas while Space is held."""
        self._space_held = held
        if self.gesture is None:
            self._show_cursor(self.canvas.hit(self.scene_point(self._pointer)))

    def bring_into_view(self, node: NodeId) -> None:
        """Scroll as little as shows a card whole."""
        self.reveal(self.canvas.nodes[node].far_rect())

    # Pointer.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._carries and event.button() == Qt.MouseButton.LeftButton:
            self._end_gesture(self._pointer_of(event))
            return
        if self.gesture is not None or self._press is not None:
            return
        pointer = self._pointer_of(event)
        self._press = (self.canvas.hit(pointer.at), pointer, event.button())
        self.editing.end_nudge()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        pointer = self._pointer_of(event)
        self._pointer = pointer.in_view
        if self._press is None and not self._carries:
            self._hover(self.canvas.hit(pointer.at), traces=pointer.alt)
            return
        if self.gesture is None and self._press is not None and self._has_moved(pointer):
            self._start_gesture(*self._press)
        if self.gesture is not None:
            self.gesture.move(pointer)
            self._watch_border()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if self._press is None or event.button() != self._press[2]:
            return
        pointer = self._pointer_of(event)
        hit, start, button = self._press
        if self.gesture is not None:
            self.gesture.move(pointer)
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
            self.ask_for_layer(pointer.in_view, at=_slot_at(pointer.at))
        elif hit.kind == "wire" and hit.link is not None:
            self.ask_for_layer(pointer.in_view, link=hit.link)
        elif hit.kind == "node" and hit.node is not None:
            self.open_node(hit.node, on_detail=self._is_on_detail(hit.node, pointer))
        elif hit.kind == "frame":
            self.open_frame_title(hit.frame)
        event.accept()

    def _is_on_detail(self, node: NodeId, pointer: Pointer) -> bool:
        item = self.canvas.nodes[node]
        below = pointer.at.y() - item.y() > item.facts.height / 2
        return below and self.level() == "near" and bool(item.facts.detail)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        # By mouse the menu opens at release, where the canvas was not moved.
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.open_menu(*self._place_of_selection())
        event.accept()

    def _place_of_selection(self) -> tuple[Hit, QPoint]:
        link = self.document.selected_link
        if link is not None:
            at = self.canvas.wires[link].path().pointAtPercent(0.5)
            return Hit("wire", link=link), self.viewportTransform().map(at).toPoint()
        chosen = next(iter(self.document.selection), None)
        if chosen is None:
            return NOTHING, self.viewport().rect().center()
        self.bring_into_view(chosen)
        return Hit("node", chosen), self.view_rect(self.canvas.nodes[chosen].far_rect()).center()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().leaveEvent(event)
        if self.gesture is None:
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
        self.gesture = self._gesture_for(hit, start, button)
        if self.gesture.cursor is not None:
            self.viewport().setCursor(self.gesture.cursor)

    def _gesture_for(self, hit: Hit, start: Pointer, button: Qt.MouseButton) -> Gesture:
        if button == Qt.MouseButton.RightButton and start.control:
            return CutGesture(self, start)
        if button != Qt.MouseButton.LeftButton or self._space_held:
            return PanGesture(self, start)
        return gesture_for(self, hit, start)

    def _end_gesture(self, pointer: Pointer | None) -> None:
        gesture, carried = self.gesture, self._carries
        self.gesture = self._press = None
        self._carries = False
        self._auto_pan.stop()
        self.viewport().unsetCursor()
        if gesture is None:
            return
        if pointer is None:
            gesture.cancel()
        else:
            gesture.release(pointer)
        if carried:
            self.cards_came.emit()

    def _click(self, hit: Hit, pointer: Pointer, button: Qt.MouseButton) -> None:
        if button == Qt.MouseButton.RightButton:
            self.open_menu(hit, pointer.in_view.toPoint())
            return
        if button != Qt.MouseButton.LeftButton or self._space_held:
            return
        if hit.node is not None:
            self._click_node(hit, pointer)
        elif hit.link is not None:
            self.walker.current = None
            self.document.select((), link=hit.link)
            if pointer.alt:
                self.editing.delete()
            elif pointer.shift:
                self._toggle_bend(hit.link, pointer)
        elif hit.kind == "fold":
            self.toggle_fold(hit.frame)
        elif hit.kind == "frame":
            self.document.select(self.members_of(hit.frame))
        elif not pointer.shift and not pointer.control:
            self.document.select(())

    def _toggle_bend(self, link: Link, pointer: Pointer) -> None:
        """Add a point to a wire, or take away the one that was meant."""
        bend = bend_at(self.canvas, pointer.at, self.zoom)
        if bend is not None and bend.link == link:
            self.editing.remove_bend(link, bend.number)
        else:
            number = new_bend(self.canvas, link, pointer.at).number
            self.editing.add_bend(link, number, (pointer.at.x(), pointer.at.y()))

    def _click_node(self, hit: Hit, pointer: Pointer) -> None:
        assert hit.node is not None, "a card was hit"
        self.walker.current = hit.node
        if pointer.shift or pointer.control:
            self.document.select(self.document.selection ^ {hit.node})
            return
        self.document.select([hit.node])
        if hit.kind == "badge":
            self.open_badge(hit.node)
        elif hit.kind == "activation":
            self.open_activations(hit.node)

    def _hover(self, hit: Hit, *, traces: bool) -> None:
        if hit.node is not None:
            self.canvas.hover(self.canvas.nodes[hit.node], traces=traces)
        elif hit.link is not None:
            self.canvas.hover(self.canvas.wires[hit.link], traces=traces, sizes=hit.on_text)
        else:
            self.canvas.hover(None)
        self._show_cursor(hit)

    def trace(self, *, held: bool) -> None:
        """Follow what is below the pointer to input and output while Alt is held."""
        if self._press is None and self.viewport().underMouse():
            self._hover(self.canvas.hit(self.scene_point(self._pointer)), traces=held)

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

    def has_pointer(self) -> bool:
        """Whether the pointer is over the view."""
        return self.viewport().rect().contains(self.viewport().mapFromGlobal(QCursor.pos()))

    def pointer_or_centre(self) -> QPointF:
        """Return where the pointer is in the view; its middle while the pointer is elsewhere."""
        port = self.viewport()
        return QPointF(
            port.mapFromGlobal(QCursor.pos()) if self.has_pointer() else port.rect().center()
        )

    def _watch_border(self) -> None:
        if self.gesture is not None and self.gesture.pans_at_border and self._push():
            self._auto_pan.start()
        else:
            self._auto_pan.stop()

    def _push(self) -> tuple[int, int] | None:
        """Return by how much the view goes on while the pointer is at its border."""
        if self._shelf is not None and self._shelf.takes(self._pointer_on_screen()):
            return None
        inner = self.viewport().rect().adjusted(_BORDER_PX, _BORDER_PX, -_BORDER_PX, -_BORDER_PX)
        x, y = self._pointer.x(), self._pointer.y()
        dx = _AUTO_PAN_PX * ((x < inner.left()) - (x > inner.right()))
        dy = _AUTO_PAN_PX * ((y < inner.top()) - (y > inner.bottom()))
        return (dx, dy) if dx or dy else None

    def _pointer_on_screen(self) -> QPoint:
        return self.viewport().mapToGlobal(self._pointer.toPoint())

    def _on_auto_pan(self) -> None:
        push = self._push()
        if push is None or self.gesture is None:
            self._auto_pan.stop()
            return
        self.pan_by(*push)
        self.gesture.move(Pointer(self.scene_point(self._pointer), self._pointer))

    # Keys and focus.

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self.hold_space(held=False)
        elif event.key() == Qt.Key.Key_Alt:
            self.editing.end_nudge()
            self.trace(held=False)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusInEvent(event)
        self.walker.show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusOutEvent(event)
        self.put_down()
        self._space_held = False
        self.walker.show_focus()

    def _on_drawing_changed(self) -> None:
        # Undo by key in the middle of a drag: the ground of the drag has gone.
        if self.gesture is not None:
            self._end_gesture(None)


def _slot_at(point: QPointF) -> Point:
    """Return the slot on the grid whose card would hang at a point."""
    return round(point.x() - CARD[0] / 2, -1), round(point.y(), -1)
