"""The ground of a card with its rings, and pictures of it to copy from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QTransform

from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts
from app.canvas.style import Style, blank, draw_tile

MARGIN = 14.0
"""How far rings, ports and badges reach beyond the card."""

Fine = tuple[float, float]
"""The zoom factor, and the device pixels to one of the view."""

STACK = 6.0
"""How far below its card the edge of another one shows."""

_STACK_INSET = 8.0

_Ground = tuple[float, float, bool, bool, bool]
_Marks = tuple[bool, bool, bool, bool]


def start_picture(width: float, height: float, fine: Fine) -> tuple[QPixmap, QPainter]:
    """Return an empty picture in view pixels, and a painter that counts canvas units."""
    scale, ratio = fine
    picture = blank(width * scale, height * scale, ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    return picture, painter


def copy_ground(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Copy the ground from a picture: rounded corners are dear to paint."""
    with in_pixels(painter) as fine:
        copy_ground_at(painter, style, facts, state, fine)


@contextmanager
def in_pixels(painter: QPainter) -> Iterator[Fine]:
    """Paint in pixels of the view, from where the painter is; tell what they are of its units."""
    now = painter.worldTransform()
    painter.setWorldTransform(QTransform.fromTranslate(now.dx(), now.dy()))
    yield now.m11(), painter.device().devicePixelRatio()
    painter.setWorldTransform(now)


def copy_ground_at(
    painter: QPainter, style: Style, facts: CardFacts, state: CardState, fine: Fine
) -> None:
    """Copy the ground, in pixels of the view."""
    marks = state.selected, state.hovered, state.linked, state.focused
    picture = _ground_picture(style, ground_of(facts), marks, fine)
    scale = fine[0]
    painter.drawPixmap(QPointF(-(facts.width / 2 + MARGIN) * scale, -MARGIN * scale), picture)


def ground_of(facts: CardFacts) -> _Ground:
    """Return what the ground of a card depends on: size, error, dashes, a second edge."""
    dashed = facts.bypassed or facts.state == "waiting"
    return facts.width, facts.height, facts.is_broken, dashed, facts.stacked


@lru_cache(maxsize=120)
def _ground_picture(style: Style, ground: _Ground, marks: _Marks, fine: Fine) -> QPixmap:
    width, height, broken, dashed, stacked = ground
    picture, painter = start_picture(width + 2 * MARGIN, height + 2 * MARGIN, fine)
    box = QRectF(MARGIN, MARGIN, width, height)
    selected, hovered, linked, focused = marks
    state = CardState(selected=selected, hovered=hovered, linked=linked, focused=focused)
    paint_ground(painter, style, box, state, broken=broken, dashed=dashed, stacked=stacked)
    painter.end()
    return picture


@lru_cache(maxsize=240)
def tile_picture(
    style: Style, category: str, glyph: str, hatched: bool, size: int, fine: Fine
) -> QPixmap:
    """Return a category tile for just this zoom."""
    picture, painter = start_picture(size, size, fine)
    draw_tile(painter, style, (0.0, 0.0, size), category, glyph, hatched=hatched)
    painter.end()
    return picture


def paint_ground(
    painter: QPainter,
    style: Style,
    box: QRectF,
    state: CardState,
    *,
    broken: bool,
    dashed: bool,
    stacked: bool,
) -> None:
    """Paint the card itself: border, ring, fill, the dashes of what waits or is bypassed."""
    radius = style.theme.radius.card
    if stacked:
        _paint_stack(painter, style, box)
    pen = style.card_border
    ring: QPen | None = None
    if state.selected:
        pen, ring = style.selected, style.selected_ring
    elif broken:
        pen, ring = style.error, style.error_ring
    elif dashed:
        pen = style.waiting
    elif state.hovered or state.linked:
        pen = style.hovered
    if ring is not None:
        painter.setPen(ring)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5, radius + 2.5)
    elif pen is style.card_border:
        painter.setPen(style.card_shade)
        painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, 0.5), radius, radius)
    painter.setPen(pen)
    painter.setBrush(style.colours.hover if state.hovered else style.colours.raised)
    inset = 0.5 if pen.widthF() < 1.5 else 0.0
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)
    if state.focused and not state.selected:
        painter.setPen(style.focus)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), radius + 4, radius + 4)


def _paint_stack(painter: QPainter, style: Style, box: QRectF) -> None:
    """Paint the edge of another card below this one."""
    radius = style.theme.radius.card
    below = box.adjusted(_STACK_INSET + 0.5, 2 * radius, -_STACK_INSET - 0.5, STACK - 0.5)
    painter.setPen(style.card_border)
    painter.setBrush(style.colours.raised)
    painter.drawRoundedRect(below, radius, radius)
