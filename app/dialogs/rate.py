"""Find a learning rate: a range test, its curve, and the rate that the recipe takes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.document import Document
from app.plots.rate_curve import RateCurve
from app.training_control import TrainingControl
from app.widgets import Button, EmptyState, FlowText, SectionTitle, number_text
from engine.training.config import Device
from engine.training.events import RateTested, TrainingEvent

_SMALLEST = QSize(620, 440)


class RateDialog(QDialog):
    """Waits for the test, shows what it found, and changes the recipe as one undo step."""

    def __init__(
        self, document: Document, control: TrainingControl, device: Device, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Find a learning rate"))
        self.setMinimumSize(_SMALLEST)
        self._document = document
        self._control = control
        self.curve = RateCurve()
        self._waiting = EmptyState("clock", self.tr("The rate grows step by step…"))
        self._words = FlowText("", "small")
        self._take = Button(self.tr("Use it"), "primary")
        self._take.setEnabled(False)
        self._take.setToolTip(self.tr("The test is under way."))
        self._lay_out()
        self.curve.chosen.connect(self._name_button)
        control.arrived.connect(self._on_arrived)
        self.finished.connect(control.end_trials)
        control.find_rate(document.project, device)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(SectionTitle(self.tr("Loss"), self.tr("while the learning rate grows")))
        self._stack = QStackedLayout()
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self.curve)
        column.addLayout(self._stack, stretch=1)
        column.addWidget(self._words)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        cancel = Button(self.tr("Cancel"), "ghost")
        cancel.clicked.connect(self.reject)
        self._take.clicked.connect(self._on_take)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self._take)
        return row

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            if isinstance(event, RateTested):
                self._show(event)

    def _show(self, found: RateTested) -> None:
        if found.problem or not found.rates:
            self._waiting.set_words(found.problem or self.tr("The loss was no number at once."))
            self._take.setToolTip(self.tr("Nothing was found."))
            return
        self.curve.show_curve(found.rates, found.losses, found.suggestion)
        self._stack.setCurrentWidget(self.curve)
        words = self.tr(
            "The loss falls fastest at the suggested rate. Click on the curve for another one; "
            "well below the lowest point is safe."
        )
        if found.suggestion is None:
            words = self.tr("The loss hardly falls at any rate. Click on the curve to choose one.")
        self._words.set_words(words)
        self._take.setEnabled(True)
        self._take.setToolTip("")
        self._name_button(self.curve.rate)
        self._take.setFocus()

    def _name_button(self, rate: float) -> None:
        self._take.setText(self.tr("Use {0}").format(number_text(rate)))

    def _on_take(self) -> None:
        recipe = replace(self._document.project.recipe, learning_rate=self.curve.rate)
        self._document.set_recipe(recipe, self.tr("Set learning rate"))
        self.accept()
