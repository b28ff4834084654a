"""Putting the parts of the window into their places."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QToolBar, QWidget

from app.shell.panel_dock import PanelDock
from app.shell.rail import Rail
from app.shell.status_bar import StatusBar

_DOCKS = {
    "left": ("Panels", QSize(240, 500), QSize(200, 200)),
    "right": ("Properties", QSize(355, 500), QSize(280, 200)),
    "bottom": ("Problems", QSize(600, 168), QSize(200, 80)),
    "training": ("Training", QSize(851, 380), QSize(420, 260)),
    "inspection": ("Activations", QSize(851, 520), QSize(420, 280)),
    "comparison": ("Comparison", QSize(851, 900), QSize(480, 300)),
}
"""Title, home size and smallest size of each dock."""


def make_docks(window: QMainWindow) -> dict[str, PanelDock]:
    """Return the docks of the window, still empty."""
    return {
        name: PanelDock(name, window.tr(title), size=size, minimum=minimum, parent=window)
        for name, (title, size, minimum) in _DOCKS.items()
    }


def compose(
    window: QMainWindow,
    *,
    header: QWidget,
    rail: Rail,
    right_rail: Rail,
    centre: QWidget,
    docks: Mapping[str, PanelDock],
    bar: StatusBar,
) -> None:
    """Put header, rail, canvas, docks and status bar into a window."""
    window.setMinimumSize(1024, 640)
    window.setMenuWidget(header)
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(centre)
    window.setCentralWidget(holder)
    _put_rail(window, rail, "rail", Qt.ToolBarArea.LeftToolBarArea)
    # Until the window is too narrow for what it opens.
    _put_rail(window, right_rail, "right-rail", Qt.ToolBarArea.RightToolBarArea).hide()
    status = window.statusBar()
    status.setSizeGripEnabled(False)
    status.setContentsMargins(0, 0, 0, 0)
    status.addWidget(bar, 1)
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    window.setCorner(Qt.Corner.BottomLeftCorner, left)
    window.setCorner(Qt.Corner.BottomRightCorner, right)
    window.addDockWidget(left, docks["left"])
    for name in ("right", "training", "inspection", "comparison"):
        window.addDockWidget(right, docks[name])
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["bottom"])


def _put_rail(window: QMainWindow, rail: Rail, name: str, area: Qt.ToolBarArea) -> QToolBar:
    """Keep a rail beside all docks: a tool bar that cannot be moved."""
    bar = _RailBar(window.tr("Panels"), window)
    bar.setObjectName(name)
    layout = bar.layout()
    if layout is not None:
        layout.setContentsMargins(0, 0, 0, 0)
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addWidget(rail)
    bar.toggleViewAction().setVisible(False)
    window.addToolBar(area, bar)
    window.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
    return bar


class _RailBar(QToolBar):
    """A tool bar without margins, which every style gives it anew."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().changeEvent(event)
        layout = self.layout()
        if event.type() == QEvent.Type.StyleChange and layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)
