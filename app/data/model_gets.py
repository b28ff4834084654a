"""What the model gets: the steps of every field, and what they make of one sample."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets import FlowText, SectionTitle
from engine.data.sample_steps import SampleStep, sample_steps
from engine.data.showing import steps_of
from engine.data.spec import DataSet
from nodes.errors import LoomError

_MOST_STEPS = 40


class ModelGets(QWidget):
    """Words for each field; below them a sample, value by value, before and after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: DataSet | None = None
        self.setAccessibleName(self.tr("What the model gets"))
        self._words = FlowText("", "small", "text2")
        self._of = FlowText("", "small", "text3")
        self._values = FlowText("", "small", "text2")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (SectionTitle(self.accessibleName()), self._words, self._of, self._values):
            column.addWidget(part)

    def show_data(self, data: DataSet | None) -> None:
        """Show the steps of a data set, and its first sample; hidden where there is none."""
        self._data = data
        self.setVisible(data is not None)
        if data is not None:
            steps = steps_of(data.spec)
            self._words.set_words("\n".join(f"**{name}:** {words}" for name, words in steps))
            self.show_sample(0)

    def show_sample(self, sample: int) -> None:
        """Show what becomes of a sample."""
        steps = _steps(self._data, sample)
        self._of.set_words(self.tr("Sample {0}, as stored → as the model gets it").format(sample))
        told = [f"**{name}:** {before} → {after}" for name, before, after in steps[:_MOST_STEPS]]
        self._values.set_words("\n".join(told))
        for part in (self._of, self._values):
            part.setVisible(bool(steps))


def _steps(data: DataSet | None, sample: int) -> tuple[SampleStep, ...]:
    if data is None or sample >= data.spec.samples:
        return ()
    try:
        return sample_steps(data, sample)
    except LoomError:  # it is told where the data set is used
        return ()
