"""Which theme is shown, and the switch between them.

The manager belongs to the application object. Widgets that paint themselves ask
``current_theme`` while painting and are repainted by Qt when the palette changes; whoever
keeps something made from the theme listens to ``changed``.
"""

from __future__ import annotations

from typing import Literal, get_args
from weakref import WeakSet

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.theme.fonts import font, fonts_of_widgets, keep_font
from app.theme.palette import palette
from app.theme.stylesheet import style_sheet
from app.theme.text_size import grown, set_text_scale, text_scale
from app.theme.tokens import Theme, ThemeName, load_theme

ThemeChoice = Literal["system", "light", "dark", "contrast"]
THEME_CHOICES: tuple[ThemeChoice, ...] = get_args(ThemeChoice)


class ThemeManager(QObject):
    """Dresses the application in a theme and follows the desktop where asked to."""

    changed = Signal()
    """Another theme is on; palette and style sheets are already in place."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._choice: ThemeChoice = "system"
        self._desktop_is_dark = _is_dark(application.palette())
        self._is_dressed = False
        self._windows: WeakSet[QWidget] = WeakSet()
        self._theme = load_theme(self._wanted())
        application.styleHints().colorSchemeChanged.connect(self._on_color_scheme_changed)

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._choice

    @property
    def theme(self) -> Theme:
        """What that comes to at present."""
        return self._theme

    def dress(self, window: QWidget) -> None:
        """Give a window its style sheet, now and in every theme that follows.

        All that stands in it, and all dialogs and menus that belong to it, wear it too. The
        application itself has none: with one, Qt tells a widget and all within it of their style
        each time it is laid into another, and a panel takes three times as long to make.
        """
        self._windows.add(window)
        if self._is_dressed:
            window.setStyleSheet(style_sheet(self._theme))

    def choose(self, choice: ThemeChoice) -> None:
        """Show a theme, or follow the desktop from now on."""
        self._choice = choice
        self._tell_window_frames()
        self._show(self._wanted())

    def choose_text_size(self, percent: int) -> None:
        """Show all text but the canvas' in another size, 100 for the one it was designed in."""
        factor = percent / 100 / text_scale()
        if factor == 1:
            return
        set_text_scale(percent / 100)
        self._theme = grown(load_theme(self._theme.name))
        if self._is_dressed:
            self._dress(factor)
            self.changed.emit()

    def _wanted(self) -> ThemeName:
        match self._choice:
            case "dark" | "light":
                return self._choice
            case "contrast":
                return "contrast-dark" if self._wants_dark() else "contrast-light"
            case "system":
                return "dark" if self._wants_dark() else "light"

    def _wants_dark(self) -> bool:
        """Say what the desktop wants; its palette speaks where it does not say."""
        scheme = QGuiApplication.styleHints().colorScheme()
        if scheme == Qt.ColorScheme.Unknown:
            return self._desktop_is_dark
        return scheme == Qt.ColorScheme.Dark

    def _show(self, name: ThemeName) -> None:
        if self._is_dressed and name == self._theme.name:
            return
        self._theme = grown(load_theme(name))
        self._dress()
        self.changed.emit()

    def _dress(self, text_factor: float = 1.0) -> None:
        fonts = fonts_of_widgets(self._application, text_factor)
        if not self._is_dressed:
            self._application.setStyle("Fusion")
        if not self._is_dressed or text_factor != 1:
            self._application.setFont(font("body"))
        self._is_dressed = True
        self._application.setPalette(palette(self._theme))
        sheet = style_sheet(self._theme)
        for window in filter(isValid, self._windows):
            window.setStyleSheet(sheet)
        for widget, own in fonts:
            keep_font(widget, own)

    def _tell_window_frames(self) -> None:
        """Title bars belong to the desktop; where it cannot be told, nothing happens."""
        hints = self._application.styleHints()
        match self._choice:
            case "dark":
                hints.setColorScheme(Qt.ColorScheme.Dark)
            case "light":
                hints.setColorScheme(Qt.ColorScheme.Light)
            case "system" | "contrast":
                hints.unsetColorScheme()

    def _on_color_scheme_changed(self) -> None:
        if self._choice in ("system", "contrast") and self._is_dressed:
            self._show(self._wanted())


_manager: ThemeManager | None = None


def theme_manager() -> ThemeManager:
    """The application's manager, made on first use; needs a QApplication."""
    # Colours are asked for at every stroke that is painted: looking for it each time took longer.
    global _manager
    if _manager is None or not isValid(_manager):
        _manager = _found_or_made()
    return _manager


def _found_or_made() -> ThemeManager:
    application = QApplication.instance()
    assert isinstance(application, QApplication), "themes need the application object"
    found = application.findChild(ThemeManager, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, ThemeManager) else ThemeManager(application)


def current_theme() -> Theme:
    """The theme on screen."""
    return theme_manager().theme


def _is_dark(desktop: QPalette) -> bool:
    window = desktop.color(QPalette.ColorRole.Window)
    return window.lightnessF() < desktop.color(QPalette.ColorRole.WindowText).lightnessF()
