"""Cards that glide from where they were to where they are now."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPointF, QVariantAnimation
from PySide6.QtWidgets import QStyle

from app.canvas.scene import CanvasScene
from engine.graph.elements import NodeId


class Gliding(QObject):
    """Keeps the eye on what an arrangement moved; the document is there already."""

    def __init__(self, scene: CanvasScene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._from: dict[NodeId, QPointF] = {}
        self._to: dict[NodeId, QPointF] = {}
        self._run = QVariantAnimation(self)
        self._run.setStartValue(0.0)
        self._run.setEndValue(1.0)
        self._run.valueChanged.connect(self._show)
        self._run.finished.connect(scene.settle)
        # What is edited meanwhile may take cards and wires away.
        scene.document.changed.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether cards are on their way."""
        return self._run.state() != QVariantAnimation.State.Stopped

    def places(self) -> dict[NodeId, QPointF]:
        """Return where the cards are."""
        return {node: item.pos() for node, item in self._scene.nodes.items()}

    def start(self, before: Mapping[NodeId, QPointF], style: QStyle) -> None:
        """Let the cards glide from where they were, unless the desktop wants less motion."""
        self.stop()
        now = self.places()
        moved = [node for node in now if node in before and before[node] != now[node]]
        if not moved or not style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration):
            return
        self._from = {node: before[node] for node in moved}
        self._to = {node: now[node] for node in moved}
        self._scene.begin_shift(moved)
        self._run.setDuration(self._scene.shared.style.theme.motion_ms.arrange)
        self._run.start()

    def stop(self) -> None:
        """Put every card where it belongs at once."""
        if self.is_running:
            self._run.stop()
            self._scene.settle()

    def _show(self, share: float) -> None:
        eased = 1 - (1 - share) ** 3
        self._scene.glide(
            {
                node: start + (self._to[node] - start) * eased
                for node, start in self._from.items()
                if node in self._scene.nodes
            }
        )
