"""Training in this process: for the command line, for tests, and where there is no window."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import FrameType

from engine.project.project import Project
from engine.training.config import TrainingConfig
from engine.training.events import RunEnded, TrainingEvent
from engine.training.requests import StopRun, TrainerRequest
from engine.training.waiting import PREPARING, GivenUp


def train_here(
    project: Project,
    config: TrainingConfig,
    emit: Callable[[TrainingEvent], None],
    requests: "SimpleQueue[TrainerRequest] | None" = None,
) -> RunEnded:
    """Train and return the last event; Ctrl+C stops after a checkpoint, a second one at once.

    Problems are events as well (``RunFailed``); nothing is raised for them.
    """
    if "torch" not in sys.modules:
        # Read once by OpenMP: threads that spin while they wait take the cores from each other.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from engine.training.trainer import Trainer

    queue: SimpleQueue[TrainerRequest] = SimpleQueue() if requests is None else requests
    given_up = GivenUp()
    with _interrupt_stops(queue, given_up):
        return Trainer(project, config, emit, queue, given_up).run()


@contextlib.contextmanager
def _interrupt_stops(requests: "SimpleQueue[TrainerRequest]", given_up: GivenUp) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        signal.signal(signal.SIGINT, before)
        given_up.give_up(PREPARING)
        requests.put(StopRun())

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
