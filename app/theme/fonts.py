"""The bundled fonts, and text styles as QFont."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget

import resources
from app.theme.text_size import text_scale
from app.theme.tokens import StyleName, TypeStyle, load_theme

_MONO: frozenset[StyleName] = frozenset({"shape", "code"})
_TOLERANCE_PX = 0.01
_KEPT = "_q_styleSheetWidgetFont"
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


def font(style: StyleName = "body", *, weight: int | None = None, scaled: bool = True) -> QFont:
    """The font of a text style, with figures of one width.

    ``weight`` stands in for the style's own: 400, 500, 600 or 700. What is drawn on the canvas
    has a zoom of its own and is not ``scaled`` by the person's text size.
    """
    load_fonts()
    return QFont(_font(style, weight, text_scale() if scaled else 1.0))


def line_height_px(style: StyleName) -> int:
    """Distance between two baselines of a style."""
    return round(_type_style(style).line_px * text_scale())


def fonts_of_widgets(application: QApplication, factor: float) -> list[tuple[QWidget, QFont]]:
    """Return the widgets that have a font of their own, each with it in a new size.

    The line edits of fields come last: a field that is given a font gives it back its old one.
    """
    found = [
        (widget, _resized(_owner(widget).font(), factor))
        for widget in application.allWidgets()
        if _owner(widget).testAttribute(Qt.WidgetAttribute.WA_SetFont)
    ]
    return sorted(found, key=lambda each: _owner(each[0]) is not each[0])


def _owner(widget: QWidget) -> QWidget:
    """Return whose font a widget has: the line edit in a number field has the field's."""
    field = widget.parentWidget()
    if isinstance(widget, QLineEdit) and isinstance(field, QAbstractSpinBox | QComboBox):
        return field
    return widget


def keep_font(widget: QWidget, font: QFont) -> None:
    """Give a widget a font that outlives the next style sheet and the next polish.

    Both give a widget back the font that it had when it was first shown, which Qt keeps in this
    property.
    """
    widget.setProperty(_KEPT, font)
    widget.setFont(font)


@cache
def _font(style: StyleName, weight: int | None, scale: float) -> QFont:
    families = load_theme("dark").type.families
    look = _type_style(style)
    made = QFont(families.mono if style in _MONO else families.ui)
    made.setStyleHint(QFont.StyleHint.Monospace if style in _MONO else QFont.StyleHint.SansSerif)
    _set_size(made, look.size_px * scale)
    made.setWeight(QFont.Weight(weight or look.weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    if style in _MONO:
        made.setFeature(QFont.Tag("calt"), 0)  # "->" and "!=" stay what was typed
    else:
        made.setFeature(QFont.Tag("cv11"), 1)  # the round, single-storey a
    return made


def _resized(made: QFont, factor: float) -> QFont:
    if factor != 1:
        whole_px = made.pixelSize()
        size_px = whole_px if whole_px > 0 else made.pointSizeF() * _dots_per_inch() / 72
        _set_size(made, _settled(size_px * factor))
    return made


def _settled(size_px: float) -> float:
    """Return the size of the design that is meant: the way there and back ends where it began."""
    designed = round(size_px * 2) / 2
    return designed if abs(size_px - designed) < _TOLERANCE_PX else size_px


def _set_size(made: QFont, size_px: float) -> None:
    if size_px == int(size_px):
        made.setPixelSize(int(size_px))
    else:
        # Pixel sizes are whole numbers in Qt, point sizes are not. A painter with another
        # resolution than the screen (an SVG file) has to be set to the screen's.
        made.setPointSizeF(size_px * 72 / _dots_per_inch())


def _dots_per_inch() -> float:
    return QGuiApplication.primaryScreen().logicalDotsPerInchY()


def _type_style(style: StyleName) -> TypeStyle:
    found = getattr(load_theme("dark").type.styles, style)
    assert isinstance(found, TypeStyle), style
    return found
