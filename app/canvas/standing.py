"""Where a card that says something may float over the canvas without covering a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QTimer
from PySide6.QtWidgets import QWidget

from app.canvas.frame_item import FrameItem
from app.canvas.items import NodeItem
from app.canvas.overlays import INSET_PX
from app.theme import text_scale, theme_manager
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_PAUSE_MS = 250
_BESIDE_CORNER_PX = 56
"""Above the zoom buttons, and below the chips."""

_GAP_PX = 6
"""Between a card and what it does not cover."""

_STEP_PX = 24
"""Between the places along an edge that are tried."""

_NARROW_VIEW_PX = 480
"""A drawing in a view that is narrower leaves no room for a card beside it."""

_WEIGHT = 100
"""Of a layer that the card speaks of."""


class Standing(QObject):
    """Keeps a floating card in the place of the canvas where it covers the fewest layers.

    It stays where it is as long as it covers nothing, and moves a moment after the drawing has
    come to rest below it.
    """

    def __init__(
        self,
        card: QWidget,
        view: CanvasView,
        fit: Callable[[], object],
        *,
        narrow: Callable[[], object] | None = None,
        in_middle: bool = False,
        steps_aside: bool = False,
    ) -> None:
        """Look after a card.

        Args:
            fit: Gives the card the size that its words need in the room that there is.
            narrow: Gives it a narrower one, which it takes where it covers nothing with that alone.
            in_middle: It rather stands at the middle of the lower edge than at a side.
            steps_aside: In a view without room for it beside the drawing it is not to be seen.
        """
        super().__init__(card)
        self._card, self._view, self._fit = card, view, fit
        self._narrow, self._in_middle, self._steps_aside = narrow, in_middle, steps_aside
        self.spoken_of: frozenset[NodeId] = frozenset()
        """Layers that the card speaks of: it rather covers many others."""

        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self._make_way)
        for moved in (view.scrolled, view.canvas.altered, view.canvas.shifted):
            moved.connect(self._soon.start)
        view.installEventFilter(self)
        theme_manager().changed.connect(self.place)

    def place(self) -> None:
        """Put the card where it covers the least; of equal places the first is taken."""
        self._fit()
        best = self._best()
        if self._narrow is not None and self._covered(best):
            self._narrow()
            if self._covered(self._best()):
                self._fit()
            else:
                best = self._best()
        self._card.move(best.topLeft())
        if self._steps_aside:
            has_room = self._view.width() >= _NARROW_VIEW_PX * text_scale()
            self._card.setVisible(has_room or not self._covered(best))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def _make_way(self) -> None:
        is_dragging = self._view.gesture is not None
        if is_dragging:
            return
        if self._card.isHidden() or self._covered(self._card.geometry()):
            self.place()

    def _best(self) -> QRect:
        others = tuple(self._others())
        return min(self._places(), key=lambda place: self._covered(place, others))

    def _places(self) -> Iterable[QRect]:
        size, room = self._card.size(), self._view.size()
        right = max(0, room.width() - size.width() - INSET_PX)
        low = max(0, room.height() - size.height() - _BESIDE_CORNER_PX)
        if self._in_middle:
            middle = max(0, (room.width() - size.width()) // 2)
            yield QRect(QPoint(middle, low), size)
        for y in (low, _BESIDE_CORNER_PX, *range(low, _BESIDE_CORNER_PX, -_STEP_PX)):
            for x in (INSET_PX, right):
                yield QRect(QPoint(x, y), size)

    def _covered(self, place: QRect, others: Sequence[QRect] | None = None) -> float:
        """Return how much of layers, other cards and the minimap lies below; of frames half.

        Args:
            others: Where the cards and the minimap are, where that is known.
        """
        others = tuple(self._others()) if others is None else others
        view, place = self._view, place.adjusted(-_GAP_PX, -_GAP_PX, _GAP_PX, _GAP_PX)
        seen = view.viewportTransform().inverted()[0].mapRect(QRectF(place))
        areas = [_area(QRectF(other & place)) for other in others]
        for item in view.canvas.near(seen):
            if isinstance(item, NodeItem):
                weight = _WEIGHT if item.node in self.spoken_of else 1
                areas.append(weight * _area(QRectF(view.view_rect(item.far_rect()) & place)))
            elif isinstance(item, FrameItem):
                area = QRectF(item.area.left, item.area.top, item.area.width, item.area.height)
                areas.append(_area(QRectF(view.view_rect(area) & place)) / 2)
        return sum(areas)

    def _others(self) -> Iterable[QRect]:
        view = self._view
        for widget in (*view.children(), *view.viewport().children()):
            if not isinstance(widget, QWidget) or widget is self._card or widget.isHidden():
                continue
            if widget.property("kind") == "card" or widget is view.overlays.minimap:
                yield widget.geometry()


def _area(rect: QRectF) -> float:
    return max(0.0, rect.width()) * max(0.0, rect.height())
