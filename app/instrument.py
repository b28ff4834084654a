"""Stepping and time travel, introduced to the canvas, the engine and the panels of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.canvas.view import CanvasView
from app.document import Document
from app.figures import figure
from app.looking import Looking
from app.training_control import TrainingControl
from engine.graph.elements import End, NodeId, path_told
from engine.training.events import RunEnded, RunStarted, TrainingEvent
from engine.training.questions import (
    MomentShown,
    NotAnswered,
    PassThrough,
    RunOpened,
    ShowMoment,
    ValueFigures,
)
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.late_panels import RunPanels
    from app.stepping import StepPanel
    from app.stepping.walk import Stop
    from app.time_travel import TimeSlider

_REST_MS = 300
_TOLD_IN_PANELS = (
    "pass_through",
    "map",
    "map_decision",
    "compare_layers",
    "arrange_layer",
    "find_alike",
    "make_pictures",
    "find_exciting",
    "evaluate",
    "why",
)


class Instrument(QObject):
    """Carries what the Step tab and the time slider ask to the engine, and shows what comes back.

    A moment is asked for only once the one before was answered, so that dragging the slider asks
    no faster than the model can be read; where the slider rests, the moment is evaluated as well.
    """

    def __init__(
        self,
        control: TrainingControl,
        document: Document,
        canvas: CanvasView,
        looking: Looking,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._document = document
        self._canvas = canvas
        self._looking = looking
        self._stepping: StepPanel | None = None
        self._slider: TimeSlider | None = None
        self._panels: RunPanels | None = None
        self._is_asking = False
        self._wanted: int | None = None
        self._has_wish = False
        self._stepped = (0, "")
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._evaluate)
        control.arrived.connect(self._take)
        looking.changed.connect(self._on_looked)

    def attach(self, panels: RunPanels) -> None:
        """Take in the panels, which are made once the window stands."""
        slider = panels.slider
        self._panels, self._stepping, self._slider = panels, panels.stepping, slider
        self._stepping.pass_requested.connect(self.take_through)
        self._stepping.stopped_at.connect(self._on_stop)
        slider.moment_chosen.connect(self.go_to)
        slider.branch_requested.connect(self.branch)
        panels.evaluation.wait.retried.connect(self._evaluate)

    def take_through(self) -> None:
        """Take the sample that is looked at through the model."""
        self._stepped = self._seen
        self._control.ask(PassThrough(sample=self._looking.sample, subject=self._looking.subject))

    def go_to(self, step: int | None) -> None:
        """Let everything show a moment of the run; None for the run as it is now."""
        self._wanted, self._has_wish = step, True
        self._rest.start()
        if not self._is_asking:
            self._ask()

    def branch(self, step: int) -> None:
        """Begin a new run at a moment of the one that is shown."""
        try:
            self._control.branch(step)
        except LoomError as error:
            self._canvas.tell(f"{error.title}. {error.hint}")

    def _ask(self) -> None:
        self._is_asking, self._has_wish = True, False
        self._control.ask(ShowMoment(step=self._wanted))

    def _evaluate(self) -> None:
        if self._wanted is not None and self._panels is not None:
            self._panels.evaluation.wait.ask()
            self._control.ask(ShowMoment(step=self._wanted, evaluate=True))

    def _take(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            match event:
                case RunStarted() | RunOpened():
                    self._is_asking = self._has_wish = False
                    self._wanted = None
                    self._rest.stop()
                    self._show_cursor(None)
                    self._canvas.set_wire_notes({})
                case RunEnded():
                    self._is_asking = False
                case MomentShown():
                    self._on_shown(event)
                case NotAnswered():
                    self._on_refused(event)
                case _:
                    pass

    def _on_shown(self, event: MomentShown) -> None:
        self._is_asking = False
        self._show_cursor(None if event.is_now else event.epoch)
        if self._has_wish:
            self._ask()
        elif self._stepping is not None and self._stepping.is_used:
            # What is stepped through is of the moment that is shown.
            self.take_through()

    def _on_refused(self, event: NotAnswered) -> None:
        self._is_asking = False
        if event.question == "show_moment" and self._slider is not None:
            self._slider.go_to(None)
        if event.question not in _TOLD_IN_PANELS:
            self._canvas.tell(f"{event.title}. {event.hint or event.why}".strip())

    def _show_cursor(self, epoch: float | None) -> None:
        if self._panels is not None:
            self._panels.training.show_cursor(epoch)

    def _on_looked(self) -> None:
        """Another sample is looked at: that one is stepped through, or none where nobody sees it.

        Numbers of one sample must not stand on the wires while the cards show another.
        """
        stepping = self._stepping
        if stepping is None or not stepping.walk.stops or self._stepped == self._seen:
            return
        if stepping.isVisible():
            self.take_through()
        else:
            stepping.forget()

    @property
    def _seen(self) -> tuple[int, str]:
        subject = self._looking.subject
        return self._looking.sample, subject.key if subject is not None else ""

    def _on_stop(self, stop: Stop | None) -> None:
        stepping = self._stepping
        if stop is None or stepping is None:
            self._canvas.set_wire_notes({})
            return
        path = path_told(NodeId(stop.layer.node))
        if path[0] in self._document.project.graph.nodes:
            self._document.reveal(path)
            self._canvas.bring_into_view(path[-1])
        self._canvas.set_wire_notes(self._notes(stepping.reached))

    def _notes(self, reached: Sequence[Stop]) -> dict[End, str]:
        """Return the values on the wires that were reached, on the level on show."""
        notes: dict[End, str] = {}
        around = self._document.path
        for stop in reached:
            *above, node = path_told(NodeId(stop.layer.node))
            report = self._document.report.nodes.get(node)
            if tuple(above) != tuple(around) or report is None or not report.outputs:
                continue
            port = next(iter(report.outputs))
            notes[End(node, port)] = values_in_words(stop)
        return notes


def _broken(found: ValueFigures) -> tuple[tuple[int, str], ...]:
    return (found.nan, "NaN"), (found.inf, "∞")


def values_in_words(stop: Stop) -> str:
    """Return the numbers on a wire as it is written beside it: ``0.31 ± 0.52``."""
    found = stop.figures
    if not stop.is_finite:
        return " ".join(f"{many} {what}" for many, what in _broken(found) if many)
    sign = "∇ " if stop.is_backward else ""
    return f"{sign}{figure(found.mean)} ± {figure(found.std)}"
