"""A run as the window shows it: events to the panels, previews to the canvas, wishes to the engine.

It carries what one part says to another and keeps no picture of the network of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from app.canvas.view import CanvasView
from app.correcting import Correcting
from app.document import Document
from app.inspected_layer import layer_to_inspect, words_of_layer
from app.instrument import Instrument
from app.live_previews import LivePreviews
from app.looking import Looking
from app.pinning import Pinning
from app.run_events import hand_to, replayed
from app.shell.header import Header
from app.shell.status_writer import StatusWriter, device_words
from app.shell.train_buttons import Phase as Buttons
from app.theme import theme_manager
from app.training_control import Phase, TrainingControl
from engine.graph.composites import reachable
from engine.graph.elements import NodeId, path_told, round_told, told
from engine.project.project import Project
from engine.runs.moments import list_moments
from engine.runs.record import Branch, RunRecord
from engine.training.events import (
    EpochEnded,
    HealthAct,
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunFailed,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.insight import Subject
from engine.training.questions import MomentShown, RunOpened
from nodes.errors import LoomError, RunError

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.late_panels import RunPanels
    from app.training.panel import TrainingPanel
    from app.training.recipe_form import RecipeForm
    from engine.project.recipe import Recipe
    from engine.training.config import Device

_WATCH_MS = 150

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
        self._run_numbers: dict[str, int] = {}
        self._steps = 0
        self._epochs = 0
        self._losses: list[float] = []
        self._parts: dict[str, list[float]] = {}
        self._previews = LivePreviews(document, canvas, self._losses, self._parts)
        self._samples: SamplesChosen | None = None
        # The run whose model the engine holds.
        self._held_run = ""
        self._shown_run = self._moment = ""
        # The run that is looked into is of another drawing than the one on the canvas.
        self._is_foreign = False
        self._finished: Project | None = None
        self._device: Device = "auto"
        self._device_names: tuple[str, ...] = ()
        self._gpu_bytes: int | None = None
        self._forms: list[RecipeForm | TrainingPanel] = []
        self._refused: Mapping[str, str] = {}
        # What came before the panels were made; they are told once they stand.
        self._early_events: list[TrainingEvent] = []
        self._early_notes: list[str] = []
        # What is on screen changes with every pan; the trainer is told at a calm pace.
        self._watch_timer = QTimer(self)
        self._watch_timer.setInterval(_WATCH_MS)
        self._watch_timer.timeout.connect(self.watch)
        self.looking = Looking(self)
        self.looking.changed.connect(self.watch)
        self.looking.named.connect(self._on_looked_at)
        self.instrument = Instrument(control, document, canvas, self.looking, self)
        control.arrived.connect(self._on_arrived)
        control.phase_changed.connect(self._on_phase_changed)
        document.selection_changed.connect(self._on_selection_changed)
        document.level_changed.connect(self._on_level_changed)
        document.round_changed.connect(self._on_level_changed)
        theme_manager().changed.connect(self._on_theme_changed)

    @property
    def has_panels(self) -> bool:
        """Whether the panels of a run stand, so that its events are seen."""
        return self._panels is not None

    @property
    def share_done(self) -> float:
        """How much of the run is done, from 0 to 1."""
        return len(self._losses) / max(1, self._steps)

    def attach(self, panels: RunPanels) -> None:
        """Take in the panels of a run, which are made once the window stands."""
        training = panels.training
        self._panels = panels
        self.serve(training)
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
        panels.activations.kept_changed.connect(self.watch)
        panels.runs.overlay_requested.connect(self._overlay)
        panels.map.node_requested.connect(self._on_node_requested)
        panels.gradients.node_requested.connect(self._on_node_requested)
        panels.tryout.sample_chosen.connect(self.looking.show_sample)
        panels.tryout.why_changed.connect(self.looking.explain)
        panels.tryout.subject_changed.connect(self._on_subject)
        panels.data.augmentation.asked.connect(self._control.ask_aside)
        for asking in (panels.map, panels.activations):
            asking.asked.connect(self._control.ask)
        panels.activations.exciting.sample_chosen.connect(self.show_kept_aside)
        self.instrument.attach(panels)
        self.pinning = Pinning(
            self._document, self._canvas, panels.activations, self._on_selection_changed
        )
        self._correcting = Correcting(self._document, panels, self.note, self)
        self._catch_up(panels)
        self._on_selection_changed()

    def show_earlier(self, run: Path) -> None:
        """Show the curves of a run that is over.

        Raises:
            RunError: The run cannot be read.
        """
        if self._control.is_running or self._panels is None:
            return
        events = replayed(run)
        self._control.run = run
        info = RunRecord.open(run).info
        self._panels.training.show_run_title(info.name, info.branched)
        self._panels.training.show_events(events)
        self._panels.evaluation.show_events(events, can_look=str(run) == self._held_run)
        self._panels.runs.select(run)
        self._panels.slider.show_events(events)
        if str(run) != self._held_run:
            self._control.look_into(run)
        else:
            self._panels.slider.show_run(list_moments(run))

    def _overlay(self, run: Path) -> None:
        """Lay the curves of another run behind those that are shown."""
        from engine.runs.replay import read_curves

        if self._panels is None:
            return
        try:
            name = f"{RunRecord.open(run).info.name} {run.name[9:15]}"
            self._panels.training.overlay(name, read_curves(run))
        except RunError as error:
            self._canvas.tell(error.title)

    def serve(self, form: RecipeForm | TrainingPanel) -> None:
        """Let a form show the recipe of the drawing, and change it."""
        self._forms.append(form)
        form.show_recipe(self._document.project.recipe)
        form.set_refused(self._refused)
        form.recipe_changed.connect(self.change_recipe)
        self._document.recipe_changed.connect(form.show_recipe)

    def change_recipe(self, recipe: Recipe, label: str, gesture: int | None) -> None:
        """Change how the drawing is trained, as one undo step a gesture."""
        self._document.set_recipe(recipe, label, gesture=gesture)

    def _carry_out(self, act: HealthAct) -> None:
        """Mend what a note was about; a change of the recipe is one undo step."""
        if act.goes_back:
            self._control.go_back()
        if act.reset:
            self._control.reset_layer(NodeId(act.reset))
        if act.settings:
            recipe = replace(self._document.project.recipe, **act.settings)
            self.change_recipe(recipe, act.label, None)
        if act.device:
            self.device_asked.emit(act.device)

    def forget_samples(self) -> None:
        """Show the samples of the data set until a run has chosen others."""
        if not self._control.is_running:
            self._previews.show_samples(None)

    def show_data_set(self, pictures: Sequence[QImage]) -> None:
        """Show pictures of the data set, unless a run's own samples are shown."""
        self._previews.show_data_set(pictures)

    def note(self, text: str) -> None:
        """Put a line into the log."""
        if self._panels is None:
            self._early_notes.append(text)
        else:
            self._panels.log.add(text)

    def show_device(self, device: Device) -> None:
        """Name in the header what the next run is computed on."""
        self._device = device
        processors = [name for name in self._device_names if name.startswith("CPU")]
        others = [name for name in self._device_names if name not in processors]
        if device != "auto":
            names = processors if device == "cpu" else others
        else:
            names = others or processors
        fallback = {"auto": self.tr("Device"), "cpu": "CPU", "cuda": "GPU"}[device]
        self._header.train.device.setText(names[0] if names else fallback)
        gpu_bytes = None if device == "cpu" else self._gpu_bytes
        self._document.set_memory(gpu_bytes or psutil.virtual_memory().total)

    def follow_edits(self) -> None:
        """After a run, Train is the next step again once drawing or recipe changed."""
        done = self._finished
        project = self._document.project
        same = done is not None and done.graph is project.graph and done.recipe == project.recipe
        self._header.train.set_finished(same)
        if done is not None and not same:
            self._finished = None
            self._previews.draw(stale=True)

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            self._take(event)
            self.looking.take(event)
        self._status.take(events)
        if self._panels is None:
            self._early_events.extend(events)
        else:
            hand_to(self._panels, events)
            self._look_on(self._panels, events)

    def _look_on(self, panels: RunPanels, events: Sequence[TrainingEvent]) -> None:
        """Once nothing trains, go on to the layers beside the one that was looked into."""
        if self._control.is_running and self._control.phase != "paused":
            return
        has_news = any(isinstance(event, ProbeTaken) for event in events)
        if has_news and panels.activations.isVisible() and panels.activations.is_behind:
            self.watch()

    def _catch_up(self, panels: RunPanels) -> None:
        """Tell panels what they came too late for."""
        self.lock_changed.emit(self._lock_reason())
        if self._control.is_running:
            panels.training.show_starting()
            self._name_run(panels)
        for text in self._early_notes:
            panels.log.add(text)
        hand_to(panels, self._early_events)
        self._early_events.clear()
        self._early_notes.clear()

    def _take(self, event: TrainingEvent) -> None:
        match event:
            case WorkerReady():
                self._device_names = event.devices
                self._gpu_bytes = event.gpu_bytes
                self._refused = event.cannot
                for form in self._forms:
                    form.set_refused(event.cannot)
                if not self._control.is_running:
                    self.show_device(self._device)
            case HealthNoted(code="worker" | "weights"):
                self._canvas.tell(event.text)
            case RunStarted():
                self._start(event)
            case RunOpened():
                self._open(event)
            case MomentShown():
                self._moment = "" if event.is_now else self._moment_words(event)
                self._show_chip()
            case StepEnded():
                self._losses.extend(event.losses)
                for name, values in event.parts.items():
                    self._parts.setdefault(name, []).extend(values)
                self._header.set_progress(event.step / max(1, self._steps))
                self._header.train.set_epoch(int(event.epoch) + 1, self._epochs)
            case RunChanged():
                self._steps, self._epochs = event.steps, event.epochs
                # It may put out another shape now.
                self._on_selection_changed()
            case RunWentBack():
                for losses in (self._losses, *self._parts.values()):
                    del losses[event.step :]
            case EpochEnded():
                self._previews.draw()
            case SamplesChosen():
                self._samples = event
                if not self._is_foreign:
                    self._previews.show_samples(event)
            case ProbeTaken() if bool(event.subject) == bool(self.looking.name):
                self._previews.take(event.layers)
                if event.subject_pixels:
                    self._previews.show_samples(self._samples, event.subject_pixels)
            case HealthNoted(code="not_finite"):
                self._show_trouble(event.node, self.tr("The loss is no longer a number."))
            case HealthNoted(code="memory"):
                self._show_trouble(event.node, self.tr("There is not enough memory."))
            case RunFailed(title=title):
                self._show_trouble(event.node, f"{title}.")
            case RunEnded():
                self._end(event)
            case _:
                pass

    def _start(self, event: RunStarted) -> None:
        # A run that goes on is the same run.
        self._run_numbers.setdefault(event.run, len(self._run_numbers) + 1)
        self._held_run = event.run
        self._moment = self._shown_run = ""
        self._is_foreign = False
        self._steps, self._epochs = event.steps, event.epochs
        self._losses.clear()
        self._parts.clear()
        self._previews.forget()
        self._header.train.device.setText(device_words(event))
        self._header.train.set_epoch(1, event.epochs)
        self._header.set_progress(event.first_step / max(1, event.steps))
        if self._panels is not None:
            self._name_run(self._panels)
        # The layer that was looked into may be one of another drawing.
        self._on_selection_changed()
        self.watch()

    def _open(self, event: RunOpened) -> None:
        """Show the layers of a run that is over."""
        self._held_run, self._moment = event.run, ""
        self._previews.forget()
        record = RunRecord.open(Path(event.run))
        self._shown_run = self.tr("From {0}").format(record.info.name)
        with suppress(LoomError):
            nodes = record.project().graph.nodes.keys()
            self._is_foreign = nodes.isdisjoint(self._document.project.graph.nodes)
        if self._is_foreign:
            self._canvas.tell(self.tr("This run is of another drawing; the panels show it."))
        self._show_chip()

    def _moment_words(self, event: MomentShown) -> str:
        return self.tr("Epoch {0}, step {1}").format(f"{event.epoch:.2f}", event.step)

    def _end(self, event: RunEnded) -> None:
        self._header.set_progress(0)
        # After these Train is not the next step: Export is, or Resume.
        if event.outcome in ("finished", "stopped_early", "lost"):
            self._finished = self._control.trained
        self.follow_edits()
        self.ended.emit(event)

    def _names(self) -> dict[str, str]:
        return {str(node.id): node.name for node in self._document.project.graph.nodes.values()}

    def _titles(self) -> dict[str, str]:
        nodes = self._document.model_report.nodes
        return {str(node): found.title for node, found in nodes.items()}

    def _show_trouble(self, node: str | None, what: str) -> None:
        """Go to the layer where a run came to a halt, and say why where nothing else does."""
        if node:
            self._on_node_requested(node)
        if self._panels is None or not self._panels.training.isVisible():
            self._canvas.tell(what + " " + self.tr("Train shows what mends it."))

    def _on_phase_changed(self, phase: str) -> None:
        self._status.set_phase(phase)
        running = self._control.is_running
        self._header.train.set_phase(_BUTTONS[self._control.phase])
        self._show_chip()
        self.lock_changed.emit(self._lock_reason())
        if running and not self._watch_timer.isActive():
            self._watch_timer.start()
        elif not running:
            # Once more: what is on screen now is what is looked at after the run.
            self._watch_timer.stop()
            self.watch()
        if phase == "preparing":
            self.began.emit()
            if self._panels is not None:
                self._panels.training.show_starting()

    def _lock_reason(self) -> str:
        if not self._control.is_running or self._control.phase == "paused":
            return ""
        return self.tr("Pause the run to edit what is grey.")

    def _name_run(self, panels: RunPanels) -> None:
        panels.training.show_run_title(
            self.tr("Run {0}").format(self._run_numbers.get(self._held_run, 1)),
            _origin(self._held_run),
        )
        panels.training.show_node_names(self._titles())
        panels.gradients.show_node_names(self._names())
        for panel in (panels.stepping, panels.map):
            panel.show_node_names(self._names())

    def _on_selection_changed(self) -> None:
        panels = self._panels
        if panels is None or panels.activations.is_pinned:
            return
        layer = layer_to_inspect(self._document, panels.activations.node)
        words = words_of_layer(self._document, layer) if layer is not None else None
        if layer is not None and words is not None:
            for panel in (panels.activations, panels.weights, panels.map):
                panel.show_node(layer, *words)
        self.watch()

    def watch(self) -> None:
        """Tell the engine what is on screen now."""
        panels, path = self._panels, self._document.path
        nodes = tuple(self._document.told(node) for node in self._canvas.visible_nodes())
        seen = tuple(told((*path, node)) for node in self._canvas.seen_nodes())
        if panels is None:
            self._control.watch(self.looking.request(nodes, seen=seen))
            return
        layer = panels.activations.node
        self._control.watch(
            self.looking.request(
                nodes,
                detail=panels.activations.next_detail() if panels.activations.isVisible() else "",
                weights=layer if panels.weights.isVisible() else "",
                gradients=panels.gradients.isVisible(),
                map_of=layer if panels.map.isVisible() else "",
                seen=seen,
            )
        )

    def show_kept_aside(self, place: int) -> None:
        """Look at a sample of those kept aside, on the canvas and in every panel."""
        subject = Subject(key=f"sample {place}", place=place)
        self.looking.show_subject(subject, self.tr("Validation sample {0}").format(place))

    def _on_subject(self, subject: Subject | None) -> None:
        name = self._panels.tryout.subject_name if self._panels is not None else ""
        self.looking.show_subject(subject, name)

    def _on_looked_at(self, name: str) -> None:
        self._show_chip()
        if not name:
            self._previews.show_samples(self._samples)

    def _show_chip(self) -> None:
        """Say on the canvas where its previews come from."""
        live = "paused" if self._control.phase == "paused" else "live"
        live = live if self._control.is_running else ""
        words = [word for word in (self.looking.name, self._moment) if word]
        self._canvas.set_live(" · ".join(words) or self._shown_run or live)

    def _on_node_requested(self, node: str) -> None:
        path = tuple(round_told(part)[0] for part in path_told(NodeId(node)))
        if reachable(self._document.project.graph, path[:-1]) == path[:-1]:
            self._document.reveal(path)
            if path[-1] in self._document.graph.nodes:
                self._canvas.centre_on(path[-1])

    def _on_theme_changed(self) -> None:
        self._previews.draw()
        self._previews.draw_samples()

    def _on_level_changed(self) -> None:
        # Until the next probe the newest that is known is shown for what it is.
        self._previews.draw(stale=self._control.is_running)
        self._on_selection_changed()


def _origin(run: str) -> Branch | None:
    """Return the moment of another run that one went on from."""
    try:
        return RunRecord.open(Path(run)).info.branched if run else None
    except RunError:  # it has no record yet, and so no origin
        return None
