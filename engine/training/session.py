"""The window's side of training: a thread that owns the worker process.

It starts the worker, hands requests to it, turns what it says into events, notices its death and
starts another one. It does not import torch.
"""

from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Final, Literal, TypeAlias

import msgspec

from engine.project.codec import to_text
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.training.asides import AnyAside
from engine.training.config import Device, TrainingConfig
from engine.training.costs import MeasureLayers
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.gains import MeasureGains
from engine.training.giving_up import EndTrials
from engine.training.messages import Question
from engine.training.open_questions import OpenQuestions, lost_model
from engine.training.process import Worker
from engine.training.questions import NotAnswered, OpenRun, RunOpened
from engine.training.requests import (
    FindRate,
    LetGo,
    Quit,
    StartRun,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.waiting import GiveUp
from nodes.errors import LoomError, RunError

State: TypeAlias = Literal["warming up", "ready", "training", "paused", "out of order", "closed"]

_TRIES: Final = 3
_AFTER_A_RUN: Final = (WatchLayers, Question)
"""What is asked of the model that the worker holds, whether or not it trains."""


class Session:
    """Training as the window sees it.

    Every method returns at once and may be called from the thread of the window; what happens
    comes in on ``events``, in order.
    """

    def __init__(self) -> None:
        self.events: SimpleQueue[TrainingEvent] = SimpleQueue()
        self._lock = Lock()
        self._state: State = "warming up"
        self._run: _Followed | None = None
        self._watch: WatchLayers | None = None
        # The run whose model the worker holds between runs.
        self._held = ""
        self._opening = ""
        # The run whose model nobody holds any more: it is opened where somebody asks again.
        self._left = ""
        self._open = OpenQuestions()
        self._outbox: SimpleQueue[TrainerRequest | None] = SimpleQueue()
        self._worker: Worker | None = None
        self._failed_starts = 0
        self._is_closing = False
        self._is_leaving = False
        self._wanted = Event()
        self._thread = Thread(target=self._supervise, name="engine", daemon=True)
        self._thread.start()

    @property
    def state(self) -> State:
        """What can be asked for now: a run when ``ready``, and also while warming up."""
        return self._state

    def start(self, project: Project, config: TrainingConfig) -> None:
        """Begin a run; it starts as soon as the worker is ready.

        Raises:
            RunError: A run is going on, or the session is closed.
        """
        request = StartRun(project=to_text(project), config=config)
        with self._lock:
            if self._is_closing or self._run is not None:
                raise RunError(
                    "A run is going on" if self._run else "Training is closed",
                    hint="Stop it first." if self._run else "Open the window again.",
                )
            self._run = _Followed(config.run_folder, request)
            self._state = "training"
            self._outbox.put(request)
            if self._watch is not None:
                self._outbox.put(self._watch)
        self._wanted.set()

    def find_rate(self, project: Project, device: Device) -> None:
        """Try learning rates on a project; ``RateTested`` tells what was found.

        Raises:
            RunError: A run is going on.
        """
        self._try(FindRate(project=to_text(project), device=device))

    def measure_layers(self, project: Project, device: Device) -> None:
        """Time each layer of a project; ``LayersMeasured`` answers.

        Raises:
            RunError: A run is going on.
        """
        self._try(MeasureLayers(project=to_text(project), device=device))

    def measure_gains(self, project: Project, device: Device) -> None:
        """Try other ways to compute the steps of a project; ``GainsMeasured`` answers.

        Raises:
            RunError: A run is going on.
        """
        self._try(MeasureGains(project=to_text(project), device=device, shares_screen=True))

    def end_trials(self) -> None:
        """Try no further what is done between runs: nobody waits for it."""
        with self._lock:
            if self._run is None:
                self._outbox.put(EndTrials())
        self._wanted.set()

    def _try(self, request: FindRate | MeasureLayers | MeasureGains) -> None:
        """Ask for what is done between runs."""
        with self._lock:
            if self._run is not None:
                raise RunError("A run is going on", hint="Stop it first.")
            self._outbox.put(request)
        self._wanted.set()

    def request(self, request: TrainerRequest) -> None:
        """Ask something of the run; the newest ``WatchLayers`` counts for later runs as well.

        Layers can be looked into after a run too: the worker keeps its model until the next.
        """
        with self._lock:
            if isinstance(request, WatchLayers):
                self._watch = request
            is_new = isinstance(request, _AFTER_A_RUN) and self._open.ask(request)
            if is_new and self._run is None and self._left:
                self._hold(self._left)
            if self._state == "out of order":
                self._refuse("It does not start.")
            if self._run is not None or isinstance(request, (*_AFTER_A_RUN, GiveUp)):
                self._outbox.put(request)

    def ask_aside(self, aside: AnyAside) -> None:
        """Ask something beside training; the answer comes in as an event."""
        with self._lock:
            self._outbox.put(aside)

    def open(self, run: Path) -> None:
        """Have the model of a run that is over held, so that it can be looked into.

        Raises:
            RunError: A run is going on.
        """
        with self._lock:
            if self._run is not None:
                raise RunError("A run is going on", hint="Stop it first.")
            self._hold(str(run))
        self._wanted.set()

    def give_up(self, what: str) -> None:
        """Wait no longer for an answer, which is told as one that does not come.

        Args:
            what: As in ``GiveUp``.
        """
        with self._lock:
            self._open.drop(what)
            self._outbox.put(GiveUp(what=what))
        self.events.put(NotAnswered(question=what, title="Cancelled", again=True))

    def kill(self) -> None:
        """End a run that does not answer; what its checkpoints hold stays."""
        with self._lock:
            worker = self._worker
        if worker is not None:
            worker.kill()

    def close(self, timeout: float = 5.0) -> None:
        """Save and end a run that is going on, and end the worker.

        Args:
            timeout: Seconds until the worker is killed.
        """
        with self._lock:
            self._is_closing = True
            self._state = "closed"
            is_idle, worker = self._run is None, self._worker
            self._outbox.put(StopRun())
            self._outbox.put(Quit())
        self._wanted.set()
        if not is_idle:
            self._thread.join(timeout)
        elif worker is not None:
            worker.kill()
        if self._thread.is_alive():
            self.kill()
        self._thread.join(timeout)

    def let_go(self, timeout: float = 5.0) -> None:
        """Let the run that is going on go on without this process, and close the session."""
        with self._lock:
            self._is_closing = self._is_leaving = True
            self._state = "closed"
            self._run = None
            self._outbox.put(LetGo())
        self._wanted.set()
        self._thread.join(timeout)

    def _supervise(self) -> None:
        """Keep a worker alive until the session is closed; runs on the engine thread."""
        while True:
            self._wanted.clear()
            with self._lock:
                if self._is_closing:
                    return
                out_of_order = self._failed_starts >= _TRIES and self._run is None
            if out_of_order:
                self._wanted.wait()
                continue
            try:
                worker = Worker()
            except OSError as error:
                self._on_death(f"It could not be started: {error.strerror or error}.", "")
                continue
            self._serve(worker)

    def _serve(self, worker: Worker) -> None:
        """Follow one worker to its end."""
        with self._lock:
            self._worker = worker
            outbox = self._outbox
            if self._is_closing and self._run is None:
                worker.kill()
        writer = Thread(target=_write, args=(worker, outbox), name="requests", daemon=True)
        writer.start()
        try:
            while (event := worker.receive()) is not None:
                self._take(event)
        except RunError:
            # Whatever follows a torn message cannot be understood either.
            worker.kill()
        if self._is_leaving:
            outbox.put(None)
            writer.join()
            worker.leave()
            return
        reason, details = worker.end()
        outbox.put(None)
        writer.join()
        if not (worker.left_in_peace and self._hand_on()):
            self._on_death(reason, details)

    def _take(self, event: TrainingEvent) -> None:
        with self._lock:
            self._open.take(event)
            if isinstance(event, WorkerReady):
                self._failed_starts = 0
                if self._run is None:
                    self._change("ready")
            elif isinstance(event, RunOpened):
                self._held, self._opening = event.run, ""
            elif isinstance(event, NotAnswered) and event.question == "open_run":
                self._opening = ""
            elif self._run is not None:
                self._follow(self._run, event)
        self.events.put(event)

    def _follow(self, run: "_Followed", event: TrainingEvent) -> None:
        run.take(event)
        match event:
            case RunPaused():
                self._change("paused")
            case RunResumed():
                self._change("training")
            case RunStarted():
                self._held = self._opening = self._left = ""
            case RunEnded():
                self._run, self._held = None, event.run
                self._change("ready")
            case _:
                pass

    def _change(self, state: State) -> None:
        if not self._is_closing:
            self._state = state

    def _hand_on(self) -> bool:
        """Give the next worker the run that was asked of one as it left; False where there is none.

        A worker leaves by itself when the GPU has stopped answering it.
        """
        with self._lock:
            run = self._run
            if run is None or run.is_begun or self._is_closing:
                return False
            self._worker = None
            self._outbox = SimpleQueue()
            self._outbox.put(run.request)
            if self._watch is not None:
                self._outbox.put(self._watch)
        return True

    def _on_death(self, reason: str, details: str) -> None:
        """Tell what became of the run and of what was asked, and make ready for the next worker."""
        with self._lock:
            self._refuse(reason)
            run, self._run, self._worker = self._run, None, None
            self._outbox = SimpleQueue()
            never_ready = self._state == "warming up" or (run is not None and not run.is_begun)
            self._failed_starts += never_ready
            gives_up = self._failed_starts >= _TRIES
            self._change("out of order" if gives_up else "warming up")
            if self._is_closing and run is None:
                return
            if run is None:
                self._open_again(reason)
            elif run.is_begun:
                self._left = run.request.config.run_folder
        if run is not None:
            for event in run.lost(reason, details):
                self.events.put(event)
        elif gives_up:
            text = f"The process that trains does not start. {reason} {_last_line(details)}"
            self.events.put(HealthNoted(code="worker", text=text.strip()))

    def _refuse(self, reason: str) -> None:
        """Tell of all that was asked that no answer comes."""
        for refusal in self._open.close(reason):
            self.events.put(refusal)

    def _open_again(self, reason: str) -> None:
        """Have the next worker hold what the last one held; not twice, for it may die of that."""
        held, opening = self._held, self._opening
        self._held = self._opening = ""
        if opening:
            self._left = opening
            self.events.put(lost_model("open_run", reason))
        elif held:
            self._hold(held)

    def _hold(self, run: str) -> None:
        """Have a run held, and look into it."""
        self._left, self._opening = "", run
        self._outbox.put(OpenRun(run=run))
        if self._watch is not None:
            self._outbox.put(self._watch)


class _Followed:
    """How far a run has come, as far as was heard of it."""

    def __init__(self, folder: str, request: StartRun) -> None:
        self.request = request
        self._ended = RunEnded(run=folder, outcome="lost", step=0, epoch=0.0, seconds=0.0)
        self._saved: int | None = None
        self.is_begun = False

    def take(self, event: TrainingEvent) -> None:
        match event:
            case RunStarted():
                self.is_begun = True
                self._saved = event.first_step or None
                self._update(
                    step=event.first_step,
                    epoch=event.epoch,
                    seconds=event.seconds,
                    metric=event.metric,
                )
            case StepEnded():
                self._update(
                    step=event.step,
                    epoch=event.epoch,
                    seconds=self._ended.seconds + _seconds_of(event),
                )
            case EpochEnded():
                self._update(
                    seconds=event.seconds,
                    training_loss=event.training_loss,
                    training_metric=event.training_metric,
                    validation_loss=event.validation_loss,
                    validation_metric=event.validation_metric,
                )
            case CheckpointSaved(best=best) if not best or self._saved is None:
                # Of the best epoch a run goes on only where there is nothing later.
                self._saved = event.step
            case _:
                pass

    def lost(self, reason: str, details: str) -> tuple[RunFailed, RunEnded]:
        """Return the last events of a run whose worker is gone, and note them in its folder."""
        failed = RunFailed(
            title="The process that trains is gone",
            why=reason,
            hint="Train again."
            if self._saved is None
            else f"Go on from the checkpoint of step {self._saved}.",
            code="LL-R006",
            details=details,
        )
        # The record may be what could not be made.
        with suppress(LoomError):
            RunRecord.open(Path(self._ended.run)).change(problem=failed, ended=self._ended)
        return failed, self._ended

    def _update(self, **fields: Any) -> None:
        self._ended = msgspec.structs.replace(self._ended, **fields)


def _seconds_of(block: StepEnded) -> float:
    """Return what some steps took, by the pace of the last seconds; an epoch tells it exactly."""
    return len(block.losses) / block.steps_per_second if block.steps_per_second else 0.0


def _write(worker: Worker, outbox: "SimpleQueue[TrainerRequest | None]") -> None:
    """Hand requests to the worker: a pipe that is full must not hold up the window."""
    # A ValueError comes where the pipe of a worker that is gone was closed meanwhile.
    with suppress(OSError, ValueError):
        while (request := outbox.get()) is not None:
            worker.send(request)


def _last_line(details: str) -> str:
    lines = details.strip().splitlines()
    return lines[-1] if lines else ""
