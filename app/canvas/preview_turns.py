"""Repainting cards whose previews changed, some at a time.

When all cards of a large screen have other previews at once, painting all of them would hold up
the pointer: of those on screen a few dozen are repainted in each turn of the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

if TYPE_CHECKING:
    from app.canvas.items import NodeItem

_IN_A_TURN = 40
_PAUSE_MS = 4


class PreviewTurns(QObject):
    """Asks Qt to repaint cards, never more than a turn's worth at once."""

    def __init__(self, scene: QGraphicsScene) -> None:
        super().__init__(scene)
        self._scene = scene
        self._waiting: dict[QGraphicsItem, QRectF] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._repaint_some)

    def repaint(self, changed: Mapping[NodeItem, QRectF]) -> None:
        """Repaint parts of cards soon; all of a card for an empty part."""
        seen = set(self._on_screen()) if changed else set()
        for item, part in changed.items():
            if item not in seen:
                # Qt would go on collecting parts of what is never painted.
                item.update()
            elif part.isNull() or not self._waiting.get(item, part).isNull():
                self._waiting[item] = part
        if not self._pause.isActive():
            self._repaint_some()

    def _repaint_some(self) -> None:
        for item in list(self._waiting)[:_IN_A_TURN]:
            item.update(self._waiting.pop(item))
        if self._waiting:
            self._pause.start()

    def _on_screen(self) -> Iterator[QGraphicsItem]:
        for view in self._scene.views():
            yield from view.items(view.viewport().rect())
