"""What lies under a point: a port, a badge, a card, a wire, a frame's title, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF

from app.canvas.card import activation_box, badge_box
from app.canvas.geometry import PORT_REACH, PortPlace
from app.canvas.items import NodeItem, WireItem
from engine.graph.elements import End, Link, NodeId

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene

_REACH = 24.0
_BADGE_REACH = 8.0
"""In pixels of the view, however small the badge is there."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a point meets."""

    kind: Literal["nothing", "node", "port", "badge", "activation", "wire", "frame", "fold"] = (
        "nothing"
    )
    node: NodeId | None = None
    port: PortPlace | None = None
    link: Link | None = None
    frame: str = ""
    on_text: bool = False
    """On the shape beside the wire."""

    @property
    def end(self) -> End | None:
        """The port as an end of a wire."""
        if self.port is None or self.node is None:
            return None
        return End(self.node, self.port.name)


NOTHING = Hit()


def find_hit(scene: CanvasScene, point: QPointF) -> Hit:
    """Return what is meant at a point: badges, then ports, cards, wires and frames."""
    reach = max(_REACH, _BADGE_REACH / scene.shared.scale)
    area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
    found = list(scene.near(area))
    nodes = [item for item in found if isinstance(item, NodeItem)]
    for item in nodes:
        if _on_badge(item, point, reach=_BADGE_REACH / scene.shared.scale):
            return Hit("badge", item.node)
    if scene.shared.level != "far":
        for item in nodes:
            place = port_at(item, point, reach=PORT_REACH / min(1.0, scene.shared.scale))
            if place is not None:
                return Hit("port", item.node, place)
    for item in nodes:
        hit = _on_card(item, point, with_parts=scene.shared.level == "near")
        if hit is not None:
            return hit
    frame = _on_frame(scene, point, bars=True)
    if frame is not None:
        return frame
    wires = [item for item in found if isinstance(item, WireItem)]
    for wire in wires:
        if scene.shared.level == "near" and wire.text_box().contains(point):
            return Hit("wire", link=wire.link, on_text=True)
    for wire in wires:
        if wire.is_near(point, scene.shared.scale):
            return Hit("wire", link=wire.link)
    return _on_frame(scene, point, bars=False) or NOTHING


def _on_frame(scene: CanvasScene, point: QPointF, *, bars: bool) -> Hit | None:
    """Return what a point meets of the folded frames, or of the others."""
    for key, item in scene.frames.items():
        if item.look.is_folded == bars and item.title_box().contains(point):
            folds = scene.shared.level != "far" and item.chevron_box().contains(point)
            return Hit("fold" if folds else "frame", frame=key)
    return None


def port_at(item: NodeItem, point: QPointF, *, reach: float) -> PortPlace | None:
    """Return the port of a card that is nearest to a point, within a square."""
    local = point - item.pos()
    nearest: tuple[float, PortPlace] | None = None
    for places in (item.facts.inputs, item.facts.outputs):
        for place in places:
            dx, dy = abs(local.x() - place.x), abs(local.y() - place.y)
            if max(dx, dy) <= reach and (nearest is None or dx + dy < nearest[0]):
                nearest = (dx + dy, place)
    return nearest[1] if nearest else None


def _on_badge(item: NodeItem, point: QPointF, *, reach: float) -> bool:
    box = badge_box(item.facts)
    more = max(0.0, reach - box.width() / 2)
    return not box.isEmpty() and box.adjusted(-more, -more, more, more).contains(point - item.pos())


def _on_card(item: NodeItem, point: QPointF, *, with_parts: bool) -> Hit | None:
    local = point - item.pos()
    facts = item.facts
    if not QRectF(-facts.width / 2, 0, facts.width, facts.height).contains(local):
        return None
    shows = item.state.preview is not None
    if with_parts and activation_box(facts, with_preview=shows).contains(local):
        return Hit("activation", item.node)
    return Hit("node", item.node)
