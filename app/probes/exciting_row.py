"""What excites a channel: the validation samples on which its greatest value is highest."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.figures import figure
from app.plots.images import sample_image
from app.plots.sample_strip import SampleStrip
from app.theme import current_theme
from app.waiting import WaitRow
from app.widgets import Label, SectionTitle
from engine.training.events import TrainingEvent
from engine.training.questions import ExcitingFound


class ExcitingRow(QWidget):
    """A strip of samples, the strongest first; a click looks at one."""

    sample_chosen = Signal(int)
    """The place of a sample among those kept aside."""

    retried = Signal(int)
    """It is to be asked again what excites a channel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: ExcitingFound | None = None
        self._title = SectionTitle("")
        self._words = Label("", "small", "text2")
        self.strip = SampleStrip()
        self.strip.sample_chosen.connect(self._on_chosen)
        self._channel = -1
        self.wait = WaitRow("find_exciting", self.tr("Looking through the samples"))
        self.wait.retried.connect(lambda: self.retried.emit(self._channel))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._title)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self.wait, stretch=2)
        row.addWidget(self.strip)
        self.hide()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says of the question."""
        self.wait.take(event)

    def forget(self) -> None:
        """Go out of sight: another layer or model is looked into."""
        self.wait.end()
        self.hide()

    def show_waiting(self, channel: int) -> None:
        """Say which channel is being asked about."""
        self._channel = channel
        self.wait.ask()
        self._title.set_title(self.tr("Excites channel {0}").format(channel))
        self._words.setText("")
        self.strip.hide()
        self.show()

    def show_found(self, found: ExcitingFound) -> None:
        """Show the samples."""
        self.wait.end()
        self._found = found
        self._title.set_title(self.tr("Excites channel {0}").format(found.channel))
        self._words.setText(self.words)
        self.setAccessibleName(f"{self._title.accessibleName()}: {self.words}")
        words = [self._of(place) for place in range(len(found.places))]
        self.strip.show_samples(_pictures(found), words, found.texts)
        self.strip.show_chosen(-1)
        self.strip.setVisible(bool(found.pixels or found.texts))
        self.show()

    @property
    def words(self) -> str:
        """Which labels the samples have, and how strong they are."""
        found = self._found
        if found is None:
            return ""
        low, high = figure(found.strengths[-1]), figure(found.strengths[0])
        return self.tr("{0}, {1} to {2}").format(" ".join(found.labels), high, low).lstrip(", ")

    def _of(self, place: int) -> str:
        assert self._found is not None, "words are of what was found"
        label = self._found.labels[place] if self._found.labels else ""
        value = figure(self._found.strengths[place])
        text = self.tr("sample {0}, {1}").format(self._found.places[place], value)
        return self.tr("label {0}, {1}").format(label, text) if label else text

    def _on_chosen(self, place: int) -> None:
        if self._found is not None and 0 <= place < len(self._found.places):
            self.sample_chosen.emit(self._found.places[place])


def _pictures(found: ExcitingFound) -> list[QImage]:
    if not found.pixels:
        return []
    pixels = np.frombuffer(found.pixels, np.uint8).reshape(-1, *found.sample_shape)
    return [sample_image(sample, current_theme()) for sample in pixels]
