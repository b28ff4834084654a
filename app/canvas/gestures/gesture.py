"""The base of every gesture: it begins once the pointer has moved, and ends or is cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from app.canvas.pointer_view import PointerView


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, and which keys are held."""

    at: QPointF
    """On the canvas."""

    in_view: QPointF
    shift: bool = False
    control: bool = False
    alt: bool = False


class Gesture:
    """One drag of the pointer.

    It may move items ahead of the document; ``release`` asks the document for one edit, and
    ``cancel`` leaves everything as it was.
    """

    cursor: Qt.CursorShape | None = None
    pans_at_border = True
    keys: tuple[int, ...] = ()
    """Keys that mean something else while the drag lasts."""

    def __init__(self, view: PointerView, start: Pointer) -> None:
        self.view = view
        self.start = start
        self._painted = QRectF()

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer."""

    def release(self, pointer: Pointer) -> None:
        """Do what the gesture means."""

    def cancel(self) -> None:
        """Take everything back."""

    def take_key(self, key: int) -> None:
        """Do what one of ``keys`` means, which was pressed meanwhile."""

    def paint(self, painter: QPainter) -> None:
        """Paint over the canvas, in canvas coordinates."""

    def repaint(self, area: QRectF) -> None:
        """Ask for the area painted now and the one painted last."""
        self.view.touch(area.united(self._painted))
        self._painted = area
