"""What layers were measured to cost, as long as they are what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.training_control import TrainingControl
from engine.analysis.cost import LayerCost
from engine.analysis.report import ShapeReport
from engine.graph.elements import NodeId, NodePath, path_told
from engine.training.config import Device
from engine.training.costs import LayersMeasured
from engine.training.events import TrainingEvent, WorkerReady
from nodes.errors import GraphError


class LayerCosts(QObject):
    """Has the layers timed, and forgets the figures of those that are changed afterwards."""

    changed = Signal()
    """Other figures hold: layers were measured, or edited since."""

    measured = Signal(object)
    """A measurement was made, or could not be: the ``LayersMeasured``."""

    def __init__(self, document: Document, control: TrainingControl, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._control = control
        self._found = LayersMeasured()
        self._report: ShapeReport | None = None
        self._asked: ShapeReport | None = None
        self._has_worker = False
        self._valid: Mapping[NodeId, LayerCost] = {}
        control.arrived.connect(self._on_arrived)
        document.report_changed.connect(self._follow_drawing)

    @property
    def is_measuring(self) -> bool:
        """Whether an answer is waited for."""
        return self._asked is not None

    @property
    def found(self) -> LayersMeasured:
        """The newest measurement; without layers while there is none."""
        return self._found

    @property
    def by_path(self) -> Mapping[NodeId, LayerCost]:
        """What still holds, by the whole paths of nodes as ``told`` writes them."""
        return self._valid

    def measure(self, device: Device) -> None:
        """Have the layers of the drawing timed; nothing happens while that goes on."""
        if self._asked is None and not self._control.is_running:
            self._asked = self._document.model_report
            self._control.measure_layers(self._document.project, device)
            self.changed.emit()

    def give_up(self) -> None:
        """Time no further."""
        if self._asked is not None:
            self._asked = None
            self._control.end_trials()
            self.changed.emit()

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            if isinstance(event, LayersMeasured):
                self._take(event)
            elif isinstance(event, WorkerReady):
                # A second worker does not know what the first was asked.
                if self._has_worker and self._asked is not None:
                    self._take(LayersMeasured(problem=self.tr("The process that timed is gone.")))
                self._has_worker = True

    def _take(self, found: LayersMeasured) -> None:
        asked, self._asked = self._asked, None
        if not found.problem:
            self._found, self._report = found, asked
        self._valid = self._still_valid()
        self.measured.emit(found)
        self.changed.emit()

    def _follow_drawing(self) -> None:
        valid = self._still_valid()
        if valid.keys() != self._valid.keys():
            self._valid = valid
            self.changed.emit()

    def _still_valid(self) -> dict[NodeId, LayerCost]:
        before, now = self._report, self._document.model_report
        if before is None:
            return {}
        return {
            NodeId(cost.node): cost
            for cost in self._found.layers
            if before is now or _is_same(before, now, path_told(NodeId(cost.node)))
        }


def _is_same(before: ShapeReport, now: ShapeReport, path: NodePath) -> bool:
    """Whether a layer is what it was, and gets what it got."""
    try:
        old = before.inside(path[:-1]).nodes.get(path[-1])
        new = now.inside(path[:-1]).nodes.get(path[-1])
    except GraphError:
        return False
    if old is new:
        return True
    if old is None or new is None or old.inputs is None or new.inputs is None:
        return False
    return old.layer == new.layer and old.inputs.key() == new.inputs.key()
