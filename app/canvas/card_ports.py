"""The ports of a card: painted, or copied from pictures where many are on screen."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from app.canvas.card_ground import MARGIN, Fine, in_pixels, start_picture
from app.canvas.card_state import CardState
from app.canvas.facts import CardFacts
from app.canvas.geometry import PortPlace
from app.canvas.style import Style


def copy_ports(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Copy the ports from pictures: rings are dear to paint."""
    with in_pixels(painter) as fine:
        copy_ports_at(painter, style, facts, state, fine)


def copy_ports_at(
    painter: QPainter, style: Style, facts: CardFacts, state: CardState, fine: Fine
) -> None:
    """Copy the ports, in pixels of the view."""
    scale, _ = fine
    for places in (facts.inputs, facts.outputs):
        for place in places:
            if state.hides(place):
                continue
            disc = _port_picture(style, place, facts.is_broken, state, fine)
            at = QPointF((place.x - MARGIN) * scale, (place.y - MARGIN) * scale)
            painter.drawPixmap(at, disc)
    if state.ghost is not None:
        opacity = painter.opacity()
        painter.setOpacity(opacity * 0.6)
        disc = _port_picture(style, state.ghost, facts.is_broken, state, fine)
        corner = QPointF(state.ghost.x - MARGIN, state.ghost.y - MARGIN)
        painter.drawPixmap(corner * scale, disc)
        painter.setOpacity(opacity)


def _port_picture(
    style: Style, place: PortPlace, broken: bool, state: CardState, fine: Fine
) -> QPixmap:
    lit = (place.is_input, place.name) in state.lit
    large = state.hovered or lit
    hollow = place.optional and not place.used
    return _disc(style, _port_colour(style, broken, state, lit=lit).rgba(), large, hollow, fine)


@lru_cache(maxsize=120)
def _disc(style: Style, rgba: int, large: bool, hollow: bool, fine: Fine) -> QPixmap:
    picture, painter = start_picture(2 * MARGIN, 2 * MARGIN, fine)
    centre = QPointF(MARGIN, MARGIN)
    _paint_disc(painter, style, centre, QColor.fromRgba(rgba), large=large, hollow=hollow)
    painter.end()
    return picture


def paint_ports(painter: QPainter, style: Style, facts: CardFacts, state: CardState) -> None:
    """Paint the ports as lines, for pictures that keep them."""
    for place in (*facts.inputs, *facts.outputs):
        _paint_port(painter, style, place, facts, state)
    if state.ghost is not None:
        painter.setOpacity(painter.opacity() * 0.6)
        _paint_port(painter, style, state.ghost, facts, state)


def _paint_port(
    painter: QPainter,
    style: Style,
    place: PortPlace,
    facts: CardFacts,
    state: CardState,
) -> None:
    if state.hides(place):
        return
    lit = (place.is_input, place.name) in state.lit
    colour = _port_colour(style, facts.is_broken, state, lit=lit)
    hollow = place.optional and not place.used
    centre = QPointF(place.x, place.y)
    _paint_disc(painter, style, centre, colour, large=state.hovered or lit, hollow=hollow)


def _port_colour(style: Style, broken: bool, state: CardState, *, lit: bool) -> QColor:
    if lit or state.selected:
        return style.colours.accent
    return style.colours.err if broken else style.colours.wire


def _paint_disc(
    painter: QPainter, style: Style, centre: QPointF, colour: QColor, *, large: bool, hollow: bool
) -> None:
    sizes = style.theme.size
    radius = sizes.port_hover if large else sizes.port
    painter.setPen(QPen(colour, 1.75))
    painter.setBrush(style.colours.canvas)
    painter.drawEllipse(centre, radius, radius)
    if hollow:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, 1.4, 1.4)
