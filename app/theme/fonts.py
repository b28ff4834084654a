"""The bundled fonts, and text styles as QFont."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

import resources
from app.theme.tokens import StyleName, TypeStyle, load_theme

_MONO: frozenset[StyleName] = frozenset({"shape", "code"})
_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Medium.ttf",
)


@cache
def load_fonts() -> None:
    """Make the bundled fonts known to Qt; needs the application object."""
    for name in _FILES:
        QFontDatabase.addApplicationFont(str(resources.path("fonts", name)))


def font(style: StyleName = "body", *, weight: int | None = None) -> QFont:
    """The font of a text style, with figures of one width.

    ``weight`` stands in for the style's own: 400, 500, 600 or 700.
    """
    load_fonts()
    return QFont(_font(style, weight))


def line_height_px(style: StyleName) -> int:
    """Distance between two baselines of a style."""
    return _type_style(style).line_px


@cache
def _font(style: StyleName, weight: int | None) -> QFont:
    families = load_theme("dark").type.families
    look = _type_style(style)
    made = QFont(families.mono if style in _MONO else families.ui)
    made.setStyleHint(QFont.StyleHint.Monospace if style in _MONO else QFont.StyleHint.SansSerif)
    _set_size(made, look)
    made.setWeight(QFont.Weight(weight or look.weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    if style in _MONO:
        made.setFeature(QFont.Tag("calt"), 0)  # "->" and "!=" stay what was typed
    else:
        made.setFeature(QFont.Tag("cv11"), 1)  # the round, single-storey a
    return made


def _set_size(made: QFont, look: TypeStyle) -> None:
    if look.size_px.is_integer():
        made.setPixelSize(int(look.size_px))
    else:
        # Pixel sizes are whole numbers in Qt, point sizes are not. A painter with another
        # resolution than the screen (an SVG file) has to be set to the screen's.
        dots_per_inch = QGuiApplication.primaryScreen().logicalDotsPerInchY()
        made.setPointSizeF(look.size_px * 72 / dots_per_inch)


def _type_style(style: StyleName) -> TypeStyle:
    found = getattr(load_theme("dark").type.styles, style)
    assert isinstance(found, TypeStyle), style
    return found
