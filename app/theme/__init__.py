"""The look of the program: tokens, fonts, icons, palette and style sheet.

``theme_manager().choose("system")`` dresses the application, and the windows that were handed to
``dress``. Nothing in here imports numpy but ``colormaps``, which is imported where maps are drawn.
"""

from app.theme.fonts import font, line_height_px
from app.theme.icons import (
    icon,
    mark_pixmap,
    paint_icon,
    paint_tile,
    pixmap,
    tile_icon,
    tile_pixmap,
)
from app.theme.svg import activation_icon, icon_names
from app.theme.text_size import TEXT_SIZES, text_scale
from app.theme.theme import (
    THEME_CHOICES,
    ThemeChoice,
    ThemeManager,
    current_theme,
    theme_manager,
)
from app.theme.tokens import Theme, ThemeName, faded, load_theme

__all__ = [
    "TEXT_SIZES",
    "THEME_CHOICES",
    "Theme",
    "ThemeChoice",
    "ThemeManager",
    "ThemeName",
    "activation_icon",
    "current_theme",
    "faded",
    "font",
    "icon",
    "icon_names",
    "line_height_px",
    "load_theme",
    "mark_pixmap",
    "paint_icon",
    "paint_tile",
    "pixmap",
    "text_scale",
    "theme_manager",
    "tile_icon",
    "tile_pixmap",
]
