"""Going into composites and out again; each level keeps where one was looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF

from engine.graph.composites import COMPOSITE
from engine.graph.elements import NodeId, NodePath
from nodes.own_layer import OWN_LAYER

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Levels(QObject):
    """Shows the levels of the document in one view."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._looked_at: dict[NodePath, tuple[float, QPointF]] = {}
        view.document.level_left.connect(self._on_left)
        view.document.level_changed.connect(self._on_changed)

    def open_selected(self) -> None:
        """Go into the selected composite."""
        chosen = self._view.document.selection
        frame = self._view.framing.selected()
        if frame is not None and frame.folded:
            self._view.framing.toggle_fold([frame.id])
        elif len(chosen) != 1 or not self.open(next(iter(chosen))):
            self._view.tell(self.tr("Select a composite to open it"))

    def can_open(self) -> bool:
        """Whether the selected layer has an inside."""
        nodes = [self._view.document.graph.nodes[one] for one in self._view.document.selection]
        return len(nodes) == 1 and nodes[0].kind in (COMPOSITE, OWN_LAYER)

    def open(self, node: NodeId) -> bool:
        """Go into a composite, or to the code of a layer; say whether the node has an inside."""
        document = self._view.document
        found = document.graph.nodes[node]
        if found.kind == OWN_LAYER:
            self._view.code_requested.emit(found.definition)
            return True
        if found.kind != COMPOSITE:
            return False
        document.show_level((*document.path, node))
        return document.path[-1:] == (node,)

    def leave(self) -> bool:
        """Go out of the composite that is on show; say whether one was."""
        return self._view.document.leave()

    def next_round(self) -> None:
        """Look at the next round of the composite on show."""
        self._step_round(1)

    def previous_round(self) -> None:
        """Look at the round before of the composite on show."""
        self._step_round(-1)

    def _step_round(self, way: int) -> None:
        document = self._view.document
        if document.rounds > 1:
            document.show_round(document.round_number + way)
        else:
            self._view.tell(
                self.tr(
                    "Select a repeated layer, or open a repeated composite, to look at its rounds"
                )
            )

    def go_to(self, depth: int) -> None:
        """Go out to a level: 0 is the drawing."""
        document = self._view.document
        if depth < len(document.path):
            document.reveal(document.path[: depth + 1])

    def _on_left(self) -> None:
        view = self._view
        self._looked_at[view.document.path] = (view.zoom, view.seen_rect().center())

    def _on_changed(self) -> None:
        view = self._view
        view.overlays.card.dismiss()
        view.overlays.follow_name()
        known = self._looked_at.get(view.document.path)
        if known is None:
            view.fit_all()
        else:
            scale, centre = known
            view.zoom_to(scale)
            view.centre_rect(QRectF(centre, centre))
