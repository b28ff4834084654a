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
        self._last = start.in_view

    def move(self, pointer: Pointer) -> None:
        offset = pointer.in_view - self._last
        self._last = pointer.in_view
        self.view.pan_by(offset.x(), offset.y())
