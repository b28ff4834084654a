"""The theme as a QPalette, for what Qt draws by itself."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from app.theme.tokens import Theme

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup


def palette(theme: Theme) -> QPalette:
    """Every role of a QPalette in the theme's colours, with quiet text where disabled."""
    made = QPalette()
    for role, colour in _roles(theme).items():
        made.setColor(role, colour)
    quiet = theme.colours.text3
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        made.setColor(_Group.Disabled, role, quiet)
    made.setColor(_Group.Disabled, _Role.Highlight, theme.colours.pressed)
    return made


def _roles(theme: Theme) -> dict[QPalette.ColorRole, QColor]:
    colours = theme.colours
    return {
        _Role.Window: colours.window,
        _Role.WindowText: colours.text,
        _Role.Base: colours.panel,
        _Role.AlternateBase: colours.raised,
        _Role.Text: colours.text,
        _Role.PlaceholderText: colours.text3,
        _Role.Button: colours.raised,
        _Role.ButtonText: colours.text,
        _Role.BrightText: colours.err,
        _Role.Light: colours.hover,
        _Role.Midlight: colours.line,
        _Role.Mid: colours.line2,
        _Role.Dark: colours.line2,
        _Role.Shadow: colours.canvas,
        _Role.ToolTipBase: colours.raised,
        _Role.ToolTipText: colours.text,
        _Role.Highlight: colours.accent_soft,
        _Role.HighlightedText: colours.text,
        _Role.Accent: colours.accent_fill,
        _Role.Link: colours.accent,
        _Role.LinkVisited: colours.accent,
    }
