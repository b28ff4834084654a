"""What is seen of cards and wires from far away, listed so that few calls paint it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, reduce

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from app.canvas.geometry import Point
from app.canvas.heat import heat_colour
from app.canvas.items import NodeItem, WireItem
from app.canvas.style import Style
from app.theme import Theme

COLD = -1
"""The shade of what an overlay knows no figure of."""

# Of what a step of a drag paints, making these would be much.
NO_PEN = QPen(Qt.PenStyle.NoPen)
_HOLLOW = QBrush()
_SMOOTH = QPainter.RenderHint.Antialiasing


@dataclass(slots=True)
class FarLines:
    """The courses of some wires."""

    upright: list[QLineF] = field(default_factory=list)
    """Those along and across: on whole pixels they are as good, and quicker by half."""

    slanted: list[QLineF] = field(default_factory=list)


class FarLists:
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
        self._nodes, self.wires = tuple(nodes), tuple(wires)
        for item in self._nodes:
            rect = self._rect(item)
            heat = item.state.heat
            shade = COLD if heat is None else heat.shade
            blocks[shade if heated else item.facts.category].append(rect)
            if item.facts.badge:
                self.dots.append((rect.topRight(), item.facts.badge))
        self.blocks: Mapping[str | int, list[QRectF]] = blocks

    @cached_property
    def selected(self) -> list[QRectF]:
        """The blocks of selected cards."""
        return [self._rect(item) for item in self._nodes if item.state.selected]

    @cached_property
    def lines(self) -> tuple[FarLines, FarLines]:
        """The courses of plain and of selected wires; who paints blocks alone needs none."""
        plain, chosen = FarLines(), FarLines()
        for wire in self.wires:
            lines = chosen if wire.look.state == "selected" else plain
            route = wire.route
            is_upright = route.around or (route.is_straight and not route.bends)
            (lines.upright if is_upright else lines.slanted).extend(wire.far_lines())
        return plain, chosen

    @property
    def area(self) -> QRectF:
        """Where the cards and wires are now."""
        return self._area.translated(*self.by)

    @cached_property
    def _area(self) -> QRectF:
        blocks = (rect for rects in self.blocks.values() for rect in rects)
        return united((*blocks, *(wire.rect() for wire in self.wires)))

    def _rect(self, item: NodeItem) -> QRectF:
        rect = item.far_rect()
        if self.by != (0.0, 0.0):
            rect.translate(-self.by[0], -self.by[1])
        return rect

    def remark(self) -> None:
        """Look anew for what is selected."""
        for name in ("selected", "lines"):
            vars(self).pop(name, None)


def united(areas: Iterable[QRectF]) -> QRectF:
    """Return the area around areas."""
    return reduce(QRectF.united, areas, QRectF())


@contextmanager
def moved(painter: QPainter, lists: FarLists) -> Iterator[None]:
    """Paint lists where they are moved to."""
    before = painter.worldTransform()
    painter.translate(*lists.by)
    yield
    painter.setWorldTransform(before)


def paint_lines(painter: QPainter, style: Style, lists: FarLists) -> None:
    """Paint wires, the selected ones last."""
    pens = zip(lists.lines, style.far_upright, style.far_wires, strict=True)
    for lines, upright, slanted in pens:
        if lines.upright:
            painter.setRenderHint(_SMOOTH, on=False)
            painter.setPen(upright)
            painter.drawLines(lines.upright)
            painter.setRenderHint(_SMOOTH)
        if lines.slanted:
            painter.setPen(slanted)
            painter.drawLines(lines.slanted)


def paint_cards(painter: QPainter, style: Style, lists: FarLists) -> None:
    """Paint blocks, and rings around those that are selected."""
    paint_blocks(painter, style.theme, lists)
    if lists.selected:
        painter.setPen(style.far_ring)
        painter.setBrush(_HOLLOW)
        painter.drawRects(lists.selected)


def paint_blocks(painter: QPainter, theme: Theme, lists: FarLists) -> None:
    """Paint blocks in their categories' colours, or those of an overlay."""
    painter.setRenderHint(_SMOOTH, on=False)
    painter.setPen(NO_PEN)
    for category, rects in lists.blocks.items():
        painter.setBrush(block_colour(theme, category))
        painter.drawRects(rects)
    painter.setRenderHint(_SMOOTH)


def block_colour(theme: Theme, kind: str | int) -> QColor:
    """Return the colour of a category, or of a shade of an overlay."""
    if isinstance(kind, str):
        return theme.category[kind]
    return theme.colours.line2 if kind == COLD else heat_colour(theme.name, kind)
