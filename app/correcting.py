"""Corrections of samples: asked for where a sample is looked at, kept in the drawing's data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from engine.graph.elements import Graph, NodeId
from nodes.corrections import Correction
from nodes.io import Data

if TYPE_CHECKING:
    from app.late_panels import RunPanels


class Correcting(QObject):
    """Writes corrections into the data node, each as one undo step, and logs it."""

    def __init__(
        self,
        document: Document,
        panels: RunPanels,
        note: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._note = note
        self._bar = panels.evaluation.sample_bar
        self._bar.relabelled.connect(self.relabel)
        self._bar.left_out.connect(self.leave_out)
        self._bar.taken_back.connect(self.take_back)
        panels.data.corrections.taken_back.connect(self.take_back)
        panels.data.doubts.relabelled.connect(self.relabel)
        panels.data.doubts.left_out.connect(self.leave_all_out)
        document.report_changed.connect(self._follow)
        self._follow()

    def relabel(self, sample: int, label: int, was: int) -> None:
        """Read a sample as one of another class from the next run on."""
        correction = Correction(sample, label, was if was >= 0 else None)
        self._correct(correction, self.tr("Relabel sample {0}").format(sample))

    def leave_out(self, sample: int, was: int) -> None:
        """Let a sample neither train nor validate nor test from the next run on."""
        correction = Correction(sample, None, was if was >= 0 else None)
        self._correct(correction, self.tr("Leave out sample {0}").format(sample))

    def leave_all_out(self, corrections: Sequence[Correction]) -> None:
        """Leave several samples out in one step."""
        from engine.data.corrections import with_corrections

        found = self._data()
        if found is not None:
            node, data = found
            label = self.tr("Leave out %n sample(s)", "", len(corrections))
            self._edit(label, lambda graph: with_corrections(graph, node, data, corrections))

    def take_back(self, sample: int) -> None:
        """Read a sample as the files hold it again."""
        # It comes with numpy, which the window does not wait for when it opens.
        from engine.data.corrections import without_correction

        found = self._data()
        if found is not None:
            node, data = found
            label = self.tr("Take back the correction of sample {0}").format(sample)
            self._edit(label, lambda graph: without_correction(graph, node, data, sample))

    def _correct(self, correction: Correction, label: str) -> None:
        from engine.data.corrections import with_correction

        found = self._data()
        if found is not None:
            node, data = found
            self._edit(label, lambda graph: with_correction(graph, node, data, correction))

    def _edit(self, label: str, change: Callable[[Graph], Graph]) -> None:
        if self._document.edit_model(label, change):
            self._note(self.tr("{0}: the next run uses it.").format(label))

    def _data(self) -> tuple[NodeId, Data] | None:
        for node, report in self._document.model_report.nodes.items():
            if isinstance(report.layer, Data):
                return node, report.layer
        return None

    def _follow(self) -> None:
        found = self._data()
        corrections = found[1].corrections if found is not None else ()
        self._bar.show_corrected([one.sample for one in corrections])
