"""The frame around some cards: a named area, taken hold of by its title."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.geometry import Box
from app.canvas.items import FRAME_Z, LevelOfDetail
from app.canvas.style import draw_text, elided, text_width

TITLE_HEIGHT = 30.0
FAR_TITLE_PX = 18.0
"""From far away the name stands above the frame, at the same size on screen."""

_TITLE_INSET = QPointF(14, 18)
_SHAPE_ROOM = 80.0


@dataclass(frozen=True, slots=True)
class FrameLook:
    """What a frame shows."""

    title: str
    area: Box
    notes: tuple[str, ...] = ()
    """How much is in it, the longest first: above the right edge of its cards, beyond which wires
    pass, and clear of the shape beside the wire in its middle."""

    note_right: float = 0.0
    selected: bool = False
    lit: bool = False
    """What is held over it would join it."""


class FrameItem(QGraphicsItem):
    """A named area around some cards."""

    def __init__(self, frame: str, look: FrameLook, shared: LevelOfDetail) -> None:
        super().__init__()
        self.frame = frame
        self.look = look
        self._shared = shared
        self._bounds = _frame_bounds(look.area)
        self.setZValue(FRAME_Z)

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
        if look.area != self.look.area:
            self.prepareGeometryChange()
            self._bounds = _frame_bounds(look.area)
        self.look = look
        self.update()

    def title_box(self) -> QRectF:
        """Return the strip above the cards: where the frame is taken hold of."""
        area = self.area
        if self._shared.level == "far":
            height = FAR_TITLE_PX / self._shared.scale
            return QRectF(area.left, area.top - height, area.width, height)
        return QRectF(area.left, area.top, area.width, TITLE_HEIGHT)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt override
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        style, area = self._shared.style, self.area
        box = QRectF(area.left, area.top, area.width, area.height)
        painter.setPen(style.selected if self.is_marked else style.frame_border)
        painter.setBrush(style.frame_fill)
        radius = style.theme.radius.frame
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.save()
        painter.translate(box.topLeft() + _TITLE_INSET)
        grown = max(1.0, 11 / (12 * self._shared.scale))
        painter.scale(grown, grown)
        self._paint_words(painter, grown)
        painter.restore()

    def _paint_words(self, painter: QPainter, grown: float) -> None:
        colours, look = self._shared.style.colours, self.look
        room = (look.area.width - 2 * _TITLE_INSET.x()) / grown
        title = elided(look.title, "small", room, 600)
        draw_text(painter, 0, 0, title, "small", colours.text2, weight=600)
        if self._shared.level != "near":
            return
        origin = look.area.left + _TITLE_INSET.x()
        clear = max(text_width(title, "small", 600) + 16, look.area.axis + _SHAPE_ROOM - origin)
        for note in look.notes:
            at = look.note_right - origin - text_width(note, "micro")
            if at >= clear:
                draw_text(painter, at, 0, note, "micro", colours.text3)
                return


def _frame_bounds(box: Box) -> QRectF:
    return QRectF(box.left - 2, box.top - 2, box.width + 4, box.height + 4)
