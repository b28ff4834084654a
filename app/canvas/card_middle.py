"""Cards from some way off: tile and title, copied from pictures that equal cards share.

Hundreds are on screen at once. A picture is made for just one zoom, which Qt copies fast only
where the painter is not scaled.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap, QTransform

from app.canvas.card import (
    FADED,
    TILE_X,
    TITLE_X,
    TITLE_X_COMPACT,
    has_picture,
    paint_corner,
    paint_picture,
)
from app.canvas.card_ground import MARGIN, Fine, copy_ground, start_picture, tile_picture
from app.canvas.card_ports import copy_ports
from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts
from app.canvas.heat import paint_heat
from app.canvas.style import Style, draw_text, elided
from app.canvas.thumbnails import THUMB_WIDTH

_LEAST_TITLE_PX = 11.0
_BESIDE_PREVIEW = 6.0
_MOST_BYTES = 64 * 2**20

_Key = tuple[Style, str, bool, bool, bool, bool, bool, int, bool, Fine]


class _Pictures:
    """Pictures by what they show; all are made anew once they take too much room."""

    def __init__(self) -> None:
        self._pictures: dict[_Key, QPixmap] = {}
        self._bytes = 0

    def get(self, key: _Key, facts: CardFacts, state: CardState) -> QPixmap:
        found = self._pictures.get(key)
        if found is None:
            found = self._pictures[key] = self._make(key, facts, state)
        return found

    def _make(self, key: _Key, facts: CardFacts, state: CardState) -> QPixmap:
        style, *_, beside_preview, fine = key
        width, height = facts.width + 2 * MARGIN, facts.height + 2 * MARGIN
        picture, painter = start_picture(width, height, fine)
        painter.translate(width / 2, MARGIN)
        _paint(painter, style, facts, state, fine, beside_preview=beside_preview)
        painter.end()
        self._bytes += picture.width() * picture.height() * 4
        if self._bytes > _MOST_BYTES:
            self._pictures.clear()
            self._bytes = 0
        return picture


_pictures = _Pictures()


def middle_key(facts: CardFacts) -> str:
    """Return a text that is the same for cards that look the same at this level.

    A text remembers its hash, and equal ones are made one object: both are asked for each card of
    each frame.
    """
    ports = [(place.x, place.y, place.optional and not place.used) for place in facts.inputs]
    shown = (
        facts.title,
        facts.category,
        facts.glyph,
        facts.width,
        facts.height,
        facts.frozen,
        facts.bypassed,
        facts.is_broken,
        facts.state == "waiting",
        facts.badge,
        facts.stacked,
        facts.repeat,
        ports,
        [(place.x, place.y) for place in facts.outputs],
    )
    return sys.intern(repr(shown))


def paint_card_middle(
    painter: QPainter,
    style: Style,
    facts: CardFacts,
    key: str,
    state: CardState,
    fine: Fine,
    *,
    with_preview: bool = False,
) -> None:
    """Paint a card without parameters; the title keeps a readable size.

    Args:
        key: What ``middle_key`` says of the facts.
        fine: The zoom factor, undone here, and the device pixels to one of the view.
        with_preview: Show what the layer puts out, and samples.
    """
    if state.dimmed:
        painter.setOpacity(0.4)
    if state.lit or state.ghost is not None:
        _paint(painter, style, facts, state, fine)
        return
    has_preview = with_preview and has_picture(facts, state)
    flags = state.selected, state.hovered, state.linked, state.focused, state.pinned
    shade = state.heat.shade if state.heat is not None else -1
    picture = _pictures.get((style, key, *flags, shade, has_preview, fine), facts, state)
    now, scale = painter.worldTransform(), fine[0]
    painter.setWorldTransform(QTransform.fromTranslate(now.dx(), now.dy()))
    painter.drawPixmap(QPointF(-(facts.width / 2 + MARGIN) * scale, -MARGIN * scale), picture)
    if has_preview:
        painter.setWorldTransform(now)
        paint_picture(painter, style, facts, state)


def _paint(
    painter: QPainter,
    style: Style,
    facts: CardFacts,
    state: CardState,
    fine: Fine,
    *,
    beside_preview: bool = False,
) -> None:
    copy_ground(painter, style, facts, state)
    if state.heat is not None:
        box = QRectF(-facts.width / 2, 0, facts.width, facts.height)
        paint_heat(painter, style.theme, box, state.heat)
    now, scale = painter.worldTransform(), fine[0]
    painter.setWorldTransform(QTransform.fromTranslate(now.dx(), now.dy()))
    size = 24 if facts.is_compact else style.theme.size.tile
    tile = tile_picture(style, facts.category, facts.glyph, facts.frozen, size, fine)
    at = QPointF(-facts.width / 2 + TILE_X, (facts.height - size) / 2)
    opacity = painter.opacity()
    painter.setOpacity(opacity * (FADED if facts.bypassed else 1.0))
    painter.drawPixmap(at * scale, tile)
    painter.setOpacity(opacity)
    _paint_title(painter, style, facts, scale, beside_preview=beside_preview)
    painter.setWorldTransform(now)
    copy_ports(painter, style, facts, state)
    paint_corner(painter, style, facts, state)


def _paint_title(
    painter: QPainter, style: Style, facts: CardFacts, scale: float, *, beside_preview: bool
) -> None:
    grown = max(scale, _LEAST_TITLE_PX / style.theme.type.styles.node_title.size_px)
    at = (-facts.width / 2 + (TITLE_X_COMPACT if facts.is_compact else TITLE_X) + 2) * scale
    beside = THUMB_WIDTH + _BESIDE_PREVIEW if beside_preview else 0.0
    room = ((facts.width / 2 - 10 - beside) * scale - at) / grown
    colour = style.colours.text3 if facts.bypassed else style.colours.text
    painter.translate(at, facts.height / 2 * scale)
    painter.scale(grown, grown)
    draw_text(painter, 0, 0, elided(facts.title, "node_title", room), "node_title", colour)
