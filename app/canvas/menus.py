"""The context menus of a canvas that stands alone; the window brings its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


def make_menu(view: CanvasView, place: str) -> QMenu:
    """Return a menu for a card, a wire or the empty canvas; it goes when it closes."""
    entries = {
        "node": (
            ("Rename", view.rename_selected),
            ("Bypass", view.toggle_bypass),
            ("Freeze", view.toggle_freeze),
            ("Copy", view.copy),
            ("Duplicate", view.duplicate),
            ("Delete", view.delete_selected),
            ("Delete and Rejoin", view.delete_and_rejoin),
        ),
        "wire": (
            ("Insert Layer…", view.open_quick_add),
            ("Disconnect", view.delete_selected),
        ),
        "canvas": (
            ("Add Layer…", view.open_quick_add),
            ("Paste", view.paste),
            ("Arrange", view.arrange),
            ("Fit", view.fit_all),
            ("Select All", view.select_all),
        ),
    }
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for text, act in entries[place]:
        action = menu.addAction(text)
        action.triggered.connect(lambda _checked=False, act=act: act())
    return menu
