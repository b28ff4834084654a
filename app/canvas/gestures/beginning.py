"""Which gesture a drag of the left button is: by what lies below it, and by the keys held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gestures.bend import BendGesture, bend_at, new_bend
from app.canvas.gestures.box import BoxGesture
from app.canvas.gestures.carry import CarryGesture
from app.canvas.gestures.connect import ConnectGesture
from app.canvas.gestures.gesture import Gesture, Pointer
from app.canvas.gestures.move import MoveGesture
from app.canvas.gestures.take_out import TakeOutGesture
from app.canvas.hits import Hit
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


def gesture_for(view: PointerView, hit: Hit, start: Pointer) -> Gesture:
    """Begin a gesture with what was hit."""
    bend = bend_at(view.canvas, start.at, view.zoom)
    if bend is not None and hit.kind in ("wire", "nothing"):
        return BendGesture(view, start, bend)
    if hit.link is not None and start.shift:
        return BendGesture(view, start, new_bend(view.canvas, hit.link, start.at))
    if hit.kind == "port":
        return _with_wire(view, hit, start)
    if hit.node is not None:
        return _with_card(view, hit.node, start)
    if hit.kind in ("frame", "fold"):
        members = view.members_of(hit.frame)
        view.document.select(members)
        return MoveGesture(view, start, members[0], members)
    return BoxGesture(view, start)


def _with_card(view: PointerView, node: NodeId, start: Pointer) -> Gesture:
    links = view.document.graph.links
    is_wired = any(node in (link.source.node, link.target.node) for link in links)
    # Some desktops keep Alt and the pointer for moving windows: Shift does the same.
    takes_out = is_wired and (start.alt or start.shift)
    view.take_hold(node, adds=start.control or (start.shift and not takes_out))
    kind = TakeOutGesture if takes_out else MoveGesture
    return kind(view, start, node, view.document.selection)


def _with_wire(view: PointerView, hit: Hit, start: Pointer) -> Gesture:
    assert hit.node is not None and hit.port is not None and hit.end is not None, "a port"
    item, place = view.canvas.nodes[hit.node], hit.port
    onward = [link for link in view.document.graph.links if link.source == hit.end]
    if start.shift and onward and not place.is_input:
        return CarryGesture(view, start, onward)
    if place.is_input and place.link is not None:
        before = view.canvas.ends_of(place.link).source
        return ConnectGesture(
            view,
            start,
            place.link.source,
            from_output=True,
            anchor=QPointF(*before),
            pulled=place.link,
        )
    anchor = item.port_point(place)
    return ConnectGesture(view, start, hit.end, from_output=not place.is_input, anchor=anchor)
