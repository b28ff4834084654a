"""What is asked of a run while it trains: read between two steps, waited for while it is held."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Literal, Protocol, TypeAlias

from engine.training.asides import AnyAside, Aside
from engine.training.costs import MeasureLayers
from engine.training.gains import MeasureGains
from engine.training.giving_up import EndTrials
from engine.training.messages import Question
from engine.training.moving import MoveRun
from engine.training.questions import AnyQuestion, OpenRun
from engine.training.requests import (
    ChangeRun,
    FindRate,
    FinishEpoch,
    FinishRun,
    GoBack,
    LetGo,
    PauseRun,
    Quit,
    ResetLayer,
    ResumeRun,
    StartRun,
    StepOnce,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.waiting import GiveUp

_STEERING: Final = (
    *(PauseRun, ResumeRun, StepOnce, FinishEpoch, FinishRun),
    *(ChangeRun, ResetLayer, GoBack, StopRun, Quit),
)
"""What does not wait for a map to be drawn."""

_SOON_SECONDS: Final = 0.5
"""Some steps that are over within this time are not worth the words that the run goes on."""

_HALTING: Final = (PauseRun, GoBack, StopRun, Quit)
"""What does not wait for the end of a look at the validation data."""

Verdict: TypeAlias = Literal["go on", "again", "finish", "stop"]
"""``again``: what is trained or where it stands has changed, so the batches must be dealt anew."""


class Steered(Protocol):
    """What can be done to a run between two steps."""

    def hold(self, *, save: bool) -> None:
        """Stop the clocks and say so."""

    def let_go(self) -> None:
        """Let the clocks run again."""

    def tell_resumed(self) -> None:
        """Say that the run goes on."""

    def watch(self, request: WatchLayers, *, now: bool) -> None:
        """Look at other layers."""

    def accept_losses(self) -> None:
        """Go on without samples that cannot be read any more."""

    def look_again(self) -> None:
        """Look at the same layers: training is held."""

    def tell_aside(self, aside: AnyAside) -> None:
        """Tell what is asked beside training."""

    def answer(self, question: AnyQuestion) -> None:
        """Answer a question about the model."""

    def give_up(self, what: str) -> None:
        """Stop what nobody waits for any more, where it is computed beside the run."""

    def change(self, request: ChangeRun) -> None:
        """Take another recipe or drawing."""

    def reset_layer(self, node: str) -> None:
        """Give a layer new weights."""

    def go_back(self) -> None:
        """Return to the last checkpoint."""

    def move(self, folder: str) -> None:
        """Go on in another folder."""


class Steering:
    """Carries out requests in the order in which they came."""

    def __init__(
        self,
        requests: "SimpleQueue[TrainerRequest]",
        run: Steered,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._run = run
        self._clock = clock
        self._inbox: deque[TrainerRequest] = deque()
        self._is_held = False
        self._steps_until_hold: int | None = None
        self._tells_at: float | None = None
        self._holds_after_epoch = False

    def obey(self) -> Verdict:
        """Carry out what was asked, and wait while training is held."""
        if self._steps_until_hold == 0:
            self._hold(save=False)
        elif self._tells_at is not None and self._clock() >= self._tells_at:
            self._tell_resumed()
        verdict: Verdict = "go on"
        self._collect()
        while self._is_held or self._inbox:
            request = self._inbox.popleft() if self._inbox else self._requests.get()
            if isinstance(request, StopRun | Quit):
                self._inbox.appendleft(request)
                return "stop"
            if isinstance(request, FinishRun):
                self._go_on()
                return "finish"
            if self._carry_out(request):
                verdict = "again"
            self._collect()
        return verdict

    def ask(self, request: TrainerRequest) -> None:
        """Carry something out before whatever else is asked."""
        self._inbox.appendleft(request)

    def hold(self) -> None:
        """Hold now, without saving."""
        self._hold(save=False)

    def step_done(self) -> bool:
        """Count a step; True where training will be held after it."""
        if self._steps_until_hold is not None:
            self._steps_until_hold -= 1
        return self._steps_until_hold == 0

    def epoch_done(self) -> None:
        """Hold after the epoch where that was asked for."""
        if self._holds_after_epoch:
            self._hold(save=False)

    def is_to_halt(self) -> bool:
        """Say whether the run should hold or end; nothing is carried out."""
        self._collect()
        return any(isinstance(request, _HALTING) for request in self._inbox)

    def is_steered(self) -> bool:
        """Say whether the run is to do something else than it does; nothing is carried out."""
        self._collect()
        return any(isinstance(request, _STEERING) for request in self._inbox)

    def hand_back(self) -> None:
        """Put what was not carried out, a Quit above all, back for whoever runs the loop."""
        for request in self._inbox:
            self._requests.put(request)

    def _carry_out(self, request: TrainerRequest) -> bool:
        """Do one thing; True where batches must be dealt anew."""
        match request:
            case PauseRun():
                self._hold(save=True)
                self._run.look_again()
            case ResumeRun():
                if request.accepts_losses:
                    self._run.accept_losses()
                self._steps_until_hold, self._holds_after_epoch = None, False
                self._go_on()
            case StepOnce():
                self._steps_until_hold = max(request.count, 1)
                if self._let_go():
                    self._tells_at = self._clock() + _SOON_SECONDS
            case FinishEpoch():
                self._holds_after_epoch = True
                self._go_on()
            case WatchLayers():
                self._run.watch(request, now=self._is_held)
            case Aside():
                self._run.tell_aside(request)
            case Question():
                self._run.answer(request)
            case GiveUp():
                self._run.give_up(request.what)
            case ChangeRun():
                self._run.change(request)
                self._show_change()
                return True
            case ResetLayer():
                self._run.reset_layer(request.node)
                self._show_change()
            case GoBack():
                self._hold(save=False)
                self._run.go_back()
                self._show_change()
                return True
            case MoveRun():
                self._run.move(request.folder)
            case (
                StartRun() | OpenRun() | FindRate() | MeasureLayers() | MeasureGains() | EndTrials()
            ):
                pass
            case LetGo():
                # Nobody sees any more what layers put out.
                self._run.watch(WatchLayers(nodes=()), now=False)
            case FinishRun() | StopRun() | Quit():
                pass
        return False

    def _hold(self, *, save: bool) -> None:
        """Hold; whatever was to be waited for until then no longer is."""
        self._steps_until_hold, self._holds_after_epoch = None, False
        self._tells_at = None
        if not self._is_held:
            self._is_held = True
            self._run.hold(save=save)

    def _show_change(self) -> None:
        """Show the layers of a held run as they are now; while it goes on that comes by itself."""
        if self._is_held:
            self._run.look_again()

    def _go_on(self) -> None:
        """Let a run that is held go on, and say so; also of one that has not said it yet."""
        if self._let_go() or self._tells_at is not None:
            self._tell_resumed()

    def _let_go(self) -> bool:
        """Let a run that is held go on; False where it is not held."""
        was_held, self._is_held = self._is_held, False
        if was_held:
            self._run.let_go()
        return was_held

    def _tell_resumed(self) -> None:
        self._tells_at = None
        self._run.tell_resumed()

    def _collect(self) -> None:
        if self._requests.empty():
            return
        with suppress(Empty):
            while True:
                self._inbox.append(self._requests.get_nowait())
