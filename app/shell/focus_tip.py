"""The tooltip of what has the keyboard, for those who do not hover."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.canvas.hits import Hit
from app.canvas.tips import tip_of
from app.canvas.view import CanvasView

_BELOW_PX = 4


def show_focus_tip(window: QWidget) -> str:
    """Show what hovering over the focused part of a window would show; return the words."""
    focused = QApplication.focusWidget()
    if focused is None or focused.window() is not window:
        return ""
    if isinstance(focused, CanvasView):
        text, place = _of_canvas(focused)
    else:
        text, place = words_for(focused), focused.rect().bottomLeft()
    if text:
        QToolTip.showText(focused.mapToGlobal(place + QPoint(0, _BELOW_PX)), text, focused)
    return text


def words_for(widget: QWidget) -> str:
    """Return the tooltip of a widget, else that of what is around it."""
    around: QWidget | None = widget
    while around is not None and not around.isWindow():
        for text in (around.toolTip(), around.accessibleDescription()):
            if text:
                return text
        around = around.parentWidget()
    return ""


def _of_canvas(view: CanvasView) -> tuple[str, QPoint]:
    """Return the tip of the selected card or wire, and where it is."""
    document, canvas = view.document, view.canvas
    link = document.selected_link
    if link is not None and link in canvas.wires:
        middle = canvas.wires[link].path().pointAtPercent(0.5)
        place = view.viewportTransform().map(QPointF(middle)).toPoint()
        return tip_of(canvas, Hit("wire", link=link)), place
    if len(document.selection) == 1:
        (node,) = document.selection
        box = view.view_rect(canvas.nodes[node].far_rect())
        return tip_of(canvas, Hit("node", node)), box.bottomLeft()
    return "", QPoint()
