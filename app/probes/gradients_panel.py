"""The Gradients tab: how the gradient flows through the depth of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.probes.gradient_flow import GradientFlow
from app.probes.output_view import scrolled
from app.widgets import EmptyState, Label, SectionTitle
from engine.training.events import RunFailed, RunLeft, RunStarted, TrainingEvent
from engine.training.insight import GradientsTaken
from engine.training.questions import RunOpened


class GradientsPanel(QWidget):
    """Shows the newest gradients of a run; those of the last step stay when it has ended."""

    node_requested = Signal(str)
    """A layer is to be shown on the canvas."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Gradients"))
        self.setMinimumSize(360, 240)
        self._names: Mapping[str, str] = {}
        self._taken: GradientsTaken | None = None
        self._has_run = False
        self._broke_off = False
        self._build()
        self._redraw()

    def show_node_names(self, names: Mapping[str, str]) -> None:
        """Call layers by their names."""
        self._names = names
        self._redraw()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            match event:
                case RunStarted() | RunOpened() | RunLeft():
                    self._taken, self._broke_off = None, False
                    self._has_run = not isinstance(event, RunLeft)
                case RunFailed():
                    self._broke_off = True
                case GradientsTaken():
                    self._taken = event
                case _:
                    continue
            self._redraw()

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def _redraw(self) -> None:
        taken = self._taken
        if taken is None or not taken.layers:
            self._show_nothing(taken)
            return
        self._stack.setCurrentWidget(self._content)
        words = self.tr("step {0}, bars span four decades")
        if taken.is_retaken:
            words = self.tr("step {0}, taken once more to see it, bars span four decades")
        self._title.set_note(words.format(taken.step))
        self.flow.show_layers(taken.layers, self._names)
        unusual = sum(self.flow.is_unusual(layer) for layer in taken.layers)
        self._advice.setVisible(unusual > 0)

    def _show_nothing(self, taken: GradientsTaken | None) -> None:
        """Say why there are no gradients, and how there will be some."""
        if self._broke_off:
            words = self.tr("The run broke off within a step. Choose it in Runs: the gradients of ")
            words += self.tr("its last checkpoint are shown then.")
            self._empty.set_words(words)
        elif taken is not None:
            self._empty.set_words(self.tr("Of this step no gradients are known."))
        elif self._has_run:
            self._empty.set_words(self.tr("The gradients come with the next look at the model."))
        else:
            words = self.tr("Train once to see how the gradient flows through the layers.")
            self._empty.set_words(words, self.tr("Train"))
        self._stack.setCurrentWidget(self._empty)

    def _build(self) -> None:
        self._empty = EmptyState("bars", "")
        self._empty.acted.connect(self.train_requested)
        self._title = SectionTitle(self.tr("Gradient flow"))
        self.flow = GradientFlow()
        self.flow.node_chosen.connect(self.node_requested)
        self._advice = Label(
            self.tr("An update of about a thousandth of the weights is usual."), "small", "warn"
        )
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(scrolled(_topped(self.flow)), stretch=1)
        column.addWidget(self._advice)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)


def _topped(widget: QWidget) -> QWidget:
    """Keep a widget at the top of whatever room there is."""
    box = QWidget()
    box.setAccessibleName(widget.accessibleName())
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return box
