"""What stands on the canvas: one item for each node and wire, and two for a frame.

Items hold ids and what they paint, never parts of the document. They have no children, take no
events and override nothing that Qt asks while things move. Qt asks each for its bounds again and
again: those of cards and wires are rectangles that Qt itself keeps, which Python is not asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsRectItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.canvas.card import LOOSE_MARGIN, paint_card, paint_card_preview, shows_preview
from app.canvas.card_ground import MARGIN
from app.canvas.card_middle import middle_key, paint_card_middle
from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts
from app.canvas.geometry import Box, Point, PortPlace
from app.canvas.routes import TURNS, Route
from app.canvas.style import (
    Style,
    draw_text,
    laid_out_turned,
    metrics,
    text_width,
    upright_font,
)
from app.canvas.thumbnails import preview_area
from app.canvas.wire_paths import straight_lines, wire_path
from app.theme.tokens import StyleName
from engine.graph.elements import Link, NodeId

if TYPE_CHECKING:
    from app.previews import Preview

Level: TypeAlias = Literal["far", "middle", "near"]
WireState: TypeAlias = Literal["normal", "selected", "error", "unknown", "bypass"]

FRAME_Z, WIRE_Z, TEXT_WIRE_Z, NODE_Z = 0.0, 1.0, 2.0, 3.0
_TEXT_HEIGHT = 16.0
_TITLE_INSET = QPointF(14, 18)
_HIT_PX = 12.0
BEND_PX = 4.0
"""Half of the width of the handle on a point of a bent wire."""

_BESIDE_PX = 3.0
_REACH = 3.0
_ABOVE_CARDS = 40.0
"""From a wire to the right up to where a shape is written that is too wide to stand on it."""

_BENT_REACH = 16.0
"""Room for the handles at the lowest zoom at which they are painted."""

_TELLS_PART = QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption
"""Without it Qt does not tell which part of an item is to be painted."""

_HOLLOW = QBrush()
"""Setting a brush by its style asks an enumeration of Python for each wire of each frame."""


class LevelOfDetail:
    """What the whole view has in common: style, level and scale; items look here."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.level: Level = "near"
        self.scale = 1.0
        self.ratio = 1.0
        """Device pixels to one of the view."""

        self.has_small_previews = False
        """Whether cards show what they put out from some way off too."""

    @property
    def shows_previews(self) -> bool:
        """Whether cards show at this zoom what they put out."""
        return self.level == "near" or (self.level == "middle" and self.has_small_previews)


class NodeItem(QGraphicsRectItem):
    """The card of one node, its ports included."""

    __slots__ = ("_middle_key", "_shared", "facts", "node", "state")

    def __init__(
        self, node: NodeId, facts: CardFacts, state: CardState, shared: LevelOfDetail
    ) -> None:
        super().__init__(_card_bounds(facts))
        self.node = node
        self.facts = facts
        self.state = state
        self._shared = shared
        self._middle_key = ""
        self.setZValue(NODE_Z)
        self.setFlag(_TELLS_PART)

    def set_facts(self, facts: CardFacts) -> None:
        """Show other facts; nothing happens where they are equal."""
        if facts == self.facts:
            return
        self.setRect(_card_bounds(facts))
        self.facts = facts
        self._middle_key = ""
        self.update()

    def set_state(self, **changes: object) -> None:
        """Change some of what the card shows besides its facts."""
        now = replace(self.state, **changes)
        if now != self.state:
            self.state = now
            self.update()

    def show_preview(self, preview: Preview | None, *, stale: bool) -> QRectF | None:
        """Show what the layer puts out, once the part that is returned is repainted.

        Returns:
            What looks other than before; all of the card for an empty part, nothing for None.
        """
        before = self.state
        if preview is before.preview and stale == before.stale:
            return None
        self.state = replace(before, preview=preview, stale=stale)
        if not self._shared.shows_previews:
            return None
        # Where a preview comes or goes, words have another room.
        if (
            self._shared.level != "near"
            or before.preview is None
            or not shows_preview(self.facts, self.state)
        ):
            return QRectF()
        return preview_area(self.facts.width, self.facts.height)

    def keep_picture(self, *, kept: bool) -> None:
        """Keep a picture, made for just the zoom that is shown, or paint anew each time."""
        mode = QGraphicsItem.CacheMode
        self.setCacheMode(mode.DeviceCoordinateCache if kept else mode.NoCache)

    def port_point(self, place: PortPlace) -> QPointF:
        """Return where a port is on the canvas."""
        return QPointF(self.x() + place.x, self.y() + place.y)

    def far_rect(self) -> QRectF:
        """Return the block that stands for the card from far away."""
        return QRectF(
            self.x() - self.facts.width / 2, self.y(), self.facts.width, self.facts.height
        )

    def box(self) -> Box:
        """Return the card in canvas coordinates, without what reaches beyond it."""
        x, y, half = self.x(), self.y(), self.facts.width / 2
        return Box(x - half, y, x + half, y + self.facts.height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shared = self._shared
        if shared.level == "near":
            self._paint_near(painter, option)
        else:
            self._middle_key = self._middle_key or middle_key(self.facts)
            fine = shared.scale, shared.ratio
            paint_card_middle(
                painter,
                shared.style,
                self.facts,
                self._middle_key,
                self.state,
                fine,
                with_preview=shared.shows_previews,
            )

    def _paint_near(self, painter: QPainter, option: QStyleOptionGraphicsItem) -> None:
        facts, state, style = self.facts, self.state, self._shared.style
        exposed = option.exposedRect
        # Qt paints some pixels more than it was asked to.
        beside = _BESIDE_PX / self._shared.scale
        part = preview_area(facts.width, facts.height).adjusted(-beside, -beside, beside, beside)
        if part.contains(exposed) and shows_preview(facts, state):
            paint_card_preview(painter, style, facts, state)
        else:
            paint_card(painter, style, facts, state)


def _card_bounds(facts: CardFacts) -> QRectF:
    if not facts.loose:
        return _plain_bounds(facts.width, facts.height)
    ends = (place.x + 20 + text_width(text, "shape") for place, text in facts.loose)
    wider = max(0.0, max(ends) - facts.width / 2 - MARGIN)
    return _plain_bounds(facts.width, facts.height).adjusted(0, 0, wider, LOOSE_MARGIN - MARGIN)


@cache
def _plain_bounds(width: float, height: float) -> QRectF:
    """Return the bounds of a card and what reaches beyond it: cards come in few sizes."""
    return QRectF(-width / 2 - MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN)


class WireLook(msgspec.Struct, frozen=True, gc=False):
    """How one wire looks, apart from its course."""

    state: WireState = "normal"
    width: float = 1.5
    text: str = ""
    """The shape, at the first wire of an output."""

    label: str = ""
    """Words along a way around: "skip", the name of a field, or a shape that does not fit."""

    lit: bool = False
    """Something held over it would be inserted."""

    cut: bool = False
    """A line drawn across it would cut it."""

    hovered: bool = False
    traced: bool = False
    """It leads to what the pointer is over, or on from there."""

    @property
    def shown(self) -> WireState:
        """The state that is painted: what a gesture would do comes first."""
        if self.cut:
            return "error"
        marked = self.lit or self.traced
        return "selected" if marked and self.state != "error" else self.state

    def held_over(self, look: WireLook) -> WireLook:
        """Return another look with what the pointer makes of this one."""
        if not (self.lit or self.cut or self.hovered or self.traced):
            return look
        return replace(look, lit=self.lit, cut=self.cut, hovered=self.hovered, traced=self.traced)


class WireItem(QGraphicsRectItem):
    """One wire, with the shape that it carries."""

    __slots__ = ("_hit", "_lines", "_path", "_shared", "link", "look", "route")

    def __init__(self, link: Link, route: Route, look: WireLook, shared: LevelOfDetail) -> None:
        super().__init__(_wire_bounds(route, look))
        self.link = link
        self.route = route
        self.look = look
        self._shared = shared
        self._path: QPainterPath | None = None
        self._hit: QPainterPath | None = None
        self._lines: list[QLineF] | None = None
        self.setZValue(TEXT_WIRE_Z if look.text else WIRE_Z)

    def set_route(self, route: Route) -> None:
        """Lead the wire another way."""
        if route == self.route:
            return
        self.route = route
        self._path = self._hit = self._lines = None
        self.setRect(_wire_bounds(route, self.look))
        self.update()

    def set_look(self, look: WireLook) -> None:
        """Show another state, shape or label."""
        if look == self.look:
            return
        before, self.look = self.look, look
        if (look.text, look.label) != (before.text, before.label):
            self.setZValue(TEXT_WIRE_Z if look.text else WIRE_Z)
            self.setRect(_wire_bounds(self.route, look))
        self.update()

    def path(self) -> QPainterPath:
        """Return the course as a path, which is made when it is first looked at."""
        if self._path is None:
            self._path = wire_path(self.route)
        return self._path

    def far_lines(self) -> list[QLineF]:
        """Return the course as few straight lines, for the view from far away."""
        if self._lines is None:
            self._lines = straight_lines(self.route)
        return self._lines

    def stroke(self) -> QPainterPath:
        """Return the course as a thin area, for asking what crosses it."""
        stroker = QPainterPathStroker()
        stroker.setWidth(1.0)
        return stroker.createStroke(self.path())

    def is_near(self, point: QPointF, scale: float) -> bool:
        """Whether a point is near enough to be meant."""
        if self._hit is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(_HIT_PX / max(scale, 0.3))
            self._hit = stroker.createStroke(self.path())
        return self._hit.contains(self.mapFromScene(point))

    def text_box(self) -> QRectF:
        """Return where the shape is written; empty where none is."""
        return _text_box(self.route, self.look.text)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look, style, route = self.look, self._shared.style, self.route
        painter.setPen(style.wire_pen(look.shown, look.width, wide=look.hovered or look.lit))
        painter.setBrush(_HOLLOW)
        painter.drawPath(self.path())
        if route.bends and (look.state == "selected" or look.hovered):
            paint_bends(painter, style, route, self._shared.scale)
        if self._shared.level == "near" and (look.text or look.label):
            paint_wire_text(painter, style, route, look)


def _wire_bounds(route: Route, look: WireLook) -> QRectF:
    """Return an area that holds the wire and what is written beside it."""
    if route.bends:
        bounds = wire_path(route).boundingRect()
        bounds.adjust(-_BENT_REACH, -_BENT_REACH, _BENT_REACH, _BENT_REACH)
        return bounds | _text_box(route, look.text) | _label_box(route, look.label)
    # A curve stays within its control points.
    across, down = zip(*route.points, strict=True)
    left, top, right, bottom = min(across), min(down), max(across), max(down)
    if look.text:
        x, y = text_start(route, look.text)
        left, right = min(left, x), max(right, x + text_width(look.text, "shape"))
        top, bottom = min(top, y - _TEXT_HEIGHT / 2), max(bottom, y + _TEXT_HEIGHT / 2)
    width, height = right - left + 2 * _REACH, bottom - top + 2 * _REACH
    bounds = QRectF(left - _REACH, top - _REACH, width, height)
    return bounds | _label_box(route, look.label) if look.label else bounds


def _label_box(route: Route, label: str) -> QRectF:
    if not label or route.label_at is None:
        return QRectF()
    x, y = route.label_at
    half = text_width(label, "small") / 2 + 24
    is_right = route.flow == "right"
    return QRectF(x - half, y, 2 * half, 26) if is_right else QRectF(x, y - half, 26, 2 * half)


def _text_box(route: Route, text: str) -> QRectF:
    if not text:
        return QRectF()
    x, y = text_start(route, text)
    width = text_width(text, "shape") + 2 * _REACH
    return QRectF(x - _REACH, y - _TEXT_HEIGHT / 2, width, _TEXT_HEIGHT)


def paint_bends(painter: QPainter, style: Style, route: Route, scale: float) -> None:
    """Paint handles on the points of a wire, of the same size at every zoom."""
    painter.setPen(QPen(style.colours.accent, 1.5 / scale))
    painter.setBrush(style.colours.canvas)
    for x, y in route.bends:
        painter.drawEllipse(QPointF(x, y), BEND_PX / scale, BEND_PX / scale)


def text_start(route: Route, text: str) -> Point:
    """Return where the shape begins: on the side that no wire turns to."""
    x, y = route.text_at
    width = text_width(text, "shape")
    if route.flow == "right":
        return x, y if width <= route.room else route.source[1] - _ABOVE_CARDS
    curves = not route.around and route.target[0] > route.source[0] + TURNS
    if route.text_left or curves or x - route.source[0] + width > route.room:
        return 2 * route.source[0] - x - width, y
    return x, y


def paint_wire_text(painter: QPainter, style: Style, route: Route, look: WireLook) -> None:
    """Write the shape beside the wire and the label along its way around."""
    colours = style.colours
    if look.text:
        ink = {"selected": colours.accent, "error": colours.err, "unknown": colours.text3}
        colour = ink.get(look.state, colours.text2)
        x, y = text_start(route, look.text)
        draw_text(painter, x, y, look.text, "shape", colour)
    if look.label and route.label_at is not None:
        x, y = route.label_at
        broken = look.state == "error"
        face: StyleName = "shape" if broken else "small"
        colour = colours.err if broken else colours.text3
        painter.save()
        beside = metrics(face).height() / 2 + 3
        if route.flow == "right":
            painter.translate(x, y + beside)
        else:
            painter.translate(x + beside, y)
            painter.rotate(90)
        painter.setFont(upright_font(face))
        painter.setPen(colour)
        words = laid_out_turned(look.label, face)
        size = words.size()
        painter.drawStaticText(QPointF(-size.width() / 2, -size.height() / 2), words)
        painter.restore()
