"""The whole drawing from far away: blocks, lines and names in a few calls.

Below the level where titles can be read, items are not painted one by one. Lists of them are made
again when something moved and painted as they are while the view pans and zooms. While some cards
are dragged, the lists of the others are painted once, and then shown as a picture; the lists of
what goes along are painted on it, and once more the blocks that its wires run below.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion, QTransform

from app.canvas.far_lists import (
    COLD,
    NO_PEN,
    FarLines,
    FarLists,
    block_colour,
    moved,
    paint_blocks,
    paint_cards,
    paint_lines,
    united,
)
from app.canvas.frame_item import FrameItem, FrameLook
from app.canvas.scene import CanvasScene
from app.canvas.sheet import Sheet, SheetKey, area_around
from app.canvas.style import FRAME_COLOURS, Style, draw_text, elided, text_width
from app.theme import Theme, faded

NAMES_ONLY_BELOW = 0.12
_DOT_PX = 4.0
_NAME_PX = 20
_MOST_PARTS = 40
"""Of more things that move, the area around all is repainted."""

_CLEAR = QColor(Qt.GlobalColor.transparent)


class FarPicture:
    """Blocks by colour and lines, ready to be painted.

    What a gesture moves has lists of its own, so that a step of it costs no more than that.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._still: FarLists | None = None
        self._carried: FarLists | None = None
        self._stretched: FarLists | None = None
        self._sheet: Sheet | None = None
        self._last_key: SheetKey | None = None
        self._is_step = False
        """A step of a drag has not been painted yet."""

        scene.altered.connect(self.outdate)
        scene.marked.connect(self._remark)
        scene.shifted.connect(self._outdate_moving)

    def outdate(self) -> None:
        """Make the lists anew before the next time."""
        self._still = self._carried = self._stretched = None
        self._sheet = self._last_key = None

    def let_go(self) -> None:
        """Keep no picture: everything is seen from nearer now."""
        self._sheet = self._last_key = None

    def paint(self, painter: QPainter, transform: QTransform, region: QRegion) -> None:
        """Paint what a view shows in a region, to which the painter is clipped."""
        style, shifting = self._scene.shared.style, self._scene.shifting
        still, carried, stretched = self._lists()
        sheet = self._sheet_for(painter, transform, region) if shifting.nodes else None
        if sheet is None or self._scene.frames:
            self._paint_ground(painter, style, transform, region)
        if sheet is None:
            painter.setWorldTransform(transform)
            paint_lines(painter, style, still)
        else:
            sheet.show(painter, region)
        paint_lines(painter, style, stretched)
        if carried.wires:
            with moved(painter, carried):
                paint_lines(painter, style, carried)
        paint_cards(painter, style, still if sheet is None else self._covering(still, stretched))
        with moved(painter, carried):
            paint_cards(painter, style, carried)
        self._paint_bars(painter, style.theme)
        painter.resetTransform()
        self._paint_names(painter, style, transform)
        self._paint_dots(painter, style, transform)

    def paint_blocks(self, painter: QPainter, theme: Theme) -> None:
        """Paint the blocks alone, in their categories' colours or those of an overlay."""
        for lists in self._lists():
            with moved(painter, lists):
                paint_blocks(painter, theme, lists)
        self._paint_bars(painter, theme)

    def moving_region(self, transform: QTransform) -> QRegion:
        """Return where a view shows what a gesture moves, and the names of frames beside it."""
        _, carried, stretched = self._lists()
        areas = [carried.area, *(wire.rect() for wire in stretched.wires)]
        region = QRegion()
        for area in areas if len(areas) <= _MOST_PARTS else [united(areas)]:
            region += transform.mapRect(area).toAlignedRect().adjusted(-6, -6, 6, 6)
        for item in self._scene.frames.values():
            box = transform.mapRect(_rect(item)).toAlignedRect().adjusted(-3, -3, 3, 3)
            if item.look.lit or item.frame in self._scene.shifting.frames:
                region += box
            name = QRect(box.left(), box.top() - _NAME_PX, box.width(), 2 * _NAME_PX)
            if region.intersects(name):
                region += name
        return region

    def _paint_ground(
        self, painter: QPainter, style: Style, transform: QTransform, region: QRegion
    ) -> None:
        """Paint what lies below all wires."""
        painter.resetTransform()
        painter.fillRect(region.boundingRect(), style.colours.canvas)
        painter.setWorldTransform(transform)
        self._paint_frames(painter, style)

    def _covering(self, still: FarLists, stretched: FarLists) -> FarLists:
        """Return the blocks that the wires being led run below; all where these are many."""
        scene, shifting = self._scene, self._scene.shifting
        if shifting.is_rough:
            return still
        found = {node for wire in stretched.wires for node in shifting.cards_at(wire)}
        cards = (item for node in found if (item := scene.nodes.get(node)))
        return FarLists(cards, (), heated=scene.is_heated)

    def _paint_bars(self, painter: QPainter, theme: Theme) -> None:
        bars = self._bars()
        if not bars:
            return
        painter.setPen(NO_PEN)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for item in bars:
            painter.setBrush(self._colour_of(item.look, theme))
            painter.drawRect(_rect(item))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _colour_of(self, bar: FrameLook, theme: Theme) -> QColor:
        if self._scene.is_heated:
            return block_colour(theme, bar.heat.shade if bar.heat is not None else COLD)
        hue = FRAME_COLOURS.get(bar.colour)
        return theme.category[hue] if hue else theme.colours.ctl

    def dots(self) -> list[tuple[QPointF, str]]:
        """Return where there are problems, and how bad they are."""
        cards = [
            (place + QPointF(*lists.by), badge)
            for lists in self._lists()
            for place, badge in lists.dots
        ]
        bars = [(_rect(item).topRight(), item.look.badge) for item in self._bars()]
        return [*cards, *((place, badge) for place, badge in bars if badge)]

    def _bars(self) -> list[FrameItem]:
        return [item for item in self._scene.frames.values() if item.look.is_folded]

    def _remark(self) -> None:
        self._sheet = None
        for lists in (self._still, self._carried, self._stretched):
            if lists is not None:
                lists.remark()

    def _outdate_moving(self) -> None:
        self._stretched, self._is_step = None, True
        if not self._scene.shifting.goes_as_one:
            self._carried = None

    def _sheet_for(self, painter: QPainter, transform: QTransform, region: QRegion) -> Sheet | None:
        """Return the picture of what stands still, if a step of a drag has use of one.

        While a drag pans or zooms on, each view is painted once: a picture would not pay.
        """
        device = painter.device()
        whole = QRect(0, 0, device.width(), device.height())
        key = whole, device.devicePixelRatioF(), transform
        sheet, is_step, is_known = self._sheet, self._is_step, key == self._last_key
        self._is_step, self._last_key = False, key
        if sheet is not None and sheet.key == key and sheet.area.contains(region.boundingRect()):
            return sheet
        if not (is_step and is_known):
            return None
        area = area_around(key, self.moving_region(transform), sheet)
        if not area.contains(region.boundingRect()):
            # More is painted than a drag asks for, and once.
            return None
        # Frames may move along and light up: where there are any, the ground is none of it.
        ground = _CLEAR if self._scene.frames else self._scene.shared.style.colours.canvas
        self._sheet = Sheet(key, area, ground, painter, self._paint_still)
        return self._sheet

    def _paint_still(self, painter: QPainter) -> None:
        style, (still, _, _) = self._scene.shared.style, self._lists()
        paint_lines(painter, style, still)
        paint_cards(painter, style, still)

    def _lists(self) -> tuple[FarLists, FarLists, FarLists]:
        """Return what stands still, what is carried along, and wires from one to the other."""
        scene, shifting, heated = self._scene, self._scene.shifting, self._scene.is_heated
        if self._still is None:
            hidden = {*shifting.nodes, *scene.folding.frame_of}
            nodes = (item for node, item in scene.nodes.items() if node not in hidden)
            held = {*shifting.carried, *shifting.stretched}
            wires = (item for link, item in scene.wires.items() if link not in held)
            self._still = FarLists(nodes, wires, heated=heated)
        if self._carried is None:
            nodes = (scene.nodes[node] for node in shifting.nodes if node not in scene.folding)
            wires = (scene.wires[link] for link in shifting.carried)
            self._carried = FarLists(nodes, wires, heated=heated, by=shifting.by)
        if self._stretched is None:
            wires = (scene.wires[link] for link in shifting.stretched)
            self._stretched = FarLists((), wires, heated=heated)
            if shifting.is_rough:
                self._stretched.lines = FarLines(), FarLines(slanted=shifting.rough_lines())
        self._carried.by = shifting.by
        return self._still, self._carried, self._stretched

    def _paint_frames(self, painter: QPainter, style: Style) -> None:
        for item in self._scene.frames.values():
            if item.look.is_folded and not item.is_marked:
                continue
            pen = QPen(
                style.colours.accent
                if item.is_marked
                else style.frame_pen(item.look.colour).color()
            )
            pen.setCosmetic(True)
            pen.setWidthF(2.0 if item.is_marked else 1.0)
            painter.setPen(pen)
            painter.setBrush(style.frame_tint(item.look.colour))
            radius = style.theme.radius.frame * 2
            painter.drawRoundedRect(_rect(item), radius, radius)

    def _middle_of_name(self, box: QRectF, width: float, transform: QTransform) -> float:
        """Return how far down a name stands: above its frame, or on the border below a card.

        Inside there is no room for a line of this size: the first card begins right below.
        """
        above = box.top() - 9
        if transform.m11() < NAMES_ONLY_BELOW:
            return above
        ground = _name_ground(box.left() + 2, above, width)
        is_taken = self._scene.cards_in(transform.inverted()[0].mapRect(ground))
        return box.top() if is_taken else above

    def _paint_names(self, painter: QPainter, style: Style, transform: QTransform) -> None:
        colours = style.colours
        for item in self._scene.frames.values():
            box = transform.mapRect(_rect(item))
            x, title = box.left() + 2, elided(item.look.title, "small", box.width() - 2, 600)
            width = text_width(title, "small", 600)
            middle = self._middle_of_name(box, width, transform)
            _paint_ground(painter, style, x, middle, width)
            draw_text(painter, x, middle, title, "small", colours.text, weight=600)
            shape = self._scene.frame_layer.shape(item.frame)
            if transform.m11() < NAMES_ONLY_BELOW or not shape:
                continue
            at = box.right() - 2 - text_width(shape, "shape")
            if at > x + width + 8:
                _paint_ground(painter, style, at, middle, text_width(shape, "shape"))
                draw_text(painter, at, middle, shape, "shape", colours.text3)

    def _paint_dots(self, painter: QPainter, style: Style, transform: QTransform) -> None:
        dots = self.dots()
        if not dots:
            return
        painter.setPen(NO_PEN)
        for point, badge in dots:
            painter.setBrush(style.colours.err if badge == "error" else style.colours.warn)
            painter.drawEllipse(transform.map(point), _DOT_PX, _DOT_PX)


def _name_ground(x: float, middle: float, width: float) -> QRectF:
    return QRectF(x - 3, middle - 8, width + 6, 16)


def _paint_ground(painter: QPainter, style: Style, x: float, middle: float, width: float) -> None:
    """Keep a name readable over cards and wires."""
    ground = faded(style.colours.canvas, 0.8)
    painter.fillRect(_name_ground(x, middle, width), ground)


def _rect(item: FrameItem) -> QRectF:
    area = item.area
    return QRectF(area.left, area.top, area.width, area.height)
