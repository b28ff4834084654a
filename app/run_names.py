"""What a run and its layers are called in the panels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from engine.graph.elements import Graph
from engine.runs.record import Branch, RunRecord, count_runs
from nodes.errors import RunError

if TYPE_CHECKING:
    from app.late_panels import RunPanels


class RunNames(QObject):
    """Numbers runs as the list of runs does, and knows layers by the names of the drawing."""

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._numbers: dict[str, int] = {}

    def number(self, run: str) -> None:
        """Give a run that begins the number that it has in the list; one that goes on keeps it."""
        self._numbers.setdefault(run, count_runs() or 1)

    def tell(self, panels: RunPanels, run: str) -> None:
        """Tell panels what a run and its layers are called."""
        title = self.tr("Run {0}").format(self._numbers.get(run, 1))
        panels.training.show_run_title(title, _origin(run))
        panels.training.show_node_names(self._titles())
        self.tell_layers(panels, self._document.project.graph)

    def tell_layers(self, panels: RunPanels, graph: Graph) -> None:
        """Tell panels what the layers of a drawing are called: of this one, or of a run's own."""
        names = {str(node.id): node.name for node in graph.nodes.values()}
        for panel in (panels.gradients, panels.stepping, panels.map):
            panel.show_node_names(names)

    def _titles(self) -> dict[str, str]:
        nodes = self._document.model_report.nodes
        return {str(node): found.title for node, found in nodes.items()}


def _origin(run: str) -> Branch | None:
    """Return the moment of another run that one went on from."""
    try:
        return RunRecord.open(Path(run)).info.branched if run else None
    except RunError:  # it has no record yet, and so no origin
        return None
