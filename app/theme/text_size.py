"""How large text is, by the person's choice, and what has to grow along with it."""

from __future__ import annotations

import re

import msgspec

from app.theme.tokens import Theme

TEXT_SIZES: tuple[int, ...] = (100, 115, 130, 150, 175, 200)
"""The choices, in per cent."""

_GROWING = ("header", "status", "tab_row", "row", "field", "button", "chip")
_HEIGHT = re.compile(r"((?:min|max)-height: )(\d+)px")
_LEAST_PX = 14
"""Heights below this are those of lines and handles, which hold no text."""

_scale = 1.0


def text_scale() -> float:
    """The factor on every size of text outside the canvas."""
    return _scale


def set_text_scale(scale: float) -> None:
    """Change the factor; whoever calls it dresses the application anew."""
    global _scale
    _scale = scale


def grown(theme: Theme) -> Theme:
    """Return a theme whose bars and rows are as high as their text needs."""
    if _scale == 1.0:
        return theme
    sizes = {name: round(getattr(theme.size, name) * _scale) for name in _GROWING}
    return msgspec.structs.replace(theme, size=msgspec.structs.replace(theme.size, **sizes))


def with_grown_heights(style_sheet: str) -> str:
    """Return a style sheet whose fields and buttons are as high as their text needs."""

    def grow(found: re.Match[str]) -> str:
        height = int(found[2])
        return f"{found[1]}{height if height < _LEAST_PX else round(height * _scale)}px"

    return _HEIGHT.sub(grow, style_sheet)
