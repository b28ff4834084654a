"""What the trainer has of the process beside it: it hands copies over and takes what was seen."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

import psutil
import torch

from engine.beside.messages import (
    Answered,
    Ask,
    BesideEvent,
    BesideRequest,
    HoldModel,
    LookOn,
    ModelHeld,
    ProcessReady,
    Seen,
)
from engine.beside.second_process import SecondProcess
from engine.beside.shared_copy import WrittenCopy, bytes_of, shared_tensors
from engine.compile.module import CompiledModel
from engine.probes.learning import LearningMeter
from engine.training.alike import FindAlike
from engine.training.devices import usable_cores
from engine.training.events import ProbeTaken, TrainingEvent
from engine.training.generating import MakePictures
from engine.training.messages import tag_of
from engine.training.questions import (
    AnyQuestion,
    CompareLayers,
    DrawPoint,
    FindExciting,
    MapDecision,
    NotAnswered,
    PassThrough,
)
from engine.training.requests import WatchLayers
from engine.training.waiting import GiveUp
from engine.training.watch_cost import WhyHere

ANSWERED_BESIDE: Final = (
    PassThrough,
    FindExciting,
    FindAlike,
    CompareLayers,
    MapDecision,
    DrawPoint,
    MakePictures,
)
"""What needs nothing of a run but its weights."""

_MOST_BYTES: Final = 1 << 30
_MEMORY_SHARE: Final = 8
_STARTS: Final = 2


@dataclass(frozen=True, slots=True)
class _Model:
    project: str
    compiled: CompiledModel
    meter: LearningMeter
    seed: int


class Onlooker:
    """A process that looks into the model that trains; started once more where it crashes.

    Args:
        run: The folder of the run.
        tell: Called by a thread of its own with what is seen of an input of a person: whoever draws
            does not wait for the end of a step.
    """

    def __init__(self, run: str, tell: Callable[[TrainingEvent], None] | None = None) -> None:
        self._run, self._tell = run, tell
        self._telling = Lock()
        self._model: _Model | None = None
        self._process: SecondProcess | None = None
        self._is_ready = False
        self._copy: WrittenCopy | None = None
        self._starts = 0
        self._number = 0
        self._since = 0
        self._held = 0
        self._open: deque[AnyQuestion] = deque()
        self.here: WhyHere = "starting"
        """Why the trainer has to look itself; empty where it has not."""

    @property
    def looks(self) -> bool:
        """Whether it holds the model and can be handed copies."""
        return not self.here

    @property
    def pid(self) -> int | None:
        """The number of the process, where there is one."""
        return self._process.pid if self._process is not None else None

    def hold(self, project: str, compiled: CompiledModel, meter: LearningMeter, seed: int) -> None:
        """Look into this model from now on."""
        self.interrupt()
        self._drop_copy()
        self._model = _Model(project, compiled, meter, seed)
        if self.here != "crashed":
            self.here = reason_against(compiled, meter) or "starting"
        if self._is_ready:
            self._hand_over()

    def begin(self) -> None:
        """Start the process where it is wanted and not there."""
        if self._process is not None or self.here != "starting":
            return
        self._starts += 1
        try:
            self._process = SecondProcess(self._told_at_once)
        except OSError:
            self.here = "crashed"

    def look(self, request: WatchLayers) -> None:
        """Look at these layers from now on."""
        self._send(LookOn(number=self._number, watch=request))

    def ask(self, question: AnyQuestion) -> None:
        """Have a question answered from the newest copy."""
        self._open.append(question)
        self._send(Ask(number=self._number, question=question))

    def give_up(self, what: str) -> None:
        """Let it stop computing what nobody waits for any more."""
        self._send(GiveUp(what=what))

    def publish(self, step: int, epoch: float) -> None:
        """Copy the weights as they are now, and what was measured of them."""
        if self._copy is not None:
            self._copy.write(step, epoch)

    def news(self, wait: float = 0.0) -> list[TrainingEvent]:
        """Return what it saw since the last call; what is outdated is left out.

        Args:
            wait: Seconds to wait for something where there is nothing.
        """
        if self._process is None:
            return []
        found: list[TrainingEvent] = []
        for event in self._process.news(wait):
            found += self._lost() if event is None else self._heard(event)
        return found

    def interrupt(self) -> list[AnyQuestion]:
        """Take nothing any more of what was asked so far; return the questions left open."""
        with self._telling:
            self._number += 1
            self._since = self._number
        left = list(self._open)
        self._open.clear()
        return left

    def end(self) -> None:
        """End the process; it is started again where it is wanted again."""
        if self._process is not None:
            self._process.end()
        self._process, self._is_ready = None, False
        self._drop_copy()
        if self.looks:
            self.here = "starting"

    def _told_at_once(self, event: BesideEvent) -> bool:
        if self._tell is None or not isinstance(event, Seen):
            return False
        if not isinstance(event.told, ProbeTaken) or not event.told.subject:
            return False
        with self._telling:
            if event.number >= self._since:
                self._tell(event.told)
        return True

    def _heard(self, event: BesideEvent) -> list[TrainingEvent]:
        match event:
            case ProcessReady():
                self._is_ready = True
                self._hand_over()
            case ModelHeld() if event.number == self._held:
                self.here = "refused" if event.problem else ""
            case Seen() if event.number >= self._since:
                return [event.told]
            case Answered() if event.number >= self._since:
                self._open.popleft()
                return list(event.events)
            case _:  # of a model or a moment that is not looked at any more
                pass
        return []

    def _hand_over(self) -> None:
        model = self._model
        if model is None or self.here not in ("starting", ""):
            return
        try:
            self._copy = WrittenCopy(shared_tensors(model.compiled, model.meter))
        except OSError:
            self.here = "memory"
            return
        memory, self._held = self._copy.memory, self._number
        self._send(
            HoldModel(
                number=self._number,
                project=model.project,
                seed=model.seed,
                run=self._run,
                memory=memory.name,
                size=memory.size,
            )
        )

    def _drop_copy(self) -> None:
        if self._copy is not None:
            # Where the process had not come to open it, nobody else will.
            self._copy.memory.forget_name()
        self._copy = None

    def _lost(self) -> list[TrainingEvent]:
        """It is gone without being told to: try once more, and refuse what it was asked."""
        self.end()
        self.here = "starting" if self._starts < _STARTS else "crashed"
        return [_refusal(question) for question in self.interrupt()]

    def _send(self, request: BesideRequest) -> None:
        if self._process is not None:
            self._process.send(request)


def reason_against(compiled: CompiledModel, meter: LearningMeter) -> WhyHere:
    """Say why a model cannot be looked into from a process of its own; empty where it can."""
    tensors = shared_tensors(compiled, meter)
    if any(tensor.device.type != "cpu" for tensor in tensors):
        return "gpu"
    if usable_cores() <= torch.get_num_threads():
        return "cores"
    if compiled.plan.code:
        return "own code"
    most = min(_MOST_BYTES, psutil.virtual_memory().available // _MEMORY_SHARE)
    return "memory" if bytes_of(tensors) > most else ""


def _refusal(question: AnyQuestion) -> NotAnswered:
    return NotAnswered(
        question=tag_of(question),
        title="This could not be computed",
        why="The process that looks into layers ended.",
        again=True,
    )
