"""Fills the style sheet template with a theme's tokens."""

from __future__ import annotations

import re
from string import Template
from typing import Any

import msgspec

import resources
from app.theme.glyphs import register_glyphs
from app.theme.text_size import with_grown_heights
from app.theme.tokens import Theme


class _StyleTemplate(Template):
    """Names values as ``@accentFill`` or ``@radius.field``, which no style sheet does by itself."""

    delimiter = "@"
    idpattern = r"[a-zA-Z][a-zA-Z0-9]*(?:\.[a-zA-Z][a-zA-Z0-9]*)?"
    flags = re.ASCII


def style_sheet(theme: Theme) -> str:
    """The application's style sheet in a theme.

    Raises:
        KeyError: The template names a token that does not exist.
    """
    text = resources.path("themes", "app.qss").read_text(encoding="utf-8")
    return with_grown_heights(_StyleTemplate(text).substitute(_values(theme)))


def _values(theme: Theme) -> dict[str, str]:
    values = {"glyphs": register_glyphs(theme), "cardBorder": theme.card_border.name()}
    values |= {name: colour.name() for name, colour in _fields(theme.colours).items()}
    values |= {f"radius.{name}": f"{radius}px" for name, radius in _fields(theme.radius).items()}
    return values


def _fields(group: msgspec.Struct) -> dict[str, Any]:
    """Field values by their names in ``tokens.json``."""
    names = group.__struct_encode_fields__
    return dict(zip(names, msgspec.structs.astuple(group), strict=True))
