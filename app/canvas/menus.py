"""Which context menu belongs to what was hit, and the menu of a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from app.canvas.hits import Hit

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

PLACES = ("node", "nodes", "wire", "frame", "canvas")
"""The menus that the window brings."""


def place_of(view: CanvasView, hit: Hit) -> str:
    """Select what was hit and name the menu for it."""
    document = view.document
    if hit.kind in ("frame", "fold"):
        document.select(view.members_of(hit.frame))
        return "frame"
    if hit.link is not None:
        document.select((), link=hit.link)
        return "wire"
    if hit.node is None:
        return "canvas"
    if hit.node not in document.selection:
        document.select([hit.node])
    return "nodes" if len(document.selection) > 1 else "node"


def port_menu(view: CanvasView, hit: Hit) -> QMenu:
    """Return the menu of the port that was hit; it goes when it closes."""
    assert hit.end is not None and hit.port is not None, "a port was hit"
    end, is_input = hit.end, hit.port.is_input
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    connect = menu.addAction(view.tr("Connect To…"))
    connect.triggered.connect(
        lambda _checked=False: view.connecting.connect_port(end, is_input=is_input)
    )
    if not is_input:
        values = menu.addAction(view.tr("Show Values"))
        values.triggered.connect(lambda _checked=False: view.toggle_ranges({end}))
        name = menu.addAction(view.tr("Name This Output…"))
        name.triggered.connect(lambda _checked=False: view.open_output_name(end))
    disconnect = menu.addAction(view.tr("Disconnect"))
    disconnect.setEnabled(hit.port.used)
    disconnect.triggered.connect(
        lambda _checked=False: view.connecting.disconnect_port(end, is_input=is_input)
    )
    return menu
