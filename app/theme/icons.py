"""Icons drawn from SVG in the colours of the theme.

``pixmap`` gives one picture; ``icon`` gives a QIcon that follows the theme and the screen by
itself, so nobody has to replace icons when either changes.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from typing import TypeAlias

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.theme.svg import coloured_svg
from app.theme.theme import current_theme
from app.theme.tokens import Theme, faded

SIZE_PX = 16
RAIL_SIZE_PX = 18
_DISABLED_OPACITY = 0.45
_CACHED_PIXMAPS = 2000

_PixmapKey: TypeAlias = tuple[str, int, int, float]
_pixmaps: OrderedDict[_PixmapKey, QPixmap] = OrderedDict()


def icon(name: str, token: str = "text2", *, checked: str = "", disabled: str = "") -> QIcon:
    """An icon in a colour token, always in the present theme and as sharp as the screen.

    A token is a field of ``Colours``, or ``category.`` and the name of a category. Left out,
    ``checked`` is the same token and ``disabled`` the same one at 45 %.
    """
    return QIcon(_ThemeIconEngine(name, token, checked or token, disabled))


def tile_icon(category: str, glyph: str = "") -> QIcon:
    """A category tile for lists and menus, always in the present theme."""
    return QIcon(_TileIconEngine(category, glyph))


def pixmap(name: str, size_px: int, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """A square picture of an icon; kept, so asking again is cheap.

    ``size_px`` counts logical pixels, ``ratio`` is the device pixels to each.
    """
    key = (name, size_px, colour.rgba(), ratio)
    if key not in _pixmaps:
        _keep(key, _drawn(name, size_px, colour, ratio))
    return _pixmaps[key]


def paint_icon(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Draw an icon as lines, for pictures that are scaled or written as SVG."""
    renderer = _renderer(name, colour.name())
    opacity = painter.opacity()
    painter.setOpacity(opacity * colour.alphaF())
    renderer.render(painter, box)
    painter.setOpacity(opacity)


def mark_pixmap(size_px: int, theme: Theme, ratio: float = 1.0) -> QPixmap:
    """The mark of the program: blue warp, orange weft."""
    made = _blank(QSize(size_px, size_px), ratio)
    painter = QPainter(made)
    box = QRectF(0, 0, size_px, size_px)
    paint_icon(painter, "mark-warp", box, theme.colours.train)
    paint_icon(painter, "mark-weft", box, theme.colours.val)
    painter.end()
    return made


def tile_pixmap(
    category: str, theme: Theme, *, glyph: str = "", size_px: int = 28, ratio: float = 1.0
) -> QPixmap:
    """The coloured square that names a layer's category.

    ``glyph`` is the icon of a layer that has its own; left out, it is the category's.
    """
    key = (f"{category} {glyph} {theme.name}", size_px, 0, ratio)
    if key not in _pixmaps:
        made = _blank(QSize(size_px, size_px), ratio)
        painter = QPainter(made)
        paint_tile(painter, category, theme, QRectF(0, 0, size_px, size_px), glyph=glyph)
        painter.end()
        _keep(key, made)
    return _pixmaps[key]


def paint_tile(
    painter: QPainter, category: str, theme: Theme, box: QRectF, *, glyph: str = ""
) -> None:
    """Draw a category tile into ``box``; its corner and glyph scale with it."""
    scale = box.width() / theme.size.tile
    radius = theme.radius.tile * scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.category[category])
    if theme.has_high_contrast:
        painter.setPen(theme.colours.text)
        box = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, radius, radius)
    side = SIZE_PX * scale
    inner = QRectF(0, 0, side, side)
    inner.moveCenter(box.center())
    paint_icon(painter, glyph or f"category-{category}", inner, theme.tile_glyph)


class _ThemeIconEngine(QIconEngine):
    """Asks for the theme when it draws, not when it is made.

    In a box wider than high the icon stands at the left; the rest sets it apart from the word.
    """

    def __init__(self, name: str, token: str, checked: str, disabled: str) -> None:
        super().__init__()
        self._arguments = (name, token, checked, disabled)

    def clone(self) -> QIconEngine:
        return _ThemeIconEngine(*self._arguments)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect.topLeft(), self.scaledPixmap(rect.size(), mode, state, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt override
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        # ``size`` counts logical pixels since Qt 6.8.
        side_px = min(size.width(), size.height())
        picture = pixmap(self._arguments[0], side_px, self._colour(mode, state), scale)
        if size.width() == size.height():
            return picture
        made = _blank(size, scale)
        painter = QPainter(made)
        painter.drawPixmap(0, (size.height() - side_px) // 2, picture)
        painter.end()
        return made

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        _, token, checked, disabled = self._arguments
        theme = current_theme()
        if mode == QIcon.Mode.Disabled:
            if disabled:
                return _token_colour(theme, disabled)
            return faded(_token_colour(theme, token), _DISABLED_OPACITY)
        return _token_colour(theme, checked if state == QIcon.State.On else token)


class _TileIconEngine(QIconEngine):
    def __init__(self, category: str, glyph: str) -> None:
        super().__init__()
        self._arguments = (category, glyph)

    def clone(self) -> QIconEngine:
        return _TileIconEngine(*self._arguments)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect.topLeft(), self.scaledPixmap(rect.size(), mode, state, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt override
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        category, glyph = self._arguments
        side_px = min(size.width(), size.height())
        return tile_pixmap(category, current_theme(), glyph=glyph, size_px=side_px, ratio=scale)


def _token_colour(theme: Theme, token: str) -> QColor:
    group, _, category = token.partition(".")
    return theme.category[category] if group == "category" else theme.colours[token]


def _keep(key: _PixmapKey, made: QPixmap) -> None:
    _pixmaps[key] = made
    if len(_pixmaps) > _CACHED_PIXMAPS:
        _pixmaps.popitem(last=False)


def _drawn(name: str, size_px: int, colour: QColor, ratio: float) -> QPixmap:
    made = _blank(QSize(size_px, size_px), ratio)
    painter = QPainter(made)
    paint_icon(painter, name, QRectF(0, 0, size_px, size_px), colour)
    painter.end()
    return made


def _blank(size: QSize, ratio: float) -> QPixmap:
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(coloured_svg(name, colour)))
