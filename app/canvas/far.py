"""The whole drawing from far away: blocks, lines and names in a few calls.

Below the level where titles can be read, items are not painted one by one. The lists below are
made again when something moved and painted as they are while the view pans and zooms. While some
cards are dragged, the lists of the others are painted once, and then shown as pictures; the lists
of what goes along are painted elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TypeAlias

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTransform

from app.canvas.frame_item import FrameItem
from app.canvas.geometry import Point
from app.canvas.heat import heat_colour
from app.canvas.items import NodeItem, WireItem
from app.canvas.scene import CanvasScene
from app.canvas.style import FRAME_COLOURS, Style, draw_text, elided, text_width
from app.theme import Theme, faded

NAMES_ONLY_BELOW = 0.12
_DOT_PX = 4.0
_COLD = -1
_SheetKey: TypeAlias = tuple[tuple[int, int, float], QTransform]


class _Lists:
    """What is painted of some cards and wires."""

    def __init__(
        self,
        nodes: Iterable[NodeItem],
        wires: Iterable[WireItem],
        *,
        heated: bool,
        by: Point = (0.0, 0.0),
    ) -> None:
        """List them as if they stood where they would without being moved ``by``."""
        self.by = by
        blocks: defaultdict[str | int, list[QRectF]] = defaultdict(list)
        self.dots: list[tuple[QPointF, str]] = []
        self._nodes, self._wires = tuple(nodes), tuple(wires)
        for item in self._nodes:
            rect = self._rect(item)
            heat = item.state.heat
            shade = _COLD if heat is None else heat.shade
            blocks[shade if heated else item.facts.category].append(rect)
            if item.facts.badge:
                self.dots.append((rect.topRight(), item.facts.badge))
        self.blocks: Mapping[str | int, list[QRectF]] = blocks

    @cached_property
    def selected(self) -> list[QRectF]:
        """The blocks of selected cards."""
        return [self._rect(item) for item in self._nodes if item.state.selected]

    @cached_property
    def lines(self) -> tuple[list[QLineF], list[QLineF]]:
        """The courses of plain and of selected wires; who paints blocks alone needs none."""
        plain: list[QLineF] = []
        chosen: list[QLineF] = []
        for wire in self._wires:
            (chosen if wire.look.state == "selected" else plain).extend(wire.far_lines())
        return plain, chosen

    def _rect(self, item: NodeItem) -> QRectF:
        return item.far_rect().translated(-self.by[0], -self.by[1])

    def remark(self) -> None:
        """Look anew for what is selected."""
        for name in ("selected", "lines"):
            vars(self).pop(name, None)


class _Sheets:
    """Pictures of what stands still: its lines, and its blocks that go above all lines."""

    def __init__(self, still: _Lists, style: Style, painter: QPainter) -> None:
        """Paint them as a painter would: for its device and its transform."""
        self.key = _sheet_key(painter)
        (width, height, ratio), transform = self.key
        self.lines, self.blocks = (
            QPixmap(round(width * ratio), round(height * ratio)) for _ in "ab"
        )
        for sheet, paint in ((self.lines, _paint_lines), (self.blocks, _paint_cards)):
            sheet.setDevicePixelRatio(ratio)
            sheet.fill(Qt.GlobalColor.transparent)
            on_sheet = QPainter(sheet)
            on_sheet.setRenderHints(painter.renderHints())
            on_sheet.setWorldTransform(transform)
            paint(on_sheet, style, still)
            on_sheet.end()


class FarPicture:
    """Blocks by colour and lines, ready to be painted.

    What a gesture moves has lists of its own, so that a step of it costs no more than that.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._still: _Lists | None = None
        self._carried: _Lists | None = None
        self._stretched: _Lists | None = None
        self._sheets: _Sheets | None = None
        self._last_key: _SheetKey | None = None
        scene.altered.connect(self.outdate)
        scene.marked.connect(self._remark)
        scene.shifted.connect(self._outdate_moving)

    def outdate(self) -> None:
        """Make the lists anew before the next time."""
        self._still = self._carried = self._stretched = None
        self._sheets = self._last_key = None

    def let_go(self) -> None:
        """Keep no pictures: everything is seen from nearer now."""
        self._sheets = self._last_key = None

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        """Paint everything for a view, within the painter's clip region."""
        style = self._scene.shared.style
        painter.setWorldTransform(transform)
        self._paint_frames(painter, style)
        self._paint_lists(painter, style)
        painter.resetTransform()
        self._paint_names(painter, style, transform)
        self._paint_dots(painter, style, transform)

    def paint_blocks(self, painter: QPainter, theme: Theme) -> None:
        """Paint the blocks alone, in their categories' colours or those of an overlay."""
        for lists in self._lists():
            with _moved(painter, lists):
                _paint_blocks(painter, theme, lists)
        self._paint_bars(painter, theme)

    def _paint_lists(self, painter: QPainter, style: Style) -> None:
        still, carried, stretched = self._lists()
        sheets = self._sheets_of(painter, style, still) if self._scene.shifting.nodes else None
        if sheets is None:
            _paint_lines(painter, style, still)
        else:
            _show(painter, sheets.lines)
        _paint_lines(painter, style, stretched)
        with _moved(painter, carried):
            _paint_lines(painter, style, carried)
        if sheets is None:
            _paint_cards(painter, style, still)
        else:
            _show(painter, sheets.blocks)
        with _moved(painter, carried):
            _paint_cards(painter, style, carried)
        self._paint_bars(painter, style.theme)

    def _paint_bars(self, painter: QPainter, theme: Theme) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for item in self._bars():
            hue = FRAME_COLOURS.get(item.look.colour)
            painter.setBrush(theme.category[hue] if hue else theme.colours.ctl)
            painter.drawRect(_rect(item))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def dots(self) -> list[tuple[QPointF, str]]:
        """Return where there are problems, and how bad they are."""
        bars = [(_rect(item).topRight(), item.look.badge) for item in self._bars()]
        cards = (
            (place + QPointF(*lists.by), badge)
            for lists in self._lists()
            for place, badge in lists.dots
        )
        return [*cards, *((place, badge) for place, badge in bars if badge)]

    def _bars(self) -> list[FrameItem]:
        return [item for item in self._scene.frames.values() if item.look.is_folded]

    def _remark(self) -> None:
        self._sheets = None
        for lists in (self._still, self._carried, self._stretched):
            if lists is not None:
                lists.remark()

    def _outdate_moving(self) -> None:
        self._stretched = None
        if not self._scene.shifting.goes_as_one:
            self._carried = None

    def _sheets_of(self, painter: QPainter, style: Style, still: _Lists) -> _Sheets | None:
        """Return the pictures of what stands still, once a view has been painted before.

        While a drag pans or zooms on, each view is painted once: pictures would not pay.
        """
        key = _sheet_key(painter)
        if self._sheets is not None and self._sheets.key == key:
            return self._sheets
        is_known, self._last_key = key == self._last_key, key
        self._sheets = _Sheets(still, style, painter) if is_known else None
        return self._sheets

    def _lists(self) -> tuple[_Lists, _Lists, _Lists]:
        """Return what stands still, what is carried along, and wires from one to the other."""
        scene, shifting, heated = self._scene, self._scene.shifting, self._scene.is_heated
        if self._still is None:
            hidden = {*shifting.nodes, *scene.folding.frame_of}
            nodes = (item for node, item in scene.nodes.items() if node not in hidden)
            held = {*shifting.carried, *shifting.stretched}
            wires = (item for link, item in scene.wires.items() if link not in held)
            self._still = _Lists(nodes, wires, heated=heated)
        if self._carried is None:
            nodes = (scene.nodes[node] for node in shifting.nodes if node not in scene.folding)
            wires = (scene.wires[link] for link in shifting.carried)
            self._carried = _Lists(nodes, wires, heated=heated, by=shifting.by)
        if self._stretched is None:
            wires = (scene.wires[link] for link in shifting.stretched)
            self._stretched = _Lists((), wires, heated=heated)
            if shifting.is_rough:
                self._stretched.lines = [], shifting.rough_lines()
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
        painter.setPen(Qt.PenStyle.NoPen)
        for point, badge in self.dots():
            painter.setBrush(style.colours.err if badge == "error" else style.colours.warn)
            painter.drawEllipse(transform.map(point), _DOT_PX, _DOT_PX)


@contextmanager
def _moved(painter: QPainter, lists: _Lists) -> Iterator[None]:
    """Paint lists where they are moved to."""
    before = painter.worldTransform()
    painter.translate(*lists.by)
    yield
    painter.setWorldTransform(before)


def _paint_lines(painter: QPainter, style: Style, lists: _Lists) -> None:
    colours = style.colours.wire, style.colours.accent
    for lines, colour in zip(lists.lines, colours, strict=True):
        pen = QPen(colour, 1.2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(lines)


def _paint_cards(painter: QPainter, style: Style, lists: _Lists) -> None:
    """Paint blocks, and rings around those that are selected."""
    _paint_blocks(painter, style.theme, lists)
    pen = QPen(style.colours.accent, 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects(lists.selected)


def _paint_blocks(painter: QPainter, theme: Theme, lists: _Lists) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(Qt.PenStyle.NoPen)
    for category, rects in lists.blocks.items():
        painter.setBrush(_colour(theme, category))
        painter.drawRects(rects)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _show(painter: QPainter, sheet: QPixmap) -> None:
    """Lay a picture of the whole device over what is painted, where it is painted at all."""
    transform, ratio = painter.worldTransform(), sheet.devicePixelRatio()
    painter.resetTransform()
    if ratio.is_integer():
        # One by one these are quicker than all of it through the same clip.
        for rect in painter.clipRegion():  # type: ignore[attr-defined] # the stubs lack it
            source = QRect(rect.topLeft() * ratio, rect.size() * ratio)
            painter.drawPixmap(rect, sheet, source)
    else:
        painter.drawPixmap(0, 0, sheet)
    painter.setWorldTransform(transform)


def _sheet_key(painter: QPainter) -> _SheetKey:
    """Return what pictures of a whole device are good for: its size, and what is seen."""
    device = painter.device()
    size = device.width(), device.height(), device.devicePixelRatioF()
    return size, painter.worldTransform()


def _colour(theme: Theme, kind: str | int) -> QColor:
    """Return the colour of a category, or of a shade of an overlay."""
    if isinstance(kind, str):
        return theme.category[kind]
    return theme.colours.line2 if kind == _COLD else heat_colour(theme.name, kind)


def _name_ground(x: float, middle: float, width: float) -> QRectF:
    return QRectF(x - 3, middle - 8, width + 6, 16)


def _paint_ground(painter: QPainter, style: Style, x: float, middle: float, width: float) -> None:
    """Keep a name readable over cards and wires."""
    ground = faded(style.colours.canvas, 0.8)
    painter.fillRect(_name_ground(x, middle, width), ground)


def _rect(item: FrameItem) -> QRectF:
    area = item.area
    return QRectF(area.left, area.top, area.width, area.height)
