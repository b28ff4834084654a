"""Between the window and the engine's session: what runs, and what it says, thirty times a second.

The session's thread puts events into a queue; a timer drains it once a frame, so a fast model never
sends the window a signal per step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from engine.graph.elements import NodeId
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from engine.runs.branching import branch_run
from engine.runs.moving import move_run
from engine.runs.record import RunRecord, new_run_folder
from engine.training.asides import AnyAside
from engine.training.background import AttachedRun, leave_behind
from engine.training.config import Device, TrainingConfig
from engine.training.events import (
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunLeft,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    TrainingEvent,
    WorkerReady,
)
from engine.training.heat import HeatTaken
from engine.training.insight import (
    Evaluated,
    GradientsTaken,
    InputExplained,
    InputRefused,
    LayerMapped,
    WeightsTaken,
)
from engine.training.keeping import Keeping
from engine.training.messages import Answer
from engine.training.moving import MoveRun
from engine.training.questions import AnyQuestion, MomentsKept, NotAnswered
from engine.training.requests import (
    ChangeRun,
    FinishEpoch,
    FinishRun,
    GoBack,
    PauseRun,
    ResetLayer,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.session import Session
from engine.training.texts import AttentionTaken, TextWritten

_FRAME_MS = 33
_OF_A_MODEL = (
    *(Answer, ProbeTaken, SamplesChosen, InputRefused, InputExplained, TextWritten),
    *(AttentionTaken, Evaluated, WeightsTaken, GradientsTaken, LayerMapped, HeatTaken),
    MomentsKept,
)
"""What only a model that is held is asked for."""

_HURRY_MS, _HURRY_SECONDS = 4, 0.3

Phase = Literal["starting", "ready", "preparing", "training", "paused", "stopping"]


class TrainingControl(QObject):
    """Starts and steers runs, and hands their events to the panels in batches."""

    arrived = Signal(object)
    """A list of events, oldest first."""

    phase_changed = Signal(str)
    """The new phase."""

    opening = Signal()
    """The model of a run that is over was asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._phase: Phase = "starting"
        self.keeping = Keeping()
        """What the next run keeps of its moments."""

        self._watch = WatchLayers(nodes=())
        self.run: Path | None = None
        """The folder of the run that is under way, or of the last one."""

        self.trained: Project | None = None
        """The project as the last run trains it, or as it trained it in the end."""

        self._before_change: Project | None = None
        self._attached: AttachedRun | None = None
        self._next: Sequence[TrainingEvent] = ()
        """What arrived and is told in the next turn."""

        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._drain)
        self._hurries_until = 0.0
        self._is_left = False

    @property
    def phase(self) -> Phase:
        """What the engine is doing."""
        return self._phase

    @property
    def is_running(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self._phase in ("preparing", "training", "paused", "stopping")

    def warm_up(self) -> None:
        """Start the worker, so that torch is there when Train is pressed."""
        if self._session is None:
            self._session = Session()
            self._timer.start()

    def train(self, project: Project, device: Device, *, into: Path | None = None) -> None:
        """Train a project from the beginning, in a run folder of its own.

        Args:
            into: Where that folder lies; with the other runs if not given, which find it anyway.

        Raises:
            RunError: The folder cannot be made.
        """
        if self.is_running:
            return
        self.warm_up()
        folder = new_run_folder(project.name)
        if into is not None:
            move_run(folder, into)
        self._begin(project, _config(folder, device, self.keeping))

    def go_on(self, run: Path, device: Device) -> None:
        """Go on with a run from its last checkpoint."""
        if self.is_running:
            return
        self.warm_up()
        project = RunRecord.open(run).project()
        self._begin(
            project,
            _config(run, device, self.keeping, resume=True),
        )

    def pause(self) -> None:
        """Hold after the current step."""
        self._ask(PauseRun())

    def resume(self, *, accepts_losses: bool = False) -> None:
        """Go on after a pause.

        Args:
            accepts_losses: Let others stand in for samples that cannot be read any more.
        """
        self._ask(ResumeRun(accepts_losses=accepts_losses))

    def step(self, count: int = 1) -> None:
        """Do some steps, then hold."""
        if count:
            self._ask(StepOnce(count=count))

    def stop(self) -> None:
        """Save a checkpoint and end the run."""
        if self.is_running:
            self._ask(StopRun())
            self._enter("stopping")

    def finish_epoch(self) -> None:
        """Go on to the end of the epoch, then hold."""
        self._ask(FinishEpoch())

    def finish(self) -> None:
        """Look at the validation data now and end the run as finished."""
        self._ask(FinishRun())

    def change(self, project: Project, anew: Sequence[str] = (), title: str = "") -> None:
        """Learn from the next step on with another recipe or drawing.

        Args:
            anew: Ids of layers that get new weights, though theirs would fit.
            title: For the mark on the curve; said by what differs where it is empty.
        """
        if self.is_running:
            self._before_change = self.trained
            self.trained = project
            self._ask(ChangeRun(project=to_text(project), anew=tuple(anew), title=title))

    def reset_layer(self, node: NodeId) -> None:
        """Give a layer new weights."""
        self._ask(ResetLayer(node=node))

    def move(self, into: Path) -> None:
        """Keep the run in another folder from now on, with all that it has written."""
        self._ask(MoveRun(folder=str(into)))

    def go_back(self) -> None:
        """Return to the last checkpoint, and hold there."""
        self._ask(GoBack())

    def find_rate(self, project: Project, device: Device) -> None:
        """Try learning rates on a project; ``RateTested`` arrives."""
        if not self.is_running:
            self.warm_up()
            assert self._session is not None, "warm_up starts it"
            self._session.find_rate(project, device)

    def measure_layers(self, project: Project, device: Device) -> None:
        """Time each layer of a project; ``LayersMeasured`` arrives."""
        if not self.is_running:
            self.warm_up()
            assert self._session is not None, "warm_up starts it"
            self._session.measure_layers(project, device)

    def measure_gains(self, project: Project, device: Device) -> None:
        """Try other ways to compute the steps of a project; ``GainsMeasured`` arrives."""
        if not self.is_running:
            self.warm_up()
            assert self._session is not None, "warm_up starts it"
            self._session.measure_gains(project, device)

    def end_trials(self) -> None:
        """Try no further what is tried between runs."""
        if self._session is not None:
            self._session.end_trials()

    def watch(self, request: WatchLayers) -> None:
        """Say what is looked at."""
        if request != self._watch:
            self._watch = request
            # After a run too: the worker keeps the trained model until the next.
            self.ask(request)

    def ask_aside(self, aside: AnyAside) -> None:
        """Ask the worker something beside training; the answer arrives among the events."""
        if self._session is not None:
            self._session.ask_aside(aside)

    def look_into(self, run: Path) -> None:
        """Have the engine hold the model of a run that is over."""
        if self.is_running:
            return
        self.warm_up()
        assert self._session is not None, "warm_up starts it"
        self._is_left = False
        self.opening.emit()
        self._session.open(run)

    def leave(self) -> None:
        """Have to do with no run any more: nothing is asked of the model that is held."""
        if not self.is_running:
            self.run, self._is_left = None, True
            self.arrived.emit([RunLeft()])

    def ask(self, question: AnyQuestion | WatchLayers) -> None:
        """Ask something about the model that is held, whether or not it trains."""
        source = self._attached or self._session
        if source is not None and not self._is_left:
            source.request(question)

    def give_up(self, what: str) -> None:
        """Wait no longer for an answer: ``NotAnswered`` arrives, and its computing stops.

        Args:
            what: The tag of a question; ``map``, ``why`` or ``evaluate``.
        """
        source = self._attached or self._session
        if source is not None:
            source.give_up(what)

    def branch(self, step: int) -> None:
        """Begin a run that goes on from a moment of the one that is shown.

        Raises:
            LoomError: There is no such moment, or the new run cannot be made.
        """
        if self.is_running or self.run is None:
            return
        self.warm_up()
        record = RunRecord.open(self.run)
        folder = new_run_folder(record.info.name)
        config = _config(folder, record.info.config.device, self.keeping, resume=True)
        self._begin(branch_run(self.run, step, config).project(), config)

    def attach(self, run: Path) -> None:
        """Follow and steer a run that goes on without a window.

        Raises:
            LoomError: Its folder cannot be read.
        """
        if self.is_running:
            return
        self.trained = RunRecord.open(run).project_now()
        self.run, self._is_left = run, False
        self._attached = AttachedRun(run)
        self._timer.start()
        self._enter("preparing")

    def let_go(self) -> None:
        """Let the run go on without this window."""
        self._timer.stop()
        if self.run is not None:
            leave_behind(self.run)
        if self._phase == "paused":
            self.resume()
        if self._attached is not None:
            self._attached.close()
        elif self._session is not None:
            self._session.let_go()
            self._session = None

    def close(self) -> None:
        """End the run and the worker."""
        self._timer.stop()
        if self._attached is not None:
            self._attached.request(StopRun())
            self._attached.close()
            self._attached = None
        if self._session is not None:
            self._session.close()
            self._session = None

    def _begin(self, project: Project, config: TrainingConfig) -> None:
        assert self._session is not None, "train and go_on start the session"
        self.run, self._is_left = Path(config.run_folder), False
        self.trained = RunRecord.open(self.run).project_now() if config.resume else project
        self._enter("preparing")
        self._session.start(project, config)

    def _ask(self, request: TrainerRequest) -> None:
        source = self._attached or self._session
        if source is not None and self.is_running:
            source.request(request)

    def hurry(self) -> None:
        """Bring what arrives without waiting for the next frame: a person waits for an answer."""
        self._hurries_until = time.monotonic() + _HURRY_SECONDS
        self._timer.setInterval(_HURRY_MS)

    def _drain(self) -> None:
        if self._hurries_until and time.monotonic() > self._hurries_until:
            self._hurries_until = 0.0
            self._timer.setInterval(_FRAME_MS)
        waiting = [event for source in self._sources() for event in _waiting(source.events)]
        if self._is_left:
            # It was asked before.
            waiting = [event for event in waiting if not _is_of_a_model(event)]
        events, self._next = _of_one_turn([*self._next, *waiting])
        if not events:
            return
        for event in events:
            self._follow(event)
        self.arrived.emit(events)

    def _sources(self) -> list[Session | AttachedRun]:
        return [source for source in (self._session, self._attached) if source is not None]

    def _follow(self, event: TrainingEvent) -> None:
        match event:
            case HealthNoted(code="change") if self._before_change is not None:
                # It was refused: the run goes on as it was.
                self.trained = self._before_change
            case RunChanged() if event.project and self._attached is not None:
                # Whoever trained it before may have changed it after its last checkpoint.
                self.trained = from_text(event.project).project
            case RunWentBack() if event.project:
                self.trained = from_text(event.project).project
            case WorkerReady() if not self.is_running:
                self._enter("ready")
            case RunStarted():
                self._enter("training")
                self._ask(self._watch)
            case RunPaused() if self._phase != "stopping":
                self._enter("paused")
            case RunResumed() if self._phase != "stopping":
                self._enter("training")
            case RunEnded():
                if self._attached is not None:
                    self._attached.close()
                    self._attached = None
                self._enter("ready")
            case HealthNoted(code="worker") if not self.is_running:
                # The worker does not start; asking for a run is what tries again.
                self._enter("ready")
            case _:
                pass

    def _enter(self, phase: Phase) -> None:
        if phase != self._phase:
            self._phase = phase
            self.phase_changed.emit(phase)


def _waiting(events: SimpleQueue[TrainingEvent]) -> list[TrainingEvent]:
    """Return what is in a queue now."""
    found = []
    while True:
        try:
            found.append(events.get_nowait())
        except Empty:
            return found


def _is_of_a_model(event: TrainingEvent) -> bool:
    """Say whether a model that is held was asked for this; trials between runs may fail too."""
    return isinstance(event, _OF_A_MODEL) and not isinstance(event, NotAnswered)


def _of_one_turn(
    events: Sequence[TrainingEvent],
) -> tuple[Sequence[TrainingEvent], Sequence[TrainingEvent]]:
    """Part events before the end of a run: so much is shown of it that it has a turn of its own."""
    ends = (place for place, event in enumerate(events) if isinstance(event, RunEnded) and place)
    end = next(ends, len(events))
    return events[:end], events[end:]


def _config(
    folder: Path, device: Device, keeping: Keeping, *, resume: bool = False
) -> TrainingConfig:
    return TrainingConfig(
        run_folder=str(folder),
        device=device,
        moments_megabytes=keeping.moments_megabytes,
        moment_steps=keeping.moment_steps,
        memory_megabytes=keeping.memory_megabytes,
        resume=resume,
        shares_screen=True,
        second_process=True,
        holds_on_trouble=True,
    )
