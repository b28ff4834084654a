"""What a part that floats over the canvas would lie on at a place."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtWidgets import QWidget

from app.canvas.frame_item import FrameItem
from app.canvas.items import NodeItem
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

INSET_PX = 16
"""Between such a part and the edges."""

_SPOKEN_WEIGHT = 100


def layers_below(
    view: CanvasView, place: QRect, spoken_of: Collection[NodeId] = frozenset()
) -> float:
    """Return how much of cards would lie below a place of the view.

    Args:
        spoken_of: Layers that count for a hundred others.
    """
    seen = view.viewportTransform().inverted()[0].mapRect(QRectF(place))
    cards = (item for item in view.canvas.near(seen) if isinstance(item, NodeItem))
    return sum(
        (_SPOKEN_WEIGHT if item.node in spoken_of else 1)
        * area_of(view.view_rect(item.far_rect()) & place)
        for item in cards
    )


def frames_below(view: CanvasView, place: QRect) -> float:
    """Return how much of frames would lie below a place of the view."""
    seen = view.viewportTransform().inverted()[0].mapRect(QRectF(place))
    boxes = (item.area for item in view.canvas.near(seen) if isinstance(item, FrameItem))
    areas = (QRectF(box.left, box.top, box.width, box.height) for box in boxes)
    return sum(area_of(view.view_rect(area) & place) for area in areas)


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
