"""The frame around some cards: a named area, taken hold of by its title."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsRectItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.canvas.card import paint_badge
from app.canvas.facts import Badge
from app.canvas.geometry import Box
from app.canvas.heat import CardHeat, paint_heat
from app.canvas.items import FRAME_Z, NODE_Z, TEXT_WIRE_Z, LevelOfDetail
from app.canvas.style import draw_glyph, draw_text, elided, text_width
from app.theme.tokens import StyleName
from engine.graph.elements import Flow

TITLE_HEIGHT = 30.0
FAR_TITLE_PX = 18.0
"""From far away the name stands above the frame, at the same size on screen."""

_TITLE_INSET = QPointF(14, 18)
_WORDS_GAP = 10.0
_CHEVRON_X = 10.0
_CHEVRON_SIDE = 12
_PORT_PX = 4.0
_GROUND_HALF = 7.0
_LARGE_PX, _SMALL_PX = 15, 12
"""The sizes of titles, which are never smaller than 11 px on screen."""


class FrameLook(msgspec.Struct, frozen=True):
    """What a frame shows."""

    title: str
    area: Box
    notes: tuple[str, ...] = ()
    """How much is in it, the longest first: above the right edge of its cards, beyond which wires
    pass, and clear of the shape beside the wire in its middle."""

    note_right: float = 0.0
    colour: str = ""
    large: bool = False
    badge: Badge = ""
    """Of a folded frame: the worst that is wrong with what is in it."""

    ports: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """Of a folded frame: where wires enter and leave, from its middle."""

    heat: CardHeat | None = None
    """Of a folded frame: what an overlay colours it by."""

    flow: Flow = "down"
    words_right: float = 0.0
    """How far what is written beside wires reaches into the strip of the title."""

    selected: bool = False
    lit: bool = False
    """What is held over it would join it."""

    @property
    def is_folded(self) -> bool:
        return self.ports is not None


class FrameItem(QGraphicsItem):
    """A named area around some cards."""

    def __init__(self, frame: str, look: FrameLook, shared: LevelOfDetail) -> None:
        super().__init__()
        self.frame = frame
        self.look = look
        self._shared = shared
        self._bounds = _frame_bounds(look)
        self.setZValue(NODE_Z if look.is_folded else FRAME_Z)
        self.words = FrameWords(self)

    @property
    def area(self) -> Box:
        return self.look.area

    @property
    def is_marked(self) -> bool:
        """Whether its border says that something concerns all of it."""
        return self.look.selected or self.look.lit

    def set_look(self, look: FrameLook) -> None:
        """Show another title, place or state."""
        if look == self.look:
            return
        if (look.area, look.ports) != (self.look.area, self.look.ports):
            self.prepareGeometryChange()
            self._bounds = _frame_bounds(look)
        self.setZValue(NODE_Z if look.is_folded else FRAME_Z)
        self.look = look
        self.words.setRect(self.words_box())
        self.update()

    def title_box(self) -> QRectF:
        """Return the strip above the cards: where the frame is taken hold of."""
        area = self.area
        if self.look.is_folded:
            return QRectF(area.left, area.top, area.width, area.height)
        if self._shared.level == "far":
            height = FAR_TITLE_PX / self._shared.scale
            return QRectF(area.left, area.top - height, area.width, height)
        return QRectF(area.left, area.top, area.width, TITLE_HEIGHT)

    def words_box(self) -> QRectF:
        """Return where the title and what is beside it are written: they are large from afar."""
        area = self.area
        return QRectF(area.left, area.top, area.width, 2 * TITLE_HEIGHT)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt override
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        style, area, look = self._shared.style, self.area, self.look
        box = QRectF(area.left, area.top, area.width, area.height)
        painter.setPen(style.selected if self.is_marked else style.frame_pen(look.colour))
        painter.setBrush(style.colours.raised if look.is_folded else style.frame_tint(look.colour))
        radius = style.theme.radius.card if look.is_folded else style.theme.radius.frame
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if look.is_folded:
            painter.setBrush(style.frame_tint(look.colour))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            if look.heat is not None:
                paint_heat(painter, style.theme, box, look.heat)
            self.paint_words(painter)
        if look.ports is not None and self._shared.level != "far":
            self._paint_ports(painter, look.ports)
        if look.badge:
            paint_badge(painter, style, QPointF(area.right - 2, area.top + 2), look.badge)

    def paint_words(self, painter: QPainter) -> None:
        """Write the title and how much there is; readable over wires that pass."""
        area, look = self.area, self.look
        painter.save()
        inset = QPointF(_TITLE_INSET.x(), area.height / 2) if look.is_folded else _TITLE_INSET
        painter.translate(QPointF(area.left, area.top) + inset)
        grown = max(1.0, 11 / (_LARGE_PX if look.large else _SMALL_PX) / self._shared.scale)
        painter.scale(grown, grown)
        self._paint_title(painter, grown)
        painter.restore()

    def _paint_ports(
        self, painter: QPainter, ports: tuple[tuple[float, ...], tuple[float, ...]]
    ) -> None:
        colours, area = self._shared.style.colours, self.area
        painter.setPen(QPen(colours.wire, 1.75))
        painter.setBrush(colours.canvas)
        middle = (area.top + area.bottom) / 2
        sides = (area.left, area.right), (area.top, area.bottom)
        for offsets, x, y in zip(ports, *sides, strict=True):
            for offset in offsets:
                beside, on_axis = QPointF(x, middle + offset), QPointF(area.axis + offset, y)
                at = beside if self.look.flow == "right" else on_axis
                painter.drawEllipse(at, _PORT_PX, _PORT_PX)

    def chevron_box(self) -> QRectF:
        """Return where a click folds the frame, or opens it again."""
        area = self.area
        middle = area.top + (area.height / 2 if self.look.is_folded else _TITLE_INSET.y())
        return QRectF(area.left, middle - 14, _CHEVRON_X + _CHEVRON_SIDE, 28)

    def _paint_title(self, painter: QPainter, grown: float) -> None:
        style, look = self._shared.style, self.look
        face: StyleName = "heading" if look.large else "small"
        room = (look.area.width - 2 * _TITLE_INSET.x() - _CHEVRON_SIDE) / grown
        title = elided(look.title, face, room, 600)
        width = text_width(title, face, 600)
        if not look.is_folded:
            self._paint_ground(painter, _CHEVRON_SIDE + width)
        name = "chevron-right" if look.is_folded else "chevron-down"
        draw_glyph(
            painter, name, (_CHEVRON_X - 12, -_CHEVRON_SIDE / 2, _CHEVRON_SIDE), style.colours.text2
        )
        painter.translate(_CHEVRON_SIDE + 2, 0)
        draw_text(painter, 0, 0, title, face, style.colours.text2, weight=600)
        if self._shared.level == "near":
            self._paint_note(painter, width, grown)

    def _paint_ground(self, painter: QPainter, width: float) -> None:
        style = self._shared.style
        ground = QRectF(-4, -_GROUND_HALF, width + 10, 2 * _GROUND_HALF)
        for colour in (style.colours.canvas, style.frame_tint(self.look.colour)):
            painter.fillRect(ground, colour)

    def _paint_note(self, painter: QPainter, title_width: float, grown: float) -> None:
        colours, look = self._shared.style.colours, self.look
        origin = look.area.left + _TITLE_INSET.x() + _CHEVRON_SIDE + 2
        clear = title_width + 16
        if not look.is_folded:
            clear = max(clear, (look.words_right + _WORDS_GAP - origin) / grown)
        for note in look.notes:
            at = (look.note_right - origin) / grown - text_width(note, "micro")
            if at >= clear:
                draw_text(painter, at, 0, note, "micro", colours.text3)
                return


class FrameWords(QGraphicsRectItem):
    """What is written on an open frame: above the wires, and below the cards."""

    def __init__(self, frame: FrameItem) -> None:
        super().__init__(frame.words_box())
        self._frame = frame
        self.setZValue((TEXT_WIRE_Z + NODE_Z) / 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self._frame.look.is_folded:
            self._frame.paint_words(painter)


def _frame_bounds(look: FrameLook) -> QRectF:
    box, reach = look.area, 12 if look.is_folded else 2
    area = QRectF(box.left, box.top, box.width, box.height)
    return area.adjusted(-reach, -reach, reach, reach)
