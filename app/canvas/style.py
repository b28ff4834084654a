"""Pens, fonts and pictures of one theme, made once: painting a frame allocates none of them."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPixmap,
    QStaticText,
    QTransform,
)
from PySide6.QtSvg import QSvgGenerator

from app.theme import Theme, ThemeName, faded, font, load_theme, paint_icon, paint_tile
from app.theme.tokens import StyleName

FRAME_TINT = 0.022
FRAME_COLOURS = {
    "blue": "conv",
    "violet": "linear",
    "teal": "data",
    "green": "norm",
    "olive": "act",
    "brown": "pool",
    "rose": "loss",
}
"""The colours of frames, by the categories whose hues they are: told apart by everybody."""

BADGE_PX = 18.0
_TEXTS = 6000
_PICTURES = 600


class Style:
    """What the canvas paints with, in one theme."""

    def __init__(self, theme: Theme) -> None:
        colours = theme.colours
        self.theme = theme
        self.colours = colours
        self.card_border = QPen(theme.card_border, 1)
        self.card_shade = QPen(
            faded(QColor(Qt.GlobalColor.black), 0.25 if theme.is_dark else 0.08), 1
        )
        self.selected = QPen(colours.accent, 2)
        self.selected_ring = QPen(colours.accent_soft, 4)
        self.error = QPen(colours.err, 2)
        self.error_ring = QPen(colours.err_soft, 4)
        self.hovered = QPen(colours.ctl, 1)
        self.waiting = _dashed(colours.ctl, 1.2, (3, 2.5))
        self.focus = _dashed(colours.accent, 2, (3, 2))
        self.frame_border = QPen(colours.line2, 1)
        self.frame_fill = faded(colours.text, FRAME_TINT if theme.is_dark else FRAME_TINT * 1.2)
        self._frame_pens = {
            name: QPen(faded(theme.category[category], 0.7), 1)
            for name, category in FRAME_COLOURS.items()
        }
        self._frame_tints = {
            name: faded(theme.category[category], 0.1 if theme.is_dark else 0.07)
            for name, category in FRAME_COLOURS.items()
        }
        self.far_wires = _cosmetic(colours.wire, 1.2), _cosmetic(colours.accent, 1.2)
        """From far away: plain ones, and selected ones."""

        self.far_upright = _cosmetic(colours.wire, 1), _cosmetic(colours.accent, 1)
        """The same along and across: a broader line would take one pixel here and two there."""

        self.far_ring = _cosmetic(colours.accent, 2)
        self.hatch = QPen(faded(theme.tile_glyph, 0.5), 2)
        self._wire_pens: dict[tuple[str, float, bool], QPen] = {}

    def frame_pen(self, colour: str) -> QPen:
        """Return the border of a frame in a colour, or in none."""
        return self._frame_pens.get(colour, self.frame_border)

    def frame_tint(self, colour: str) -> QColor:
        """Return the ground of a frame in a colour, or in none."""
        return self._frame_tints.get(colour, self.frame_fill)

    def wire_pen(self, state: str, width: float, *, wide: bool = False) -> QPen:
        """Return the pen of a wire in a state; ``wide`` while the pointer is over it."""
        key = (state, width, wide)
        if key not in self._wire_pens:
            self._wire_pens[key] = self._make_wire_pen(state, width + 1 if wide else width)
        return self._wire_pens[key]

    def wire_colour(self, state: str) -> QColor:
        """Return the colour of a wire in a state."""
        colours = self.colours
        return {
            "selected": colours.accent,
            "error": colours.err,
            "unknown": colours.line2,
        }.get(state, colours.wire)

    def _make_wire_pen(self, state: str, width: float) -> QPen:
        pen = QPen(self.wire_colour(state), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if state == "error":
            pen.setDashPattern([length / width for length in self.theme.wire.invalid_dash])
        if state == "bypass":
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setDashPattern([0.01, 5.0 / width + 1])
        return pen


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen


def _dashed(colour: QColor, width: float, pattern: tuple[float, ...]) -> QPen:
    pen = QPen(colour, width)
    pen.setDashPattern(list(pattern))
    return pen


@cache
def style_of(name: ThemeName) -> Style:
    """Return the style of a theme."""
    return Style(load_theme(name))


@cache
def card_font(style: StyleName, weight: int | None = None) -> QFont:
    """Return a font; kept, since asking the theme makes a new one each time."""
    return font(style, weight=weight, scaled=False)


@cache
def upright_font(style: StyleName) -> QFont:
    """Return a font for turned text: fitting letters to pixels would push them together."""
    made = QFont(card_font(style))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@cache
def metrics(style: StyleName, weight: int | None = None) -> QFontMetricsF:
    """Return the measures of a font."""
    return QFontMetricsF(card_font(style, weight))


@cache
def line_height(style: StyleName, weight: int | None = None) -> float:
    """Return the height of a line of text."""
    return metrics(style, weight).height()


@lru_cache(maxsize=_TEXTS)
def laid_out(text: str, style: StyleName, weight: int | None = None) -> QStaticText:
    """Return a text that is ready to be painted."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(QTransform(), card_font(style, weight))
    return made


@lru_cache(maxsize=_TEXTS)
def laid_out_turned(text: str, style: StyleName) -> QStaticText:
    """Return a text that is ready to be painted turned, in ``upright_font``."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.prepare(QTransform().rotate(90), upright_font(style))
    return made


@lru_cache(maxsize=_TEXTS)
def text_width(text: str, style: StyleName, weight: int | None = None) -> float:
    """Measure a text."""
    return metrics(style, weight).horizontalAdvance(text)


def elided(text: str, style: StyleName, width: float, weight: int | None = None) -> str:
    """Shorten a text in its middle to a width."""
    return _elided(text, style, int(width), weight)


@lru_cache(maxsize=_TEXTS)
def _elided(text: str, style: StyleName, width: int, weight: int | None) -> str:
    return metrics(style, weight).elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def draw_text(
    painter: QPainter,
    x: float,
    middle: float,
    text: str,
    style: StyleName,
    colour: QColor,
    *,
    weight: int | None = None,
) -> None:
    """Paint one line of text from ``x`` on, its middle at a height."""
    painter.setFont(card_font(style, weight))
    painter.setPen(colour)
    top = middle - line_height(style, weight) / 2
    painter.drawStaticText(QPointF(x, top), laid_out(text, style, weight))


def blank(width: float, height: float, ratio: float) -> QPixmap:
    """Return an empty picture of a size in units."""
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


@lru_cache(maxsize=_PICTURES)
def _tile(
    name: ThemeName, category: str, glyph: str, size: int, ratio: float, *, hatched: bool
) -> QPixmap:
    picture = blank(size, size, ratio)
    painter = QPainter(picture)
    _paint_tile(painter, style_of(name), category, glyph, QRectF(0, 0, size, size), hatched=hatched)
    painter.end()
    return picture


@lru_cache(maxsize=_PICTURES)
def _glyph(name: str, size: int, rgba: int, ratio: float) -> QPixmap:
    picture = blank(size, size, ratio)
    painter = QPainter(picture)
    paint_icon(painter, name, QRectF(0, 0, size, size), QColor.fromRgba(rgba))
    painter.end()
    return picture


def draw_tile(
    painter: QPainter,
    style: Style,
    place: tuple[float, float, int],
    category: str,
    glyph: str,
    *,
    hatched: bool,
) -> None:
    """Paint a category tile at (x, y, size), as sharp as the painter's scale asks for."""
    x, y, size = place
    if draws_lines(painter):
        _paint_tile(painter, style, category, glyph, QRectF(x, y, size, size), hatched=hatched)
        return
    ratio = device_ratio(painter)
    picture = _tile(style.theme.name, category, glyph, size, ratio, hatched=hatched)
    painter.drawPixmap(QPointF(x, y), picture)


def draw_glyph(
    painter: QPainter, name: str, place: tuple[float, float, int], colour: QColor
) -> None:
    """Paint an icon at (x, y, size)."""
    x, y, size = place
    if draws_lines(painter):
        paint_icon(painter, name, QRectF(x, y, size, size), colour)
        return
    picture = _glyph(name, size, colour.rgba(), device_ratio(painter))
    painter.drawPixmap(QPointF(x, y), picture)


def device_ratio(painter: QPainter) -> float:
    """Return how many device pixels a canvas unit has, in steps that pictures can share."""
    scale = abs(painter.worldTransform().m11()) or abs(painter.worldTransform().m12())
    return stepped(scale * painter.device().devicePixelRatio())


def stepped(ratio: float) -> float:
    """Round a ratio so that pictures can be shared between nearly equal ones."""
    return max(0.25, round(ratio * 20) / 20)


def draws_lines(painter: QPainter) -> bool:
    """Whether the picture keeps lines: SVG, not pixels."""
    return isinstance(painter.device(), QSvgGenerator)


def _paint_tile(
    painter: QPainter, style: Style, category: str, glyph: str, box: QRectF, *, hatched: bool
) -> None:
    paint_tile(painter, category, style.theme, box, glyph=glyph)
    if not hatched:
        return
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    ink = QBrush(faded(style.theme.tile_glyph, 0.45), Qt.BrushStyle.BDiagPattern)
    painter.setBrush(ink)
    radius = style.theme.radius.tile * box.width() / style.theme.size.tile
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()
