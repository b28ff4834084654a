"""The menus of one window, filled with its actions, its rails, and its docks where it is narrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.shell.actions import fill_menu, fill_menu_bar
from app.shell.menus import CONTEXT_MENUS, MENUS, OUTLINE_MENUS, PANELS, RIGHT_PANELS, SUBMENUS
from app.shell.overlaid import RIGHT, OverlaidDock
from app.shell.rail import Rail
from app.shell.submenus import device_menu, float_menu, overlay_menu, recent_menu

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.outline import OutlinePanel

_TITLES = {
    "panels": "Panels",
    "align": "Align",
    "frame_colour": "Frame Colour",
    "wires": "Wires",
    "frames": "Frames",
    "composites": "Composites",
    "direction": "Direction",
    "lessons": "Guided Lessons",
}
"""Of the menus inside of menus whose entries are always the same."""


def make_rail(window: MainWindow, actions: Mapping[str, QAction]) -> Rail:
    """Return the rail, in step with the actions that do the same."""
    below = (
        ("problems", "problems", window.tr("Problems"), "Ctrl+Shift+M"),
        ("keys", "help", window.tr("Keyboard map"), ""),
        ("preferences", "preferences", window.tr("Preferences"), "Ctrl+,"),
    )
    rail = Rail(PANELS, below)
    for key in ("library", "outline", "data", "runs", "problems"):
        rail.follow(key, actions[f"panel_{key}"])
    rail.follow("preferences", actions["preferences"])
    return rail


def make_right_rail(window: MainWindow, actions: Mapping[str, QAction]) -> Rail:
    """Return the rail that opens the panels of the right dock in a narrow window."""
    rail = Rail(RIGHT_PANELS, (), at_right=True)
    for key, *_ in RIGHT_PANELS:
        rail.follow(key, actions[f"panel_{key}"])
    return rail


def overlay_docks(window: MainWindow) -> tuple[OverlaidDock, OverlaidDock]:
    """Let the left and the right dock lie over the canvas where the window is narrow."""
    canvas, layouts, docks = window.canvas, window.layouts, window.docks
    return (
        OverlaidDock(window, docks["left"], window.rail, canvas, layouts),
        OverlaidDock(window, docks["right"], window.right_rail, canvas, layouts, RIGHT),
    )


def fill_menus(window: MainWindow) -> None:
    """Fill the menu bar and the context menus."""
    actions = window.actions_by_key
    submenus = _submenus(window)
    fill_menu_bar(window.header.menu_bar, MENUS, actions, submenus)
    window.header.train.device.setMenu(submenus["device"])
    menus = {place: QMenu(window) for place in CONTEXT_MENUS}
    for place, keys in CONTEXT_MENUS.items():
        fill_menu(menus[place], keys, actions, submenus)
    window.canvas.set_menus(menus)
    _offer_open(window, menus["node"])
    window.properties.set_node_actions(menus["node"].actions())


def give_menus(window: MainWindow, outline: OutlinePanel) -> None:
    """Give the outline its menus, and the keys of what stands in them."""
    submenus, keyed = _submenus(window), _keyed(window)
    menus = {count: QMenu(window) for count in OUTLINE_MENUS}
    for count, keys in OUTLINE_MENUS.items():
        fill_menu(menus[count], keys, window.actions_by_key, submenus)
        outline.tree.addActions([window.actions_by_key[k] for k in keys if k in keyed])
    _offer_open(window, menus["one"])
    outline.menu_requested.connect(lambda place: menus[_how_many(window)].popup(place))


def _keyed(window: MainWindow) -> set[str]:
    """Return the actions that have keys on the canvas alone."""
    own = Qt.ShortcutContext.WidgetWithChildrenShortcut
    actions = window.actions_by_key.items()
    return {key for key, action in actions if action.shortcutContext() == own}


def _how_many(window: MainWindow) -> str:
    return "one" if len(window.document.selection) < 2 else "several"


def _offer_open(window: MainWindow, menu: QMenu) -> None:
    """List Open in the menu of a layer only where there is something inside."""
    action = window.actions_by_key["open_composite"]
    menu.aboutToShow.connect(lambda: action.setVisible(window.canvas.levels.can_open()))
    menu.aboutToHide.connect(lambda: action.setVisible(True))


def _submenus(window: MainWindow) -> dict[str, QMenu]:
    fixed = {key: QMenu(window.tr(title), window) for key, title in _TITLES.items()}
    for key, menu in fixed.items():
        fill_menu(menu, SUBMENUS[key], window.actions_by_key, fixed)
    return {
        **fixed,
        "recent": recent_menu(window, window.settings, window.beginning.open_file),
        "from_template": window.own_templates.menu(),
        "theme": window.preferences.menu("theme", window),
        **{
            key: window.preferences.menu(key, window)
            for key in ("text_size", "shapes", "batch", "previews")
        },
        "device": device_menu(
            window,
            window.choose_device,
            lambda: window.device,
            lambda: window.run_view.devices.why_no_gpu,
        ),
        "float_panel": float_menu(window, window.docks),
        "overlay": overlay_menu(window, window.heat, window.actions_by_key),
    }
