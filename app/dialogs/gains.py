"""What other ways to compute a step gain on this model and device, before it is trained."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.document import Document
from app.training_control import TrainingControl
from app.widgets import Button, EmptyState, FlowText, Label, SectionTitle
from engine.training.config import Device
from engine.training.events import TrainingEvent
from engine.training.gains import Gain, GainsMeasured

_SMALLEST = QSize(560, 340)
_NOTES = 3


class GainsDialog(QDialog):
    """Waits for the trials, shows them in a table, and turns *Fastest* on as one undo step."""

    def __init__(
        self, document: Document, control: TrainingControl, device: Device, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What is fastest here"))
        self.setMinimumSize(_SMALLEST)
        self._document = document
        self._waiting = EmptyState("clock", self.tr("Each way computes some steps in turn…"))
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._words = FlowText("", "small", tone="text3")
        self._take = Button(self.tr("Turn Fastest On"), "primary")
        self._take.setEnabled(False)
        self._take.setToolTip(self.tr("The ways are being tried."))
        self._lay_out()
        control.arrived.connect(self._on_arrived)
        self.finished.connect(control.end_trials)
        control.measure_gains(document.project, device)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(SectionTitle(self.tr("Ways to compute a step"), self.tr("each by itself")))
        self._stack = QStackedLayout()
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._table)
        column.addLayout(self._stack, stretch=1)
        column.addWidget(self._words)
        column.addLayout(self._buttons())
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(_NOTES, 1)

    def _buttons(self) -> QHBoxLayout:
        close = Button(self.tr("Close"), "ghost")
        close.clicked.connect(self.reject)
        self._take.clicked.connect(self._on_take)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self._take)
        return row

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            if isinstance(event, GainsMeasured):
                self._show(event)

    def _show(self, found: GainsMeasured) -> None:
        if found.problem:
            self._waiting.set_words(found.problem)
            self._take.setToolTip(self.tr("Nothing was measured."))
            return
        for row, gain in enumerate(found.gains):
            self._add(row, gain)
        self._grid.setRowStretch(len(found.gains), 1)
        self._stack.setCurrentWidget(self._table)
        self._words.set_words(
            self.tr(
                "{0} samples take {1} forward and back in single precision. Threads are chosen by "
                "every run; Fastest takes of the others what pays together."
            ).format(found.samples, _milliseconds(found.step_seconds))
        )
        is_on = self._document.project.recipe.fastest
        self._take.setEnabled(not is_on)
        self._take.setToolTip(self.tr("It is on already.") if is_on else "")

    def _add(self, row: int, gain: Gain) -> None:
        times = "–" if gain.times is None else f"{gain.times:.2f} ×"
        cells = (
            Label(gain.title, weight=600),
            Label(times, "code", tone="ok" if gain.pays else "text2"),
            Label("" if gain.seconds is None else _milliseconds(gain.seconds), "code"),
            FlowText(self._note(gain), "small", tone="text2"),
        )
        for column, cell in enumerate(cells):
            side = Qt.AlignmentFlag.AlignRight if 0 < column < _NOTES else Qt.AlignmentFlag(0)
            self._grid.addWidget(cell, row, column, side)

    def _note(self, gain: Gain) -> str:
        pays = self.tr("Pays.") if gain.pays else self.tr("Does not pay.")
        return " ".join(
            part for part in (pays if gain.times is not None else "", gain.note) if part
        )

    def _on_take(self) -> None:
        recipe = replace(self._document.project.recipe, fastest=True)
        self._document.set_recipe(recipe, self.tr("Set fastest"))
        self.accept()


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms"
