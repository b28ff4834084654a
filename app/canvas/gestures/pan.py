"""Dragging the canvas itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.canvas.gestures.gesture import Gesture, Pointer

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


class PanGesture(Gesture):
    """Moves what is seen; nothing to take back, since the view is not part of the document."""

    cursor = Qt.CursorShape.ClosedHandCursor
    pans_at_border = False

    def __init__(self, view: PointerView, start: Pointer) -> None:
        super().__init__(view, start)
        self._done = (0, 0)

    def move(self, pointer: Pointer) -> None:
        # The whole way is rounded, not each step: the point that was taken stays at the pointer.
        way = pointer.in_view - self.start.in_view
        x, y = round(way.x()), round(way.y())
        self.view.pan_by(x - self._done[0], y - self._done[1])
        self._done = (x, y)
