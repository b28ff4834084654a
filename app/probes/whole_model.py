"""What the Map tab shows of the whole model: decision surface, likeness of layers, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.plots.decision import DecisionPlot
from app.plots.images import PixelArray
from app.plots.likeness import LikenessMatrix
from app.plots.picture_grid import PictureGrid
from app.waiting import WaitRow
from app.widgets import EmptyState, Label, SectionTitle
from engine.training.events import (
    EpochEnded,
    RunEnded,
    RunLeft,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from engine.training.generating import MakePictures, PicturesMade, Sheet
from engine.training.messages import Question, tag_of
from engine.training.questions import (
    CompareLayers,
    DecisionMapped,
    LayersCompared,
    MapDecision,
    MomentShown,
    RunOpened,
)

_PAUSE_MS = 1000


class _Asking(QWidget):
    """Asks while it is seen: at once, then where the model has changed, once a second at most."""

    question_asked = Signal(object)
    """A ``Question`` for the engine."""

    train_requested = Signal()

    def __init__(self, question: Question, icon_name: str, words: str, coming: str) -> None:
        super().__init__()
        self._question = question
        self.wait = WaitRow(tag_of(question), coming)
        self.wait.failed.connect(self._on_failed)
        self.wait.retried.connect(self._retry)
        self._words = words
        self._is_outdated = True
        self._has_model = self._has_answer = self._has_failed = False
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._ask)
        self._empty = EmptyState(icon_name, words, self.tr("Train"))
        self._empty.acted.connect(self._on_empty)
        self._note = Label("", "small", "text2")
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.shown(), stretch=1)
        column.addWidget(self._note)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(holder, stretch=1)
        whole.addWidget(self.wait)

    def shown(self) -> QWidget:
        """Return what shows the answer."""
        raise NotImplementedError

    def outdates(self, event: TrainingEvent) -> bool:
        """Whether after this event another answer is to be had."""
        raise NotImplementedError

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        self.wait.take(event)
        match event:
            case RunStarted() | RunOpened():
                self.wait.end()
                self._has_model, self._has_answer, self._has_failed = True, False, False
                self._empty.set_words(self._words)
                self._stack.setCurrentWidget(self._empty)
                self._is_outdated = True
            case RunLeft():
                self.wait.end()
                self._has_model = self._has_answer = self._has_failed = False
                self._empty.set_words(self._words, self.tr("Train"))
                self._stack.setCurrentWidget(self._empty)
            case RunEnded():
                # Of a worker that was lost no answer comes any more.
                self.wait.end()
                self._has_model = event.outcome != "lost"
                self._is_outdated = True
            case _:
                self._is_outdated = self._is_outdated or self.outdates(event)

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def answered(self, step: int, epoch: float) -> None:
        """Show what was answered."""
        self.wait.end()
        self._has_answer, self._has_failed = True, False
        self._note.setText(self.tr("Epoch {0}, step {1}").format(f"{epoch:.2f}", step))
        self._stack.setCurrentWidget(self._content)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self._timer.start()
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self._timer.stop()

    def _ask(self) -> None:
        if self._has_failed or self.wait.is_waiting:
            return
        if self._has_model and self._is_outdated:
            self._is_outdated = False
            self.wait.ask()
            self.question_asked.emit(self._question)

    def _on_failed(self, words: str, again: bool) -> None:
        """Say so in the place of an answer where there is none, and ask no more by oneself."""
        self._has_failed = again
        if not self._has_answer:
            self.wait.end()
            self._empty.set_words(words, self.tr("Try again") if again else "")

    def _on_empty(self) -> None:
        if self._has_failed:
            self._retry()
        else:
            self.train_requested.emit()

    def _retry(self) -> None:
        self._has_failed, self._has_model, self._is_outdated = False, True, True
        self._empty.set_words(self._words)
        self._ask()


class MadePictures(_Asking):
    """What a model that makes pictures makes, anew while it trains."""

    def __init__(self) -> None:
        self.made, self.again = PictureGrid(), PictureGrid()
        self._made = _titled(self.tr("Made"), self.tr("from the same random numbers"), self.made)
        self._again = _titled(
            self.tr("Made again"), self.tr("above the data, below the model's"), self.again
        )
        super().__init__(
            MakePictures(),
            "maps",
            self.tr("What a generator or an autoencoder draws."),
            self.tr("Drawing pictures"),
        )

    def shown(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self._made, stretch=1)
        row.addWidget(self._again, stretch=1)
        return both

    def outdates(self, event: TrainingEvent) -> bool:
        return isinstance(event, StepEnded | MomentShown)

    def show_answer(self, event: PicturesMade) -> None:
        """Draw the pictures."""
        sheets = {sheet.origin: _pictures(sheet) for sheet in event.sheets}
        self._made.setVisible("made" in sheets)
        self._again.setVisible("again" in sheets)
        self.made.show_groups([(picture,) for picture in sheets.get("made", ())])
        pairs = zip(sheets.get("given", ()), sheets.get("again", ()), strict=True)
        self.again.show_groups(list(pairs))
        self.answered(event.step, event.epoch)


class Plane(_Asking):
    """The decision surface of a model of two numbers, drawn anew while it trains."""

    def __init__(self) -> None:
        self.plot = DecisionPlot()
        super().__init__(
            MapDecision(),
            "maps",
            self.tr("What the model answers all over its two inputs."),
            self.tr("Asking all over the plane"),
        )

    def shown(self) -> QWidget:
        return self.plot

    def outdates(self, event: TrainingEvent) -> bool:
        return isinstance(event, StepEnded | MomentShown)

    def show_answer(self, event: DecisionMapped) -> None:
        """Draw the plane."""
        self.plot.show_decision(event)
        self.answered(event.step, event.epoch)


class Likeness(_Asking):
    """How alike the layers see the validation samples, measured anew after each epoch."""

    layer_chosen = Signal(str)
    """The id of a layer."""

    def __init__(self) -> None:
        self._names: Mapping[str, str] = {}
        self._nodes: Sequence[str] = ()
        self.matrix = LikenessMatrix()
        super().__init__(
            CompareLayers(),
            "layers",
            self.tr("How alike layers see the samples."),
            self.tr("Comparing layers"),
        )
        self.matrix.layer_chosen.connect(lambda row: self.layer_chosen.emit(self._nodes[row]))

    def shown(self) -> QWidget:
        return self.matrix

    def outdates(self, event: TrainingEvent) -> bool:
        return isinstance(event, EpochEnded | MomentShown)

    def show_names(self, names: Mapping[str, str]) -> None:
        """Call layers by their names."""
        self._names = names

    def show_answer(self, event: LayersCompared) -> None:
        """Draw the matrix."""
        self._nodes = event.nodes
        count = len(event.nodes)
        shares = np.frombuffer(event.similarity, np.float32).reshape(count, count)
        self.matrix.show_shares([self._names.get(node, node) for node in event.nodes], shares)
        self.answered(event.step, event.epoch)
        words = self.tr("{0} · linear CKA over {1} samples")
        self._note.setText(words.format(self._note.text(), event.samples))


def _titled(title: str, note: str, grid: PictureGrid) -> QWidget:
    grid.setAccessibleName(f"{title} {note}")
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(SectionTitle(title, note))
    column.addWidget(grid, stretch=1)
    return made


def _pictures(sheet: Sheet) -> Sequence[PixelArray]:
    return list(np.frombuffer(sheet.pixels, np.uint8).reshape(sheet.count, *sheet.shape))
