"""Cards coloured by one figure of each, all on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from app.theme import Theme, ThemeName, faded, load_theme

SHADES = 48
"""More than an eye tells apart, and so few that cards share pictures."""

_BAND = 6.0
_TINT = 0.3


@dataclass(frozen=True, slots=True)
class CardHeat:
    """What a card is coloured by."""

    shade: int
    """From 0, the weakest, to ``SHADES - 1``."""

    text: str
    """The figure with its unit."""


def shade_of(strength: float) -> int:
    """Return the shade for a place on the scale from 0 to 1."""
    return round(min(max(strength, 0.0), 1.0) * (SHADES - 1))


@lru_cache(maxsize=4 * SHADES)
def heat_colour(name: ThemeName, shade: int) -> QColor:
    """Return a colour of the theme's scale, whose lightness grows in even steps."""
    stops = load_theme(name).activation_map
    at = shade / (SHADES - 1) * (len(stops) - 1)
    first = min(int(at), len(stops) - 2)
    one, other, share = stops[first], stops[first + 1], at - first
    channels = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in channels))


def paint_heat(painter: QPainter, theme: Theme, box: QRectF, heat: CardHeat) -> None:
    """Tint a card, and paint a band in the full colour at its left edge."""
    colour = heat_colour(theme.name, heat.shade)
    path = QPainterPath()
    path.addRoundedRect(box.adjusted(1, 1, -1, -1), theme.radius.card - 1, theme.radius.card - 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(path, faded(colour, _TINT))
    painter.save()
    painter.setClipRect(QRectF(box.left(), box.top(), _BAND, box.height()))
    painter.fillPath(path, colour)
    painter.restore()
