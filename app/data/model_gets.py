"""What the model gets: the steps of every field, and what they make of one sample."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.data.before_after import StoredAndRead
from app.data.token_flow import TokenFlow
from app.data.value_rows import ValueRows
from app.data.work import Work
from app.widgets import FlowText, SectionTitle
from engine.data.changes import Change, changes
from engine.data.sample_steps import SampleStep, sample_steps
from engine.data.showing import steps_of
from engine.data.spec import DataSet
from engine.data.token_steps import TextStep, shown_as_tokens, text_steps
from nodes.errors import LoomError

_MOST_STEPS = 40


class _Found(NamedTuple):
    changes: tuple[Change, ...]
    texts: tuple[TextStep, ...]


class ModelGets(QWidget):
    """Words for each field; below them a sample before and after: pictures, tokens, values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: DataSet | None = None
        self._work: Work | None = None
        self.setAccessibleName(self.tr("What the model gets"))
        self._words = FlowText("", "small", "text2")
        self._of = FlowText("", "small", "text3")
        self._values = FlowText("", "small", "text2")
        self.pictures = StoredAndRead()
        self.tokens = TokenFlow()
        self.values = ValueRows()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        title = SectionTitle(self.accessibleName())
        for part in (title, self._words, self._of, self.pictures, self.tokens, self._values):
            column.addWidget(part)
        column.addWidget(self.values)

    def show_data(self, data: DataSet | None) -> None:
        """Show the steps of a data set, and its first sample; hidden where there is none."""
        self._data = data
        self.setVisible(data is not None)
        self.pictures.show_change(None)
        self.tokens.show_text(None)
        if data is not None:
            steps = steps_of(data.spec)
            self._words.set_words("\n".join(f"**{name}:** {words}" for name, words in steps))
        self.show_sample(0)

    def show_sample(self, sample: int) -> None:
        """Show what becomes of a sample."""
        steps = _steps(self._data, sample)
        rows = [step for step in steps if not step.numbers]
        self._of.set_words(self.tr("Sample {0}, as stored → as the model gets it").format(sample))
        told = [f"**{step.name}:** {step.before} → {step.after}" for step in rows[:_MOST_STEPS]]
        self._values.set_words("\n".join(told))
        self._values.setVisible(bool(rows))
        self._of.setVisible(bool(steps))
        self.values.show_values([step for step in steps if step.numbers])
        self._look(sample)

    def _look(self, sample: int) -> None:
        """Read the file of a sample, beside the window: it may lie anywhere."""
        if self._work is not None:
            self._work.cancel()
        if self._data is not None and sample < self._data.spec.samples:
            self._work = Work(self, partial(_found, self._data, sample))
            self._work.done.connect(self._on_found)

    def _on_found(self, found: _Found | LoomError) -> None:
        if isinstance(found, _Found):
            self.pictures.show_change(found.changes[0] if found.changes else None)
            self.tokens.show_text(found.texts[0] if found.texts else None)
            self._of.setVisible(self._of.isVisibleTo(self) or bool(found.changes or found.texts))


def _found(data: DataSet, sample: int) -> _Found:
    return _Found(changes(data, sample), text_steps(data, sample))


def _steps(data: DataSet | None, sample: int) -> tuple[SampleStep, ...]:
    if data is None or sample >= data.spec.samples:
        return ()
    try:
        steps = sample_steps(data, sample)
    except LoomError:  # it is told where the data set is used
        return ()
    return tuple(step for step in steps if step.name not in shown_as_tokens(data))
