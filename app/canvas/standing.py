"""Where a card that says something may float over the canvas without covering a layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.canvas.chips import FloatingBar
from app.canvas.covering import (
    INSET_PX,
    Ground,
    area_of,
    others_below,
    seen_drawing,
)
from app.theme import font, theme_manager
from app.widgets import Chip
from engine.graph.elements import NodeId

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_PAUSE_MS = 250
_BESIDE_CORNER_PX = 56
"""Above the zoom buttons, and below the chips."""

_GAP_PX = 6
"""Between a card and what it does not cover."""

_STEP_PX = 40
"""Between the places along an edge that are tried."""

_BESIDE_WORD_PX = 40
"""What a chip needs besides its word."""


class Standing(QObject):
    """Keeps a floating card in the place of the canvas where it covers no layer.

    It stays where it is as long as it covers nothing, and moves a moment after the drawing has
    come to rest below it. Where it would lie on layers wherever it stood, a chip stands for it:
    pressed, it opens the card over them, until the canvas is pressed again.
    """

    def __init__(
        self,
        card: QWidget,
        view: CanvasView,
        fit: Callable[[], object],
        *,
        narrow: Callable[[], object] | None = None,
        in_middle: bool = False,
    ) -> None:
        """Look after a card.

        Args:
            fit: Gives the card the size that its words need in the room that there is.
            narrow: Gives it a narrower one, which it takes where it covers nothing with that alone.
            in_middle: It rather stands at the middle of the lower edge than at a side.
        """
        super().__init__(card)
        self._card, self._view, self._fit = card, view, fit
        self._narrow, self._in_middle = narrow, in_middle
        self.spoken_of: frozenset[NodeId] = frozenset()
        """Layers that the card speaks of: it rather covers many others."""

        self._name, self._note = "", ""
        self._is_open = False
        self.chip = Chip("", opens=True, parent=view)
        self.chip.setProperty("kind", "card")
        self.chip.hide()
        self.chip.clicked.connect(self._open)
        card.destroyed.connect(self.chip.deleteLater)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self._make_way)
        for moved in (view.scrolled, view.canvas.altered, view.canvas.shifted):
            moved.connect(self._soon.start)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)
        theme_manager().changed.connect(self.place)

    def call(self, name: str, note: str = "") -> None:
        """Say what stands on the chip; without a name there is none, and the card stays."""
        self._name, self._note = name, note

    def open(self) -> None:
        """Show the card even where it lies on layers: it says something new."""
        self._is_open = True
        self.place()

    def close(self) -> None:
        """Take the card and its chip away."""
        self._soon.stop()
        self._name = ""
        self.chip.hide()
        self._card.hide()

    def place(self) -> None:
        """Put the card where it covers the least; of equal places the first is taken."""
        self._fit()
        ground, others = Ground(self._view, self.spoken_of), tuple(self._others())
        best, covered = self._best(ground, others)
        if self._narrow is not None and covered:
            self._narrow()
            narrow, still_covered = self._best(ground, others)
            if still_covered:
                self._fit()
            else:
                best = narrow
        self._card.move(best.topLeft())
        if self._name:
            as_chip = not self._is_open and ground.layers_below(best) > 0
            self._card.setVisible(not as_chip)
            if as_chip:
                self._put_chip(ground)
            self.chip.setVisible(as_chip)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.Resize and watched is self._view:
            self.place()
        elif event.type() == QEvent.Type.MouseButtonPress and watched is self._view.viewport():
            self._is_open = False
            self._soon.start()
        elif event.type() == QEvent.Type.ChildAdded and watched is self._view:
            # Another drawing may have been laid over the canvas.
            self._soon.start()
        return super().eventFilter(watched, event)

    def _open(self) -> None:
        had_focus = self.chip.hasFocus()
        self.open()
        button = self._card.findChild(QAbstractButton)
        if had_focus and button is not None:
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_chip(self, ground: Ground) -> None:
        """Write the chip, and put it where it covers the least."""
        view = self._view
        room = view.width() - 2 * INSET_PX - _BESIDE_WORD_PX
        room -= QFontMetrics(font("small")).horizontalAdvance(self._note)
        metrics = QFontMetrics(font("small", weight=500))
        word = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        self.chip.set_words(word, self._note)
        self.chip.adjustSize()
        places = view.overlays.chip_places(self.chip.size())
        below = [
            ground.layers_below(place) + others_below(view, place, self.chip) for place in places
        ]
        self.chip.move(places[below.index(min(below))].topLeft())
        self.chip.raise_()

    def _make_way(self) -> None:
        is_dragging = self._view.gesture is not None
        if is_dragging:
            return
        ground, others = Ground(self._view, self.spoken_of), tuple(self._others())
        if self._card.isHidden() or _covered(self._card.geometry(), ground, others):
            self.place()

    def _best(self, ground: Ground, others: Sequence[QRect]) -> tuple[QRect, float]:
        """Return the place that covers the least, and how much that is."""
        best, least = QRect(), math.inf
        for place in self._places():
            covered = _covered(place, ground, others)
            if covered < least:
                best, least = place, covered
            if not covered:
                break
        return best, least

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

    def _others(self) -> Iterable[QRect]:
        view = self._view
        for widget in (*view.children(), *view.viewport().children()):
            if not isinstance(widget, QWidget) or widget is self._card or widget.isHidden():
                continue
            is_card = widget.property("kind") == "card" and widget is not self.chip
            if is_card or widget is view.overlays.minimap:
                yield widget.geometry()
        if (seen := seen_drawing(view)) is not view:
            bars = seen.viewport().findChildren(FloatingBar)
            yield from (bar.geometry() for bar in bars if not bar.isHidden())


def _covered(place: QRect, ground: Ground, others: Iterable[QRect]) -> float:
    """Return how much of layers and of other cards lies below a place; of frames half."""
    place = place.adjusted(-_GAP_PX, -_GAP_PX, _GAP_PX, _GAP_PX)
    beside = sum(area_of(other & place) for other in others)
    return ground.layers_below(place) + beside + ground.frames_below(place) / 2
