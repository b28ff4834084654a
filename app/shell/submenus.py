"""Menus whose entries are found when they open: recent files, devices, docks that are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.heat import Heat
from app.settings import Settings
from app.shell.menus import OVERLAYS
from app.shell.panel_dock import PanelDock
from engine.training.config import Device

_DEVICE_WORDS = {"auto": "Choose for me", "cpu": "CPU", "cuda": "GPU"}


def recent_menu(owner: QWidget, settings: Settings, chosen: Callable[[Path], None]) -> QMenu:
    """Return the menu of recent files; it is filled anew each time it opens."""
    menu = QMenu(owner.tr("Open Recent"), owner)

    def fill() -> None:
        menu.clear()
        for path in settings.recent:
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _checked=False, path=path: chosen(path))
        if not settings.recent:
            menu.addAction(owner.tr("Nothing yet")).setEnabled(False)

    menu.aboutToShow.connect(fill)
    menu.setToolTipsVisible(True)
    return menu


def overlay_menu(owner: QWidget, heat: Heat, actions: Mapping[str, QAction]) -> QMenu:
    """Return the menu of what the canvas can be coloured by."""
    menu = QMenu(owner.tr("Overlay"), owner)
    group = QActionGroup(menu)
    entries = {key: actions[action] for key, action in OVERLAYS.items()}
    for action in entries.values():
        group.addAction(action)
        menu.addAction(action)

    def follow() -> None:
        for key, action in entries.items():
            action.setChecked(key == heat.shown)

    heat.asked.connect(follow)
    follow()
    return menu


def float_menu(owner: QWidget, docks: Mapping[str, PanelDock]) -> QMenu:
    """Return the menu that makes a dock that is open a window of its own, and puts it back."""
    menu = QMenu(owner.tr("Float Panel"), owner)

    def fill() -> None:
        menu.clear()
        for dock in docks.values():
            if dock.isVisible():
                action = menu.addAction(dock.title)
                action.setCheckable(True)
                action.setChecked(dock.isFloating())
                action.triggered.connect(dock.float_aside)
        if menu.isEmpty():
            menu.addAction(owner.tr("No panel is open")).setEnabled(False)

    menu.aboutToShow.connect(fill)
    return menu


def device_menu(
    owner: QWidget,
    chosen: Callable[[Device], None],
    current: Callable[[], Device],
    why_no_gpu: Callable[[], str],
) -> QMenu:
    """Return the menu of devices to train on; a GPU that is not there is grey and says why."""
    menu = QMenu(owner.tr("Device"), owner)
    menu.setToolTipsVisible(True)
    group = QActionGroup(menu)
    for device in get_args(Device):
        action = menu.addAction(owner.tr(_DEVICE_WORDS[device]))
        action.setCheckable(True)
        action.setData(device)
        action.triggered.connect(lambda _checked=False, device=device: chosen(device))
        group.addAction(action)

    def follow() -> None:
        for action in group.actions():
            action.setChecked(action.data() == current())
        gpu, why = group.actions()[-1], why_no_gpu()
        gpu.setEnabled(not why)
        gpu.setText(owner.tr("GPU (none is seen)") if why else owner.tr(_DEVICE_WORDS["cuda"]))
        gpu.setToolTip(why)

    menu.aboutToShow.connect(follow)
    follow()
    return menu
