"""Looking into the copies of a model, one after the other."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch

from engine.beside.memory import open_memory
from engine.beside.messages import Answered, Ask, HoldModel, LookOn, Seen
from engine.beside.shared_copy import ReadCopy, bytes_of, shared_tensors
from engine.probes.learning import Learning, LearningMeter
from engine.project.codec import from_text
from engine.training.answering import Answerer
from engine.training.bench import compile_for_training
from engine.training.events import TrainingEvent
from engine.training.governor import Governor
from engine.training.material import gather
from engine.training.messages import Event
from engine.training.waiting import GivenUp, Underway
from engine.training.watching import Watcher
from nodes.errors import LoomError

_SLOW_SHARE: Final = 0.3
"""Of the time of this process, what maps and explanations may take beside previews."""

_QUIET_SECONDS: Final = 1.0


def look_on(
    request: HoldModel, send: Callable[[Event], None], given_up: GivenUp
) -> tuple["LookingOn | None", str]:
    """Make the model; where that cannot be done, say why."""
    try:
        return LookingOn(request, send, given_up), ""
    except (LoomError, OSError, RuntimeError, MemoryError) as error:
        return None, str(error).strip().partition("\n")[0] or type(error).__name__


class LookingOn:
    """One model, read copy by copy.

    Raises:
        LoomError: The project or its data cannot be read.
        OSError: The memory is not there.
    """

    def __init__(
        self, request: HoldModel, send: Callable[[Event], None], given_up: GivenUp
    ) -> None:
        compiled = compile_for_training(from_text(request.project).project)
        material = gather(compiled.plan, torch.device("cpu"), request.seed, holds_training=False)
        self._meter = LearningMeter(tuple(compiled.module.parameters()))
        tensors = shared_tensors(compiled, self._meter)
        if bytes_of(tensors) != request.size:
            raise RuntimeError("The model that was made is not the one that trains.")
        memory = open_memory(request.memory, request.size)
        self._copy = ReadCopy(memory, tensors)
        self._send = send
        self._number = request.number
        self._answer: list[TrainingEvent] | None = None
        watcher = Watcher(compiled, material, 0.0, self._tell, given_up=given_up)
        self._looker = watcher.looker
        self._answerer = Answerer(
            Path(request.run), watcher, self._tell, lambda: self._where, given_up
        )
        self._where: tuple[int, float] = (0, 0.0)
        self._learning = Learning()
        self._slow = Governor(_SLOW_SHARE, time.perf_counter())
        self._is_read = self._is_asked = False
        self._read_at = 0.0

    def look(self, request: LookOn) -> None:
        """Look at other layers."""
        self._number = request.number
        if self._looker.watch(request.watch):
            self._slow.ask()
        self._is_asked = True

    def answer(self, request: Ask) -> None:
        """Answer a question from the newest copy."""
        self._number = request.number
        self._read()
        self._answer = []
        self._answerer.answer(request.question)
        events, self._answer = self._answer, None
        self._send(Answered(number=request.number, events=tuple(events)))

    def go_on(self) -> bool:
        """Look at the newest copy; False where there has been none for long."""
        is_news = self._read()
        now = time.perf_counter()
        if self._is_read and (is_news or self._is_asked):
            self._is_asked = False
            self._looker.take(*self._where, self._learning)
        if self._is_read and self._looker.has_slow and self._slow.due(now):
            began = time.perf_counter()
            self._looker.take_slow(*self._where)
            self._looker.write()
            self._slow.pay(began, time.perf_counter())
        return now - self._read_at < _QUIET_SECONDS

    def _read(self) -> bool:
        moment = self._copy.read()
        if moment is None:
            return False
        self._is_read, self._read_at = True, time.perf_counter()
        self._where = moment.step, moment.epoch
        self._learning = self._meter.learning
        if not self._looker.is_outdated:
            self._looker.age()
        return True

    def _tell(self, event: TrainingEvent) -> None:
        if self._answer is not None and not isinstance(event, Underway):
            self._answer.append(event)
        else:
            self._send(Seen(number=self._number, told=event))
