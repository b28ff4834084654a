"""A run as the window shows it: events to the panels, previews to the canvas, wishes to the engine.

It carries what one part says to another and keeps no picture of the network of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.canvas.view import CanvasView
from app.coming import Coming
from app.correcting import Correcting
from app.devices import Devices
from app.document import Document
from app.earlier_runs import EarlierRuns
from app.instrument import Instrument
from app.live_chip import LiveChip
from app.live_previews import LivePreviews
from app.looking import Looking
from app.loss_course import LossCourse
from app.pinning import Pinning
from app.recipe_forms import RecipeForms
from app.redraws import Redraw
from app.run_events import Delivery, receivers_of, with_what_was_before
from app.run_names import RunNames
from app.shell.header import Header
from app.shell.status_writer import StatusWriter, device_words
from app.shell.train_buttons import Phase as Buttons
from app.theme import theme_manager
from app.training_control import Phase, TrainingControl
from app.watching import Watching
from engine.graph.composites import reachable
from engine.graph.difference import difference
from engine.graph.elements import NodeId, path_told, round_told
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.training.events import (
    EpochEnded,
    HealthAct,
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunFailed,
    RunLeft,
    RunPaused,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.insight import Subject
from engine.training.questions import MomentShown, RunOpened
from nodes.errors import LoomError

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.late_panels import RunPanels

_HELD_BY = {
    "not_finite": "The loss is no longer a number.",
    "memory": "There is not enough memory.",
    "lost": "Samples are not there any more.",
    "unsaved": "The last step is not saved: there is no room, or no permission.",
}
"""Notes with which a run comes to a halt."""

_BUTTONS: dict[Phase, Buttons] = {
    "starting": "ready",
    "ready": "ready",
    "preparing": "preparing",
    "training": "training",
    "paused": "paused",
    "stopping": "stopping",
}


class RunView(QObject):
    """Follows runs for the whole window."""

    began = Signal()
    """A run was asked for."""

    resume_asked = Signal()
    """The run is to go on: after a pause, or from its last checkpoint."""

    device_asked = Signal(str)
    """Training is to be computed elsewhere: a ``Device``."""

    redraw_asked = Signal(object)
    """Layers are to be drawn otherwise: a ``HealthAct``."""

    panel_asked = Signal(str)
    """Something is to be mended in this panel."""

    folder_asked = Signal()
    """The run is to be kept elsewhere, where there is room."""

    ended = Signal(object)
    """A run is over: its ``RunEnded``."""

    lock_changed = Signal(str)
    """Why the drawing cannot be edited; empty where it can."""

    def __init__(
        self,
        control: TrainingControl,
        document: Document,
        canvas: CanvasView,
        header: Header,
        status: StatusWriter,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._document = document
        self._canvas = canvas
        self._header = header
        self._status = status
        self._panels: RunPanels | None = None
        self._steps = 0
        self._epochs = 0
        self._course = LossCourse()
        self.previews = LivePreviews(document, canvas, self._course.losses, self._course.parts)
        self._newest: StepEnded | None = None
        self._news = Redraw(header, self._show_progress)
        self._samples: SamplesChosen | None = None
        # The run whose model the engine holds.
        self._held_run = ""
        self._finished: Project | None = None
        # What came before the panels were made; they are told once they stand.
        self._early_events: list[TrainingEvent] = []
        self._early_notes: list[str] = []
        self._names = RunNames(document, self)
        self.recipes = RecipeForms(document)
        self.devices = Devices(header, document, self)
        self.looking = Looking(self)
        self.watching = Watching(control, document, canvas, self.looking, self)
        self._chip = LiveChip(control, canvas, self.looking, self.previews, self)
        self.looking.named.connect(self._on_looked_at)
        self.looking.changed.connect(self._on_looking)
        self.instrument = Instrument(control, document, canvas, self.looking, self)
        control.arrived.connect(self._on_arrived)
        control.phase_changed.connect(self._on_phase_changed)
        document.level_changed.connect(self._on_level_changed)
        document.round_changed.connect(self._on_level_changed)
        theme_manager().changed.connect(self._on_theme_changed)

    @property
    def has_panels(self) -> bool:
        """Whether the panels of a run stand, so that its events are seen."""
        return self._panels is not None

    @property
    def is_told(self) -> bool:
        """Whether panels and cards show all that came so far."""
        is_told = self._panels is not None and not self._delivery.is_under_way
        return is_told and not self.previews.is_behind

    @property
    def share_done(self) -> float:
        """How much of the run is done, from 0 to 1."""
        return len(self._course.losses) / max(1, self._steps)

    def attach(self, panels: RunPanels) -> None:
        """Take in the panels of a run, which are made once the window stands."""
        training = panels.training
        self._panels = panels
        self.recipes.serve(training)
        training.pause_requested.connect(self._control.pause)
        training.step_requested.connect(self._control.step)
        training.stop_requested.connect(self._control.stop)
        training.finish_epoch_requested.connect(self._control.finish_epoch)
        training.finish_requested.connect(self._control.finish)
        training.act_requested.connect(self._carry_out)
        training.node_requested.connect(self._on_node_requested)
        panels.activations.sample_chosen.connect(self.looking.show_sample)
        panels.evaluation.sample_chosen.connect(self.show_kept_aside)
        panels.map.sample_chosen.connect(self.show_kept_aside)
        panels.map.node_requested.connect(self._on_node_requested)
        panels.gradients.node_requested.connect(self._on_node_requested)
        panels.tryout.sample_chosen.connect(self.looking.show_sample)
        panels.tryout.why_changed.connect(self.looking.explain)
        panels.tryout.subject_changed.connect(self._on_subject)
        panels.data.augmentation.asked.connect(self._control.ask_aside)
        panels.tryout.kept_aside_chosen.connect(self.show_kept_aside)
        for asking in (panels.map, panels.activations, panels.tryout):
            asking.asked.connect(self._control.ask)
        panels.activations.exciting.sample_chosen.connect(self.show_kept_aside)
        self.instrument.attach(panels)
        self.pinning = Pinning(
            self._document, self._canvas, panels.activations, self.watching.follow_selection
        )
        self._correcting = Correcting(self._document, panels, self.note, self)
        coming = Coming(self._control, panels, self)
        told = [*receivers_of(panels), coming.take, self.watching.look_on]
        self._delivery = Delivery(told, self)
        self._earlier = EarlierRuns(self._control, panels, self._delivery, self._course, self)
        self._earlier.refused.connect(self._canvas.tell)
        self._catch_up(panels)
        self.watching.attach(panels)

    def leave_run(self) -> None:
        """Show no run any more where it is of another drawing than the one that was opened."""
        if self.previews.are_foreign:
            self._control.leave()

    def show_earlier(self, run: Path) -> None:
        """Show the curves of a run that is over.

        Raises:
            RunError: The run cannot be read.
        """
        if self._panels is not None and not self._control.is_running:
            self._earlier.show(run, is_held=str(run) == self._held_run)

    def _carry_out(self, act: HealthAct) -> None:
        """Mend what a note was about; a change of the recipe is one undo step."""
        if act.goes_back:
            self._control.go_back()
        if act.reset:
            self._control.reset_layer(NodeId(act.reset))
        if act.redraws:
            self.redraw_asked.emit(act)
        if act.settings:
            recipe = replace(self._document.project.recipe, **act.settings)
            self.recipes.change(recipe, act.label, None)
        if act.resumes:
            self._control.resume(accepts_losses=True)
        if act.device:
            self.device_asked.emit(act.device)
        if act.moves:
            self.folder_asked.emit()
        if act.opens:
            self.panel_asked.emit(act.opens)
        if act.shows:
            from app.dialogs.batch import show_batch

            show_batch(Path(self._held_run) / act.shows, self._canvas.window())

    def forget_samples(self) -> None:
        """Show the samples of the data set until a run has chosen others."""
        if not self._control.is_running or self.previews.are_foreign:
            self.previews.show_samples(None)

    def show_data_set(self, pictures: Sequence[QImage]) -> None:
        """Show pictures of the data set, unless a run's own samples are shown."""
        self.previews.show_data_set(pictures)

    def note(self, text: str) -> None:
        """Put a line into the log."""
        if self._panels is None:
            self._early_notes.append(text)
        else:
            self._panels.log.add(text)

    def follow_edits(self) -> None:
        """After a run, Train is the next step again once what it computes or its recipe changed."""
        done, project = self._finished, self._document.project
        same = done is not None and _computes_alike(done, project)
        self._header.train.set_finished(same)
        if done is not None and not same:
            self._finished = None
            self.previews.draw(stale=True)

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        self._course.show(with_what_was_before(events))
        for event in events:
            self._take(event)
            self.looking.take(event)
        self._status.take(events)
        if self._panels is None:
            self._early_events.extend(events)
        else:
            answers = (isinstance(event, ProbeTaken) and event.subject for event in events)
            self._delivery.take(events, are_awaited=any(answers))

    def _catch_up(self, panels: RunPanels) -> None:
        """Tell panels what they came too late for."""
        self.lock_changed.emit(self._lock_reason())
        if self._control.is_running:
            panels.training.show_starting()
            self._names.tell(panels, self._held_run)
        for text in self._early_notes:
            panels.log.add(text)
        self._delivery.take(self._early_events)
        self._early_events.clear()
        self._early_notes.clear()

    def _take(self, event: TrainingEvent) -> None:
        match event:
            case WorkerReady():
                self.devices.learn(event)
                self.recipes.set_refused(event.cannot)
                if not self._control.is_running:
                    self.devices.show_chosen()
            case HealthNoted(code="worker" | "weights"):
                self._canvas.tell(event.text)
            case RunStarted():
                self._start(event)
            case RunOpened():
                self._open(event)
            case RunLeft():
                self._forget_run()
            case MomentShown():
                self._chip.show_moment(event)
            case StepEnded():
                self._newest = event
                self._news.ask()
            case RunChanged():
                self._steps, self._epochs = event.steps, event.epochs
                # It may put out another shape now.
                self.watching.follow_selection()
            case EpochEnded():
                self.previews.draw_soon()
            case SamplesChosen():
                self._samples = event
                if not self.previews.are_foreign:
                    self.previews.show_samples(event)
            case ProbeTaken() if bool(event.subject) == bool(self.looking.name):
                asked = bool(event.subject)
                self.previews.take(event.layers, step=event.step, epoch=event.epoch, asked=asked)
                if event.subject_pixels:
                    self.previews.show_samples(self._samples, event.subject_pixels)
            case HealthNoted(code=code) if code in _HELD_BY:
                self._show_trouble(event.node, self.tr(_HELD_BY[code]))
            case HealthNoted(acts=(_, *_), is_well=False):
                first, *_ = event.text.partition(". ")
                self._show_trouble(None, f"{first.rstrip('.')}.")
            case RunFailed(title=title):
                self._show_trouble(event.node, f"{title}.")
            case RunWentBack():
                self._go_back(event)
            case RunPaused():
                self._chip.show_held(event.step, self._steps)
            case RunEnded():
                self._end(event)
            case _:
                pass

    def _start(self, event: RunStarted) -> None:
        self._names.number(event.run)
        self._held_run = event.run
        self._chip.show_live()
        self._newest = None
        self._steps, self._epochs = event.steps, event.epochs
        trained = self._control.trained
        self.previews.begin(trained.graph if trained is not None else None)
        self._header.train.device.setText(device_words(event))
        self._show_place(event.first_step, event.epoch)
        if self._panels is not None:
            self._names.tell(self._panels, event.run)
        # The layer that was looked into may be one of another drawing.
        self.watching.follow_selection()
        self.watching.watch()

    def _open(self, event: RunOpened) -> None:
        """Show the layers of a run that is over."""
        self._held_run = event.run
        self.previews.begin(None)
        record = RunRecord.open(Path(event.run))
        self._chip.show_earlier(record.info.name)
        with suppress(LoomError):
            self.previews.begin(graph := record.project_looked_into().graph)
            if self._panels is not None:
                self._names.tell_layers(self._panels, graph)
        if self.previews.are_foreign:
            self._canvas.tell(self.tr("This run is of another drawing; the panels show it."))

    def _forget_run(self) -> None:
        self._held_run, self._newest, self._samples, self._finished = "", None, None, None
        self._chip.show_live()
        self.previews.begin(None)
        self.previews.show_samples(None)
        self._header.set_progress(0)
        self._header.train.set_finished(False)

    def _show_progress(self) -> None:
        if self._newest is not None:
            self._show_place(self._newest.step, self._newest.epoch)

    def _show_place(self, step: int, epoch: float) -> None:
        """Say how far the run has come."""
        self._header.set_progress(step / max(1, self._steps))
        self._header.train.set_epoch(int(epoch) + 1, self._epochs)

    def _go_back(self, event: RunWentBack) -> None:
        self._newest = None
        self._show_place(event.step, event.epoch)
        self._chip.show_held(event.step, self._steps)

    def _end(self, event: RunEnded) -> None:
        self._newest = None
        self._header.set_progress(0)
        # After these Train is not the next step: Export is, or Resume.
        if event.outcome in ("finished", "stopped_early", "lost"):
            self._finished = self._as_drawn(self._control.trained)
        self.follow_edits()
        self.ended.emit(event)

    def _as_drawn(self, trained: Project | None) -> Project | None:
        """Return what was trained; its drawing is that of the canvas where they are the same."""
        graph = self._document.project.graph
        same = trained is not None and trained.graph == graph
        return replace(trained, graph=graph) if trained is not None and same else trained

    def _show_trouble(self, node: str | None, what: str) -> None:
        """Go to the layer where a run came to a halt, and say why where nothing else does."""
        if node:
            self._on_node_requested(node)
        if self._panels is None or not self._panels.training.isVisible():
            self._canvas.tell(what + " " + self.tr("Train shows what mends it."))

    def _on_phase_changed(self, phase: str) -> None:
        self._status.set_phase(phase)
        self._header.train.set_phase(_BUTTONS[self._control.phase])
        self.lock_changed.emit(self._lock_reason())
        self.watching.follow_phase()
        if phase == "preparing":
            self.began.emit()
            if self._panels is not None:
                self._delivery.finish()
                self._panels.training.show_starting()

    def _lock_reason(self) -> str:
        if not self._control.is_running or self._control.phase == "paused":
            return ""
        return self.tr("Pause the run to edit what is grey.")

    def show_kept_aside(self, place: int) -> None:
        """Look at a sample of those kept aside, on the canvas and in every panel."""
        subject = Subject(key=f"sample {place}", place=place)
        self.looking.show_subject(subject, self.tr("Validation sample {0}").format(place))

    def _on_subject(self, subject: Subject | None) -> None:
        name = self._panels.tryout.subject_name if self._panels is not None else ""
        self.looking.show_subject(subject, name)

    def _on_looking(self) -> None:
        if self.looking.subject is not None:
            self._control.hurry()

    def _on_looked_at(self, name: str) -> None:
        if not name:
            self.previews.show_samples(self._samples)

    def choose_pace(self, pace: str) -> None:
        """Draw previews as often as the person wants to see them."""
        self.previews.choose_pace(pace)
        self._chip.draw()

    def _on_node_requested(self, node: str) -> None:
        path = tuple(round_told(part)[0] for part in path_told(NodeId(node)))
        if reachable(self._document.project.graph, path[:-1]) == path[:-1]:
            self._document.reveal(path)
            if path[-1] in self._document.graph.nodes:
                self._canvas.centre_on(path[-1])

    def _on_theme_changed(self) -> None:
        self.previews.draw()
        self.previews.draw_samples()

    def _on_level_changed(self) -> None:
        # Until the next probe the newest that is known is shown for what it is.
        self.previews.draw(stale=self._control.is_running)
        self.watching.follow_selection()


def _computes_alike(one: Project, other: Project) -> bool:
    """Whether one learns as the other does, however it is drawn."""
    return one.recipe == other.recipe and not difference(one.graph, other.graph).concerns_model
