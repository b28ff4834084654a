"""Painting a card: tile, title, key parameters, preview, ports, badge, in every state."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.canvas.card_ground import (
    copy_ground,
    copy_ground_at,
    ground_of,
    in_pixels,
    paint_ground,
    tile_picture,
)
from app.canvas.card_ports import copy_ports, copy_ports_at, paint_ports
from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts
from app.canvas.heat import paint_heat
from app.canvas.style import (
    BADGE_PX,
    Style,
    card_font,
    draw_glyph,
    draw_text,
    draw_tile,
    draws_lines,
    elided,
    text_width,
)
from app.canvas.thumbnails import THUMB_WIDTH, draw_preview, draw_samples
from app.theme import activation_icon
from nodes.io import Data

LOOSE_MARGIN = 28.0
"""The same below a card with an output that leads nowhere: its shape stands there."""

TILE_X = 10.0
TITLE_X = 48.0
TITLE_X_COMPACT = 44.0
_TITLE_MIDDLE = 20.0
_DETAIL_MIDDLE = 38.0
_RIGHT_INSET = 12.0
_PILL_HEIGHT = 16.0
_PILL_GLYPH = 11
_PIN_PX = 12
FADED = 0.45
_STALE = 0.4
_REPEAT_INSET = 8.0
_REPEAT_GAP = 8.0
_REPEAT_HEIGHT = 22.0
_THIN_SPACE = "\u202f"


def paint_card(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Paint a card in full, its axis at x 0 and its top at y 0."""
    box = QRectF(-facts.width / 2, 0, facts.width, facts.height)
    if state.dimmed:
        painter.setOpacity(0.4)
    pictures = not draws_lines(painter)
    opacity = painter.opacity()
    if pictures and state.heat is None and not facts.bypassed:
        _copy_plain(painter, style, facts, state)
    else:
        _paint_base(painter, style, box, facts, state)
        painter.setOpacity(opacity * (FADED if facts.bypassed else 1.0))
        _paint_tile(painter, style, facts)
    right = _paint_right(painter, style, box, facts, state)
    with_preview = right >= THUMB_WIDTH
    repeat = _repeat_text(facts, with_preview=with_preview)
    if repeat and not with_preview:
        right += _repeat_width(repeat)
        at = box.right() - _RIGHT_INSET - right
        _paint_repeat(painter, style, at, facts.height / 2, _REPEAT_HEIGHT, repeat)
        repeat = ""
    painter.setOpacity(opacity)
    # Beside a preview the pill stands below the title, which keeps its room.
    _paint_words(painter, style, box, _counted(facts, state, right), right, repeat)
    if not pictures:
        paint_ports(painter, style, facts, state)
    below = 17 if facts.flow == "down" else -10
    for place, text in (words for words in facts.loose if not state.hides(words[0])):
        ink = style.colours.accent if state.selected else style.colours.text2
        draw_text(painter, place.x + 12, place.y + below, text, "shape", ink)
    paint_corner(painter, style, facts, state)
    painter.setOpacity(1.0)


def _copy_plain(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Copy what pictures serve for, as they are: the ground, the tile and the ports."""
    with in_pixels(painter) as fine:
        copy_ground_at(painter, style, facts, state, fine)
        x, y, size = _tile_place(style, facts)
        tile = tile_picture(style, facts.category, facts.glyph, facts.frozen, size, fine)
        painter.drawPixmap(QPointF(x * fine[0], y * fine[0]), tile)
        copy_ports_at(painter, style, facts, state, fine)


def _paint_base(
    painter: QPainter, style: Style, box: QRectF, facts: CardFacts, state: CardState
) -> None:
    """Paint the ground and what lies on it below everything else."""
    if draws_lines(painter):
        _, _, broken, dashed, stacked = ground_of(facts)
        paint_ground(painter, style, box, state, broken=broken, dashed=dashed, stacked=stacked)
    else:
        copy_ground(painter, style, facts, state)
    if state.heat is not None:
        paint_heat(painter, style.theme, box, state.heat)
    if facts.bypassed:
        _paint_bypass(painter, style, facts)
    if not draws_lines(painter):
        copy_ports(painter, style, facts, state)


def shows_preview(facts: CardFacts, state: CardState) -> bool:
    """Whether the right end is a preview on the plain ground, which can be painted alone."""
    if state.preview is None or state.heat is not None or state.dimmed or state.samples:
        return False
    return not (facts.is_compact or facts.reason or facts.bypassed or facts.state == "waiting")


def has_picture(facts: CardFacts, state: CardState) -> bool:
    """Whether samples or a preview stand at the right end of a card that is seen as it is."""
    if facts.role == "data" and state.samples and not state.dimmed:
        return True
    return shows_preview(facts, state)


def paint_picture(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Paint the samples or the preview of a card alone."""
    box = QRectF(-facts.width / 2, 0, facts.width, facts.height)
    if facts.role == "data" and state.samples:
        draw_samples(painter, style, box, state.samples)
    else:
        _paint_preview(painter, style, box, facts, state)


def paint_card_preview(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Paint a preview and the ground below it, where nothing else of the card has changed."""
    copy_ground(painter, style, facts, state)
    _paint_preview(
        painter, style, QRectF(-facts.width / 2, 0, facts.width, facts.height), facts, state
    )
    paint_corner(painter, style, facts, state)


def activation_box(facts: CardFacts, *, with_preview: bool) -> QRectF:
    """Return the pill of the fused activation in the card's own coordinates; empty without."""
    if not facts.activation or facts.is_compact:
        return QRectF()
    left = -facts.width / 2 + TITLE_X
    right = THUMB_WIDTH + 10 if with_preview else _right_width(facts)
    room = _room(facts, right + _repeat_width(_repeat_text(facts, with_preview=with_preview)))
    detail, pill = _detail_and_pill(facts, room)
    start = left + (text_width(detail, "node_detail") + 8 if detail else 0)
    return QRectF(start, _DETAIL_MIDDLE - _PILL_HEIGHT / 2, _pill_width(pill), _PILL_HEIGHT)


def badge_box(facts: CardFacts) -> QRectF:
    """Return the disc on the corner in the card's own coordinates; empty without one."""
    if not facts.badge:
        return QRectF()
    box = QRectF(0, 0, BADGE_PX, BADGE_PX)
    box.moveCenter(QPointF(facts.width / 2 - 2, 2))
    return box


def _paint_bypass(painter: QPainter, style: Style, facts: CardFacts) -> None:
    """Lead a dotted wire through the card: what arrives passes it as it is."""
    used = next((place for place in facts.inputs if place.used), None)
    if used is None or not facts.outputs:
        return
    start = QPointF(used.x, used.y)
    end = QPointF(facts.outputs[0].x, facts.outputs[0].y)
    path = QPainterPath(start)
    is_right = facts.flow == "right"
    middle = QPointF(facts.width / 2, 0) if is_right else QPointF(0, facts.height / 2)
    path.cubicTo(start + middle, end - middle, end)
    painter.setPen(style.wire_pen("bypass", style.theme.wire.width1d))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _paint_tile(painter: QPainter, style: Style, facts: CardFacts) -> None:
    place = _tile_place(style, facts)
    draw_tile(painter, style, place, facts.category, facts.glyph, hatched=facts.frozen)


def _tile_place(style: Style, facts: CardFacts) -> tuple[float, float, int]:
    size = 24 if facts.is_compact else style.theme.size.tile
    return TILE_X - facts.width / 2, (facts.height - size) / 2, size


def _paint_right(
    painter: QPainter, style: Style, box: QRectF, facts: CardFacts, state: CardState
) -> float:
    """Paint what stands at the right end and return how wide it is."""
    colours = style.colours
    if facts.is_compact and not facts.reason:
        return 0.0
    if facts.reason:
        width = text_width(facts.reason, "node_detail")
        reason = facts.reason
        if facts.is_compact:
            return 0.0
        at = box.right() - _RIGHT_INSET - 4 - width
        draw_text(painter, at, facts.height / 2, reason, "node_detail", colours.err)
        return width + 4
    if facts.state == "waiting":
        return _paint_lines(painter, style, box, _awaited(facts))
    if facts.role == "data" and state.samples:
        draw_samples(painter, style, box, state.samples)
        return THUMB_WIDTH
    if state.preview is not None:
        _paint_preview(painter, style, box, facts, state)
        return THUMB_WIDTH
    if state.heat is not None:
        return _paint_heat_text(painter, style, box, state.heat.text)
    if facts.parameters is not None:
        return _paint_lines(painter, style, box, (grouped(facts.parameters), "params"))
    return 0.0


def _paint_preview(
    painter: QPainter, style: Style, box: QRectF, facts: CardFacts, state: CardState
) -> None:
    assert state.preview is not None, "asked only where there is one"
    opacity = painter.opacity()
    painter.setOpacity(opacity * (_STALE if state.stale else 1.0))
    draw_preview(painter, style, box, state.preview, facts.category)
    painter.setOpacity(opacity)


def _paint_heat_text(painter: QPainter, style: Style, box: QRectF, text: str) -> float:
    width = text_width(text, "node_detail")
    at = box.right() - _RIGHT_INSET - width
    draw_text(painter, at, box.center().y(), text, "node_detail", style.colours.text)
    return width


def _paint_repeat(
    painter: QPainter, style: Style, at: float, middle: float, tall: float, text: str
) -> None:
    """Paint the pill that tells how often the card stands in a row."""
    pill = QRectF(at, middle - tall / 2, _repeat_width(text) - _REPEAT_GAP, tall)
    painter.setPen(style.card_border)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(pill, tall / 2, tall / 2)
    draw_text(painter, at + _REPEAT_INSET, middle, text, "small", style.colours.text, weight=600)


def _repeat_text(facts: CardFacts, *, with_preview: bool) -> str:
    """Return how often the card stands in a row; beside a preview no more than that has room."""
    if facts.reason:
        return ""
    return facts.repeat.partition(" ")[0] if with_preview else facts.repeat


def _repeat_width(text: str) -> float:
    return text_width(text, "small", 600) + 2 * _REPEAT_INSET + _REPEAT_GAP if text else 0.0


def _awaited(facts: CardFacts) -> tuple[str, str]:
    return ("is being", "tried") if facts.is_tried else ("waits for", "a shape")


def _right_width(facts: CardFacts) -> float:
    if facts.reason:
        return text_width(facts.reason, "node_detail") + 4
    if facts.state == "waiting":
        return text_width(_awaited(facts)[0], "node_detail")
    if facts.parameters is not None:
        lines = (grouped(facts.parameters), "params")
        return max(text_width(line, "node_detail") for line in lines)
    return 0.0


def _paint_lines(painter: QPainter, style: Style, box: QRectF, lines: tuple[str, str]) -> float:
    widest = 0.0
    for line, middle in zip(lines, (_TITLE_MIDDLE, _DETAIL_MIDDLE - 1), strict=True):
        width = text_width(line, "node_detail")
        at = box.right() - _RIGHT_INSET - width
        draw_text(painter, at, middle, line, "node_detail", style.colours.text3)
        widest = max(widest, width)
    return widest


def _room(facts: CardFacts, right: float) -> float:
    return facts.width - TITLE_X - _RIGHT_INSET - (right + 8 if right else 0)


def _paint_words(
    painter: QPainter, style: Style, box: QRectF, facts: CardFacts, right: float, repeat: str
) -> None:
    """Paint the title, and below it all that has room there."""
    colours = style.colours
    ink = colours.text3 if facts.bypassed else colours.text
    if facts.is_compact:
        at = box.left() + TITLE_X_COMPACT
        title = elided(facts.title, "node_title", box.right() - 10 - at)
        draw_text(painter, at, facts.height / 2, title, "node_title", ink)
        return
    at, room = box.left() + TITLE_X, _room(facts, right)
    has_second_line = bool(facts.detail or facts.activation or facts.frozen or repeat)
    middle = _TITLE_MIDDLE if has_second_line else facts.height / 2
    draw_text(painter, at, middle, elided(facts.title, "node_title", room), "node_title", ink)
    quiet = colours.text3 if facts.bypassed else colours.text2
    room -= _repeat_width(repeat)
    if facts.frozen:
        draw_glyph(painter, "snowflake", (at, _DETAIL_MIDDLE - 6, 12), quiet)
        at, room = at + 16, room - 16
    detail, pill = _detail_and_pill(facts, room)
    if detail:
        draw_text(painter, at, _DETAIL_MIDDLE, detail, "node_detail", quiet)
        at += text_width(detail, "node_detail") + 8
    if facts.activation:
        _paint_pill(painter, style, at, pill, facts)
        at += _pill_width(pill) + _REPEAT_GAP
    if repeat:
        _paint_repeat(painter, style, at, _DETAIL_MIDDLE, _PILL_HEIGHT, repeat)


def _counted(facts: CardFacts, state: CardState, right: float) -> CardFacts:
    """Return facts that say how many samples there are, where their name is told or has room."""
    if not state.amount or facts.is_compact:
        return facts
    words = state.amount
    if facts.title == Data.info.title:
        words = f"{facts.detail} · {words}".strip(" ·")
        if text_width(words, "node_detail") > _room(facts, right):
            return facts
    return replace(facts, detail=words)


def _detail_and_pill(facts: CardFacts, room: float) -> tuple[str, str]:
    """Return the key parameters and the pill's word as they fit; a full card keeps the glyph."""
    detail = f"{facts.detail} · frozen".strip(" ·") if facts.frozen else facts.detail
    if facts.stacked and text_width(detail, "node_detail") > room:
        # What a composite weighs is told elsewhere too; how many layers it holds is not.
        detail = detail.partition(" · ")[0]
    if not facts.activation:
        return elided(detail, "node_detail", room), ""
    both = text_width(detail, "node_detail") + 8 + _pill_width(facts.activation)
    if both <= room:
        return detail, facts.activation
    return elided(detail, "node_detail", room - 8 - _pill_width("")), ""


def _pill_width(word: str) -> float:
    return 5 + _PILL_GLYPH + (4 + text_width(word, "micro") + 7 if word else 5)


def _paint_pill(painter: QPainter, style: Style, at: float, word: str, facts: CardFacts) -> None:
    colours = style.colours
    box = QRectF(at, _DETAIL_MIDDLE - _PILL_HEIGHT / 2, _pill_width(word), _PILL_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.hover)
    painter.drawRoundedRect(box, _PILL_HEIGHT / 2, _PILL_HEIGHT / 2)
    place = (at + 5, _DETAIL_MIDDLE - _PILL_GLYPH / 2, _PILL_GLYPH)
    draw_glyph(painter, activation_icon(facts.activation), place, style.theme.category["act"])
    if word:
        ink = colours.text3 if facts.bypassed else colours.text2
        draw_text(painter, at + 9 + _PILL_GLYPH, _DETAIL_MIDDLE, word, "micro", ink)


def paint_corner(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Paint the disc on a card's corner: something is wrong with it, or it is pinned."""
    centre = QPointF(facts.width / 2 - 2, 2)
    if facts.badge:
        paint_badge(painter, style, centre, facts.badge)
    elif state.pinned:
        _paint_disc(painter, style, centre, style.colours.accent)
        place = (centre.x() - _PIN_PX / 2, centre.y() - _PIN_PX / 2, _PIN_PX)
        draw_glyph(painter, "pin", place, style.theme.tile_glyph)


def paint_badge(painter: QPainter, style: Style, centre: QPointF, badge: str) -> None:
    """Paint the disc that says that something is wrong."""
    colours = style.colours
    _paint_disc(painter, style, centre, colours.err if badge == "error" else colours.warn)
    painter.setPen(style.theme.tile_glyph)
    painter.setFont(card_font("small", 700))
    box = QRectF(0, 0, BADGE_PX, BADGE_PX)
    box.moveCenter(centre)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")


def _paint_disc(painter: QPainter, style: Style, centre: QPointF, colour: QColor) -> None:
    painter.setPen(QPen(style.colours.canvas, 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(centre, BADGE_PX / 2, BADGE_PX / 2)


def grouped(number: int) -> str:
    """Write a count with thin spaces between thousands."""
    return f"{number:,}".replace(",", _THIN_SPACE)
