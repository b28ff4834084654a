"""The validation samples that the chosen layer takes for most like the input."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.figures import figure
from app.plots.images import PixelArray, sample_image
from app.theme import current_theme, theme_manager
from app.tryout.alike_samples import AlikeSample, AlikeSamples
from app.widgets import Label, SectionTitle
from engine.training.alike import AlikeFound, FindAlike
from engine.training.events import EpochEnded, RunEnded, RunStarted, TrainingEvent
from engine.training.insight import Subject
from engine.training.questions import MomentShown, NotAnswered, RunOpened

_REST_MS, _SLOW_MS = 400, 1000


class AlikePart(QWidget):
    """Asks once an input rests, and again where the weights or the layer are others.

    One question at a time: a slow model is not asked faster than it answers, and not after each
    epoch either, for it may be the one that trains that answers.
    """

    asked = Signal(object)
    """A ``FindAlike`` for the worker."""

    chosen = Signal(int, object)
    """The place of a validation sample, and its pixels where it is a picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject: Subject | None = None
        self._node = self._name = ""
        self._found: AlikeFound | None = None
        self._is_seen = self._is_waiting = self._asks_again = False
        self._since, self._is_slow = QElapsedTimer(), False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self._title = SectionTitle(self.tr("Most alike in validation"))
        self._problem = Label("", "small", "text2")
        self.samples = AlikeSamples()
        self.samples.chosen.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._problem, self.samples):
            column.addWidget(widget)
        theme_manager().changed.connect(self._draw)
        self.hide()

    def set_seen(self, *, seen: bool) -> None:
        """Ask while somebody sees it alone."""
        self._is_seen = seen
        if seen:
            self._want()

    def show_layer(self, node: str, name: str) -> None:
        """Compare what another layer puts out."""
        if (node, name) != (self._node, self._name):
            self._node, self._name = node, name
            self._want()

    def show_subject(self, subject: Subject | None) -> None:
        """Compare another input, or none."""
        self._subject = None if subject is None else replace(subject, writing=None)
        if subject is None:
            self._rest.stop()
            self._show_found(None)
        else:
            self._want()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        match event:
            case RunStarted() | RunOpened():
                self._is_waiting = self._asks_again = False
                self._show_found(None)
                self._want()
            case EpochEnded() if not self._is_slow:
                self._want()
            case RunEnded() | MomentShown():
                self._want()
            case AlikeFound():
                if self._subject is not None and event.subject == self._subject.key:
                    self._show_found(event)
                self._on_answered()
            case NotAnswered(question="find_alike"):
                self._show_problem(f"{event.title}. {event.hint}".strip())
                self._on_answered()
            case _:
                pass

    def _want(self) -> None:
        if self._subject is not None and self._is_seen:
            self._rest.start()

    def _ask(self) -> None:
        if self._subject is None or not self._is_seen:
            return
        self._asks_again = self._is_waiting
        if not self._is_waiting:
            self._is_waiting = True
            self._since.start()
            self.asked.emit(FindAlike(subject=self._subject, node=self._node))

    def _on_answered(self) -> None:
        self._is_waiting = False
        self._is_slow = self._since.hasExpired(_SLOW_MS)
        if self._asks_again:
            self._ask()

    def _show_found(self, found: AlikeFound | None) -> None:
        self._found = found
        self._problem.hide()
        self.samples.show()
        self.setVisible(found is not None)
        self._draw()

    def _show_problem(self, words: str) -> None:
        self._title.set_note("")
        self._problem.setText(words)
        self._problem.show()
        self.samples.hide()
        self.setVisible(self._subject is not None)

    def _draw(self) -> None:
        found = self._found
        if found is None:
            self.samples.show_samples(())
            return
        name = self._name if found.node == self._node and self._name else found.name
        words = self.tr("to {0}, by cosine distance")
        if found.by_difference:
            words = self.tr("to {0}, by difference")
        self._title.set_note(words.format(name))
        places = range(len(found.places))
        self.samples.show_samples([self._sample(found, place) for place in places])

    def _sample(self, found: AlikeFound, place: int) -> AlikeSample:
        label = found.labels[place] if found.labels else ""
        distance = figure(found.distances[place], 2)
        text = self.tr("Validation sample {0}").format(found.places[place])
        if label:
            text = self.tr("{0}, label {1}").format(text, label)
        sentence = self.tr("{0}, distance {1}").format(text, distance)
        pixels = _pixels(found, place)
        return AlikeSample(
            label=label,
            distance=distance,
            sentence=sentence,
            picture=None if pixels is None else sample_image(pixels, current_theme()),
            text=found.texts[place].strip() if found.texts else "",
        )

    def _on_chosen(self, place: int) -> None:
        if self._found is not None:
            self.chosen.emit(self._found.places[place], _pixels(self._found, place))


def _pixels(found: AlikeFound, place: int) -> PixelArray | None:
    if not found.pixels:
        return None
    pixels: PixelArray = np.frombuffer(found.pixels, np.uint8).reshape(-1, *found.sample_shape)[
        place
    ]
    return pixels
