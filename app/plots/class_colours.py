"""The colours of classes: those of the layer categories, so that any two can be told apart."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.theme import Theme

_ORDER = ("data", "pool", "linear", "norm", "loss", "act", "conv", "seq", "attn")
MOST = len(_ORDER) + 1


def class_colour(k: int, classes: int, theme: Theme) -> QColor:
    """Return the colour of a class; with more than ten classes none has one of its own."""
    if classes > MOST:
        return theme.colours.text3
    return theme.category[_ORDER[k]] if k < len(_ORDER) else theme.colours.text
