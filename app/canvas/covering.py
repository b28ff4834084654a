"""What a part that floats over the canvas would lie on at a place."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtWidgets import QWidget

from app.canvas.frame_item import FrameItem
from app.canvas.items import NodeItem
from app.canvas.zoom_view import ZoomView
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

INSET_PX = 16
"""Between such a part and the edges."""

_SPOKEN_WEIGHT = 100

_Sides: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class Ground:
    """Where the cards and the frames of a view are now, for the many places that are tried."""

    def __init__(self, view: CanvasView, spoken_of: Collection[NodeId] = frozenset()) -> None:
        """Look once.

        Args:
            spoken_of: Layers that count for a hundred others.
        """
        self._cards: list[tuple[_Sides, float]] = []
        self._frames: list[_Sides] = []
        seen = seen_drawing(view)
        to_view = seen.viewportTransform()
        for item in seen.canvas.near(seen.seen_rect()):
            if isinstance(item, NodeItem):
                weight = _SPOKEN_WEIGHT if item.node in spoken_of else 1
                self._cards.append((_sides(to_view.mapRect(item.far_rect())), weight))
            elif isinstance(item, FrameItem):
                box = item.area
                area = QRectF(box.left, box.top, box.width, box.height)
                self._frames.append(_sides(to_view.mapRect(area)))

    def layers_below(self, place: QRect) -> float:
        """Return how much of cards would lie below a place of the view."""
        sides = _sides(QRectF(place))
        return sum(weight * _common(card, sides) for card, weight in self._cards)

    def frames_below(self, place: QRect) -> float:
        """Return how much of frames would lie below a place of the view."""
        sides = _sides(QRectF(place))
        return sum(_common(frame, sides) for frame in self._frames)


def seen_drawing(view: CanvasView) -> ZoomView:
    """Return the drawing that lies over that of a view, as two runs compared; else its own."""
    over = view.findChildren(ZoomView, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return next((each for each in over if not each.isHidden()), view)


def others_below(view: CanvasView, place: QRect, widget: QWidget) -> float:
    """Return how much of the chips, the minimap and the floating cards would lie below."""
    parts = (*view.children(), *view.viewport().children())
    return sum(
        area_of(part.geometry() & place)
        for part in parts
        if isinstance(part, QWidget)
        and part not in (widget, view.viewport())
        and not part.isHidden()
    )


def area_of(rect: QRect) -> float:
    """Return the area of a rectangle; none of one that is empty."""
    return max(0.0, rect.width()) * max(0.0, rect.height())


def _sides(rect: QRectF) -> _Sides:
    """Return a rectangle as numbers: asking Qt for each of many places takes long."""
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _common(one: _Sides, other: _Sides) -> float:
    """Return the area that two rectangles have in common."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return wide * tall if wide > 0 and tall > 0 else 0.0
