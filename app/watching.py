"""What is on screen, as the engine is told it: cards in sight, and the layer looked into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.canvas.view import CanvasView
from app.document import Document
from app.inspected_layer import layer_to_inspect, words_of_layer
from app.looking import Looking
from app.training_control import TrainingControl
from engine.graph.elements import told
from engine.training.events import ProbeTaken, TrainingEvent

if TYPE_CHECKING:
    from app.late_panels import RunPanels

_WATCH_MS = 150


class Watching(QObject):
    """Asks for probes of what is seen, and lets the panels follow the selection."""

    def __init__(
        self,
        control: TrainingControl,
        document: Document,
        canvas: CanvasView,
        looking: Looking,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._document = document
        self._canvas = canvas
        self._looking = looking
        self._panels: RunPanels | None = None
        # What is on screen changes with every pan; the trainer is told at a calm pace.
        self._timer = QTimer(self)
        self._timer.setInterval(_WATCH_MS)
        self._timer.timeout.connect(self.watch)
        looking.changed.connect(self.watch)
        document.selection_changed.connect(self.follow_selection)

    def attach(self, panels: RunPanels) -> None:
        """Take in the panels of a run, which are made once the window stands."""
        self._panels = panels
        panels.activations.kept_changed.connect(self.watch)
        panels.map.wanted_changed.connect(self.watch)
        self.follow_selection()

    def follow_phase(self) -> None:
        """Watch while a run goes on, and look once more when it ends: that stays on screen."""
        if not self._control.is_running:
            self._timer.stop()
            self.watch()
        elif not self._timer.isActive():
            self._timer.start()

    def follow_selection(self) -> None:
        """Look into the layer that is selected, unless another one is pinned."""
        panels = self._panels
        if panels is None or panels.activations.is_pinned:
            return
        layer = layer_to_inspect(self._document, panels.activations.node)
        words = words_of_layer(self._document, layer) if layer is not None else None
        if layer is not None and words is not None:
            for panel in (panels.activations, panels.weights, panels.map):
                panel.show_node(layer, *words)
            is_chosen = bool(self._document.selection) or panels.activations.is_pinned
            panels.tryout.alike.show_layer(*((layer, words.name) if is_chosen else ("", "")))
        self.watch()

    def look_on(self, events: Sequence[TrainingEvent]) -> None:
        """Once nothing trains, go on to the layers beside the one that was looked into."""
        if self._panels is None or (self._control.is_running and self._control.phase != "paused"):
            return
        activations = self._panels.activations
        has_news = any(isinstance(event, ProbeTaken) for event in events)
        if has_news and activations.isVisible() and activations.is_behind:
            self.watch()

    def watch(self) -> None:
        """Tell the engine what is on screen now."""
        panels, path = self._panels, self._document.path
        nodes = tuple(self._document.told(node) for node in self._canvas.visible_nodes())
        seen = tuple(told((*path, node)) for node in self._canvas.measured_nodes())
        if panels is None:
            self._control.watch(self._looking.request(nodes, seen=seen))
            return
        layer = panels.activations.node
        self._control.watch(
            self._looking.request(
                nodes,
                detail=panels.activations.next_detail() if panels.activations.isVisible() else "",
                weights=layer if panels.weights.isVisible() else "",
                gradients=panels.gradients.isVisible(),
                map_of=panels.map.wanted,
                seen=seen,
            )
        )
