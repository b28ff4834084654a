"""Lookup tables that turn activations and weights into colours.

This is the only part of the theme that loads numpy, so it is imported where maps are
drawn and not with the package.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme.tokens import ThemeName, load_theme

_ENTRIES = 256


@cache
def activation_table(name: ThemeName) -> NDArray[np.uint8]:
    """From nothing (0) to the strongest value (255) in even steps of lightness.

    Shapes:
        out: (256, 4), red, green, blue, alpha; read-only
    """
    return _table(load_theme(name).activation_map)


@cache
def diverging_table(name: ThemeName) -> NDArray[np.uint8]:
    """From the most negative (0) over zero (the surface, 128) to the most positive (255).

    Shapes:
        out: (256, 4), red, green, blue, alpha; read-only
    """
    return _table(load_theme(name).diverging_map)


def _table(stops: tuple[QColor, ...]) -> NDArray[np.uint8]:
    channels = np.array([stop.getRgb() for stop in stops], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, _ENTRIES)
    columns = [np.interp(at, np.arange(len(stops)), channel) for channel in channels.T]
    table: NDArray[np.uint8] = np.rint(np.stack(columns, axis=1)).astype(np.uint8)
    table.setflags(write=False)  # shared by every picture
    return table
