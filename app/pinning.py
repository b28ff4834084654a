"""The layer that Activations stays with: its card carries a pin, which a key sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.view import CanvasView
from app.document import Document
from engine.graph.elements import NodeId, path_told, round_told

if TYPE_CHECKING:
    from app.probes.panel import ActivationsPanel


class Pinning(QObject):
    """Shows on the canvas which layer is pinned, and pins another one.

    Args:
        follow: Lets the panel show the selected layer, unless it is pinned.
    """

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        activations: ActivationsPanel,
        follow: Callable[[], None],
    ) -> None:
        super().__init__(activations)
        self._document, self._canvas = document, canvas
        self._activations = activations
        self._follow = follow
        activations.pinned.connect(self._on_pinned)
        document.level_changed.connect(self._show)

    def pin(self) -> None:
        """Stay with the selected layer; where that one is pinned, follow the selection again."""
        panel = self._activations
        before = panel.node if panel.is_pinned else None
        panel.pin.setChecked(False)
        if panel.node and panel.node != before:
            panel.pin.setChecked(True)

    def next_sample(self) -> None:
        """Look at the next sample."""
        strip = self._activations.strip
        strip.choose(strip.chosen + 1)

    def previous_sample(self) -> None:
        """Look at the sample before."""
        strip = self._activations.strip
        strip.choose(strip.chosen - 1)

    def _on_pinned(self, pinned: bool) -> None:
        if not pinned:
            self._follow()
        self._show()

    def _show(self) -> None:
        panel = self._activations
        way = tuple(round_told(part)[0] for part in path_told(NodeId(panel.node)))
        is_seen = panel.is_pinned and way[:-1] == self._document.path
        self._canvas.canvas.show_pin(way[-1] if is_seen else None)
