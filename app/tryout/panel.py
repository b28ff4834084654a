"""The Try it panel: give the model an input, see its answer at once, and see why."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.plots.images import PixelArray
from app.tryout.choosing import pads_for
from app.tryout.course import Moment
from app.tryout.drive_pad import DrivePad
from app.tryout.image_pad import ImagePad
from app.tryout.pad import Given, Pad
from app.tryout.page import TryPage
from app.tryout.sketch_pad import SketchPad
from app.tryout.text_pad import TextPad
from app.tryout.words import weights_words
from app.widgets import EmptyState, Label
from engine.training.events import (
    EpochEnded,
    ProbeTaken,
    RunEnded,
    RunLeft,
    RunStarted,
    SamplesChosen,
    TrainingEvent,
)
from engine.training.insight import InputExplained, InputRefused, Subject
from engine.training.questions import RunOpened
from engine.training.texts import TextWritten, Writing


class TryPanel(QWidget):
    """Says what is to be looked at; shows what the events answer."""

    subject_changed = Signal(object)
    """The ``Subject`` to look at, or None."""

    sample_chosen = Signal(int)
    """One of the samples of the run is to be looked at."""

    why_changed = Signal(str, object)
    """How answers are to be explained, empty for not at all, and which class: None for the answer.
    """

    kept_aside_chosen = Signal(int)
    """A validation sample that is no picture is to be looked at."""

    asked = Signal(object)
    """A question for the worker."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Try it"))
        self.setMinimumSize(360, 240)
        self.weights = Label("", "small", "text2")
        """For the right end of the tab row: which weights answer."""

        self._samples: SamplesChosen | None = None
        self._has_other_inputs = False
        self._pads: dict[str, Pad] = {}
        self._pad: Pad | None = None
        self._number = 0
        self._sent: dict[str, Given] = {}
        self._current: Given | None = None
        self._epoch = 0
        self._build()
        self._set_current(None)

    @property
    def subject(self) -> Subject | None:
        """What is looked at for this panel; None while there is nothing."""
        return self._current.subject if self._current is not None else None

    @property
    def pad(self) -> Pad | None:
        """How inputs are given now."""
        return self._pad

    @property
    def subject_name(self) -> str:
        """What the canvas calls what is looked at for this panel."""
        if self._current is not None and self._current.name:
            return self._current.name
        return self._pad.subject_name if self._pad is not None else self.tr("Your input")

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            self.alike.take(event)
            self.why.take(event)
            match event:
                case RunStarted():
                    self._epoch = 0
                    self.course.clear()
                    self.weights.setText(weights_words(self, event))
                case RunLeft():
                    self._leave()
                case RunOpened():
                    self.course.clear()
                    self.weights.setText(weights_words(self, event))
                case SamplesChosen():
                    self._take_samples(event)
                case EpochEnded(epoch=epoch):
                    self._epoch = epoch
                    self.weights.setText(weights_words(self, event))
                case RunEnded():
                    self.weights.setText(weights_words(self, event))
                case ProbeTaken() if event.subject in self._sent:
                    self._take_answer(event)
                case InputExplained() if event.subject in self._sent:
                    self._take_explanation(event)
                case TextWritten() if event.subject in self._sent:
                    self._take_text(event)
                case InputRefused() if event.subject in self._sent:
                    self._page.show_problem(f"{event.why} {event.hint}".strip())
                case _:
                    pass

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def choose_pad(self, key: str) -> None:
        """Give inputs in another way."""
        pad = self._pads[key]
        self._pad = pad
        self._page.show_way(key)
        self._page.show_pad(pad, self.width())
        self._offer_why(pad.ways)
        self._on_given()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if self._samples is not None:
            self._follow_samples()
        self.alike.set_seen(seen=True)
        if self._current is not None:
            self.subject_changed.emit(self.subject)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self.alike.set_seen(seen=False)
        # Whoever looks elsewhere wants to see the samples of the run again.
        if self._current is not None and not self.window().isMinimized():
            self.subject_changed.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._page.share_room(self._pad, self.width())

    # What comes in

    def _take_samples(self, event: SamplesChosen) -> None:
        known = self._samples.inputs if self._samples is not None else None
        self._has_other_inputs |= known != event.inputs
        self._samples = event
        if self.isVisible():
            self._follow_samples()

    def _follow_samples(self) -> None:
        """Make the pads where a model takes other inputs, and show its samples.

        Not while nobody sees them: they come with the start of a run, which has enough to do.
        """
        if self._has_other_inputs:
            self._has_other_inputs = False
            self._make_pads()
        if self._samples is not None:
            self.strip.show_samples(self._samples)

    def _make_pads(self) -> None:
        assert self._samples is not None, "pads are made for samples"
        for pad in self._pads.values():
            self._page.pad_place.remove(pad)
            pad.deleteLater()
        self._pads = {key: make() for key, make in pads_for(self._samples.inputs).items()}
        self._pad = None
        self._clear()
        self.strip.forget()
        self.why.forget()
        self._make_ways()
        if not self._pads:
            self._empty.set_words(
                self.tr("This model takes inputs that cannot be typed or drawn. Choose a sample.")
            )
            self._stack.setCurrentWidget(self._empty)
            return
        for pad in self._pads.values():
            self._page.pad_place.add(pad)
            pad.changed.connect(self._on_given)
            pad.problem.connect(self._page.show_problem)
        self._stack.setCurrentWidget(self._page)
        self.choose_pad(next(iter(self._pads)))

    def _make_ways(self) -> None:
        """Offer the pads."""
        words = [(key, pad.title) for key, pad in self._pads.items()]
        self._page.offer_ways(words).chosen.connect(self.choose_pad)

    def _take_answer(self, event: ProbeTaken) -> None:
        given = self._sent[event.subject]
        self._page.show_problem("")
        self.answer.show_answer(event, self._class_names())
        mask = np.frombuffer(event.mask, np.uint8).reshape(event.mask_size) if event.mask else None
        self.received.show_mask(mask, len(self._class_names()))
        # The course is of one prediction; pixels have one each, and what is drawn has none.
        has_course = isinstance(self._pad, SketchPad) and mask is None and not event.drawn
        self._page.course_box.setVisible(has_course)
        if event.prediction and given.strokes:
            self.course.add(Moment(given.strokes, event.prediction), self._class_names())
        if given is self._current and self._pad is not None:
            self._pad.take_answer(event)
        self._forget_before(event.subject)
        self.why.show_answer(event.prediction, self._class_names())

    def _take_explanation(self, event: InputExplained) -> None:
        parts = np.frombuffer(event.parts, np.int8).reshape(event.shape)
        if self._pad is None or not self.why.takes(event):
            return
        self._pad.show_parts(parts)
        self.received.show_parts(parts if parts.ndim == 2 else None)
        names = event.columns or self._pad.columns
        if len(names) == parts.size:
            self.why.columns.show_parts(names, (parts / 127 * event.largest).tolist())

    def _take_text(self, event: TextWritten) -> None:
        if isinstance(self._pad, TextPad):
            self.written.show_text(self._pad.text.toPlainText(), event)

    def _leave(self) -> None:
        """Have no model to try: another project is open."""
        self.let_go()
        self._samples, self._has_other_inputs = None, True
        self.weights.setText("")
        self._empty.set_words(self._before_a_run(), self.tr("Train"))
        self._stack.setCurrentWidget(self._empty)

    def _forget_before(self, key: str) -> None:
        """Let go of inputs that were answered or passed over."""
        for old in list(self._sent):
            if old == key:
                return
            del self._sent[old]

    # What the person does

    def _on_given(self) -> None:
        """Ask about the input that there is now."""
        given = self._pad.given() if self._pad is not None else None
        self.written.clear()
        self.written.set_can_write(can=given is not None)
        if given is None:
            self._clear()
        else:
            self._ask(given)

    def _on_write(self, writing: Writing) -> None:
        """Let the model go on with what is written."""
        given = self._pad.given() if self._pad is not None else None
        if given is not None:
            self._ask(Given(replace(given.subject, writing=writing)))

    def _ask(self, given: Given) -> None:
        self._number += 1
        subject = replace(given.subject, key=f"try {self._number}")
        sent = self._sent[subject.key] = dataclasses.replace(given, subject=subject)
        self._set_current(sent)
        self.strip.strip.show_chosen(-1)
        self.received.show_pixels(given.pixels)
        self.subject_changed.emit(subject)

    def _clear(self) -> None:
        had_one = self._current is not None
        self._set_current(None)
        self._sent.clear()
        self.received.show_pixels(None)
        self.answer.clear()
        self.course.clear()
        if had_one:
            self.subject_changed.emit(None)

    def let_go(self) -> None:
        """Look at no input any more, and let what moves stand still: another project is open."""
        if self._pad is not None:
            self._pad.rest()
        self._clear()

    def _on_moment(self, moment: Moment) -> None:
        if isinstance(self._pad, SketchPad):
            self._pad.pad.show_strokes(moment.strokes)

    def _set_current(self, given: Given | None) -> None:
        self._current = given
        self.strip.set_current(given)
        self.alike.show_subject(self.subject)

    def _on_sample(self, place: int) -> None:
        """Look at a sample of the run: as at an input of one's own where it is a picture."""
        samples = self._samples
        if samples is None or not isinstance(self._pad, SketchPad | ImagePad | DrivePad):
            self.sample_chosen.emit(place)
            return
        pixels = np.frombuffer(samples.pixels, np.uint8).reshape(-1, *samples.shape)[place]
        name = self.tr("Sample {0}").format(place + 1)
        self._pad.rest()
        self._ask(Given(Subject(key="", pixels=pixels.tobytes()), pixels, name=name))
        self.strip.show_sample(place)

    def _on_alike(self, place: int, pixels: PixelArray | None) -> None:
        """Look at a validation sample: as at an input of one's own where it is a picture."""
        if pixels is None:
            self.kept_aside_chosen.emit(place)
            return
        name = self.tr("Validation sample {0}").format(place)
        if self._pad is not None:
            self._pad.rest()
        self._ask(Given(Subject(key="", place=place), pixels, name=name))
        self.strip.set_current(None)

    def _offer_why(self, ways: Sequence[str]) -> None:
        before = self.why.method
        self.why.offer(ways)
        if self.why.method != before:
            self._on_why()

    def _on_why(self) -> None:
        # What was wrong with another way is not wrong with this one.
        self._page.show_problem("")
        self.received.show_parts(None)
        if self._pad is not None:
            self._pad.show_parts(None)
        self.why_changed.emit(self.why.method, self.why.target)

    def _take_again(self, given: Given) -> None:
        """Look once more at an input that was kept."""
        key = next((k for k, pad in self._pads.items() if _fits(pad, given)), "")
        if key:
            self._pad = self._pads[key]
            self._pad.take(given)
            self.choose_pad(key)

    # What is shown

    def _class_names(self) -> Sequence[str]:
        return self._samples.classes if self._samples else ()

    def _before_a_run(self) -> str:
        return self.tr(
            "Train once, then draw a digit or type an input and watch every layer respond."
        )

    # Building

    def _build(self) -> None:
        self._empty = EmptyState("try", self._before_a_run(), self.tr("Train"))
        self._empty.acted.connect(self.train_requested)
        page = self._page = TryPage()
        self.strip, self.received, self.why = page.strip, page.received, page.why
        self.answer, self.course = page.answer, page.course
        self.alike, self.written = page.alike, page.written
        self.strip.sample_chosen.connect(self._on_sample)
        self.strip.given_chosen.connect(self._take_again)
        self.why.changed.connect(self._on_why)
        self.why.wait.cancelled.connect(lambda _: self.why_changed.emit("", None))
        self.why.wait.retried.connect(self._on_why)
        self.course.moment_chosen.connect(self._on_moment)
        self.alike.asked.connect(self.asked)
        self.alike.chosen.connect(self._on_alike)
        self.written.wanted.connect(self._on_write)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)


def _fits(pad: Pad, given: Given) -> bool:
    """Whether an input was given in this way."""
    return isinstance(pad, SketchPad) == bool(given.strokes)
