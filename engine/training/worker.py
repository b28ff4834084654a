"""The worker process: imports torch, says so, and trains what it is sent.

Started by a session as ``python -m engine.training.worker``. Requests come in on standard input,
events go out on what was standard output; whatever prints goes to standard error, so that no print
of a library can tear a message.
"""

import faulthandler
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import Thread, get_native_id
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import msgspec

from engine.training.asides import AnyAside, AnyAsideTold, Aside
from engine.training.background import RequestFile
from engine.training.channel import Receiver, Sender, own_streams
from engine.training.costs import LayersMeasured, MeasureLayers
from engine.training.events import RateTested, RunEnded, TrainingEvent, WorkerReady
from engine.training.gains import GainsMeasured, MeasureGains
from engine.training.giving_up import EndTrials, Trials
from engine.training.live import LiveWriter
from engine.training.messages import Question, tag_of
from engine.training.open_questions import hear, nothing_held
from engine.training.questions import OpenRun
from engine.training.requests import (
    FindRate,
    LetGo,
    Quit,
    StartRun,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.waiting import GivenUp

if TYPE_CHECKING:
    from engine.training.opened import OpenedRun
    from engine.training.trainer import Trainer

_PAUSE_SECONDS = 0.3
_NICENESS = 5
_GONE = "The process that held it is gone."

_Trial: TypeAlias = FindRate | MeasureLayers | MeasureGains


def main() -> int:
    """Serve one session until it quits or goes away."""
    requests_in, events_out = own_streams()
    faulthandler.enable(sys.stderr)
    # Ctrl+C in the terminal of the window is meant for the window, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        # A terminal that closes takes the window with it; a run that was let go of goes on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    requests: SimpleQueue[TrainerRequest] = SimpleQueue()
    teller = _Teller(events_out)
    arguments = (requests_in, requests, teller)
    Thread(target=_listen, args=arguments, name="requests", daemon=True).start()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _serve(teller, requests)
    return 0


class _Teller:
    """Says events as long as somebody listens; a window that crashed must not cost the run."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sender = Sender(stream)
        self._is_heard = True
        self.run: Path | None = None
        """The folder of the run that is under way."""

        self.is_let_go = False
        """Nobody listens any more, and the run is to go on all the same."""

        self.hasten: Callable[[WatchLayers], None] = _wait
        """Answers a person who waits before the step under way has ended."""

        self.trials = Trials()
        self.given_up = GivenUp()
        self.live = LiveWriter()
        """What a window sees that is opened later."""

    def let_go(self) -> None:
        """Say nothing more; whoever listened notices that the stream is closed."""
        self.is_let_go, self._is_heard = True, False
        with suppress(OSError):
            self._stream.close()

    def __call__(self, event: TrainingEvent) -> None:
        if isinstance(event, RunEnded):
            # Before it is told: whoever hears of it may ask for the next run at once.
            self.run = None
        self.live.take(event, is_heard=not self.is_let_go)
        if self._is_heard:
            try:
                self._sender.send(event)
            # A ValueError comes where the stream was closed meanwhile.
            except (OSError, ValueError):
                self._is_heard = False


def _serve(tell: _Teller, requests: "SimpleQueue[TrainerRequest]") -> None:
    _import_torch()
    import torch

    from engine.training.devices import choose_device, device_names, gpu_bytes, still_computes
    from engine.training.precision import cannot_compute

    tell(
        WorkerReady(
            pid=os.getpid(),
            torch=str(torch.__version__),
            devices=device_names(),
            gpu_bytes=gpu_bytes(),
            cannot=cannot_compute(choose_device("auto")),
        )
    )
    held: Trainer | OpenedRun | None = None
    while True:
        match request := requests.get():
            case Quit():
                return
            case StartRun():
                # What the run before held is let go of first.
                held = None
                gc.collect()
                held = _train(request, tell, requests)
                tell.live.forget(Path(request.config.run_folder))
                # Of a GPU that gave up only a new process can make use.
                if tell.is_let_go or not still_computes():
                    return
            case OpenRun():
                held = None
                gc.collect()
                held = _open(request, tell)
            case FindRate() | MeasureLayers() | MeasureGains():
                _try(request, tell)
            case Aside():
                tell(_told_aside(request))
            case WatchLayers() if held is not None:
                held.look(request)
            case Question() if held is not None:
                held.answer(request)
            case Question():
                tell(nothing_held(tag_of(request), _GONE))
            case WatchLayers(map=node) if node:
                tell(nothing_held("map", _GONE))
            case _:  # meant for a run that has ended meanwhile
                pass


def _import_torch() -> None:
    """Import torch, and let the window go first: it has just opened, and paints its panels.

    Only the thread that imports steps back. Those that train are made later and by another, and
    have their whole share of the cores.
    """
    with ThreadPoolExecutor(1, "imports", _step_back) as imports:
        imports.submit(import_module, "torch").result()


def _step_back() -> None:
    """Give this thread a lower priority than it has; only Linux has one for each thread."""
    if sys.platform == "linux":
        thread = get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        # A sandbox may forbid it, and torch is imported all the same.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, now + _NICENESS)


def _train(request: StartRun, tell: _Teller, requests: "SimpleQueue[TrainerRequest]") -> "Trainer":
    from engine.project.codec import from_text
    from engine.training.trainer import Trainer

    project = from_text(request.project).project
    trainer = Trainer(project, request.config, tell, requests, tell.given_up)
    tell.hasten = trainer.hasten
    try:
        ended = trainer.run()
    finally:
        tell.hasten = _wait
    if ended.outcome == "stopped" and requests.empty():
        # Not before the end was told: whoever stops a run waits for no map.
        trainer.look_again()
    return trainer


def _wait(_request: WatchLayers) -> None:
    """Nothing trains: what is asked is answered as it comes."""


def _open(request: OpenRun, tell: _Teller) -> "OpenedRun | None":
    from engine.training.opened import open_run

    return open_run(request.run, tell, tell.given_up)


def _try(request: _Trial, tell: _Teller) -> None:
    """Try what is asked for, and tell what came of it unless nobody waits any more."""
    is_over = tell.trials.begin()
    if is_over():
        return
    found = _found(request, is_over)
    if not is_over():
        tell(found)


def _found(request: _Trial, is_over: Callable[[], bool]) -> TrainingEvent:
    match request:
        case FindRate():
            return _find_rate(request, is_over)
        case MeasureLayers():
            return _measure_layers(request, is_over)
        case MeasureGains():
            return _measure_gains(request, is_over)


def _find_rate(request: FindRate, is_over: Callable[[], bool]) -> RateTested:
    from engine.project.codec import from_text
    from engine.training.rate_finder import find_rate

    return find_rate(from_text(request.project).project, request.device, is_over=is_over)


def _measure_layers(request: MeasureLayers, is_over: Callable[[], bool]) -> LayersMeasured:
    from engine.project.codec import from_text
    from engine.training.profiling import profile

    return profile(from_text(request.project).project, request.device, is_over=is_over)


def _measure_gains(request: MeasureGains, is_over: Callable[[], bool]) -> GainsMeasured:
    from engine.project.codec import from_text
    from engine.training.gaining import measure_gains

    project = from_text(request.project).project
    return measure_gains(
        project, request.device, shares_screen=request.shares_screen, is_over=is_over
    )


def _told_aside(aside: AnyAside) -> AnyAsideTold:
    from engine.training.asides_told import tell

    return tell(aside)


def _listen(stream: BinaryIO, requests: "SimpleQueue[TrainerRequest]", teller: _Teller) -> None:
    """Put what comes in on the queue; a session that has gone means: save and end."""
    receiver = Receiver(stream, msgspec.msgpack.Decoder(TrainerRequest))
    while (request := receiver.receive()) is not None:
        match request:
            case FindRate() | MeasureLayers() | MeasureGains():
                teller.trials.ask()
            case EndTrials():
                teller.trials.give_up()
            case WatchLayers():
                teller.hasten(request)
            case _:
                pass
        hear(request, teller.given_up)
        if isinstance(request, StartRun):
            teller.run = Path(request.config.run_folder)
        run = teller.run
        if isinstance(request, LetGo) and run is not None:
            teller.let_go()
            # Until a window comes nobody looks.
            requests.put(WatchLayers(nodes=()))
            _listen_to_file(RequestFile(run), requests, teller)
        requests.put(request)
    requests.put(StopRun())
    requests.put(Quit())


def _listen_to_file(
    file: RequestFile, requests: "SimpleQueue[TrainerRequest]", teller: _Teller
) -> None:
    """Take what a window asks through the folder of the run, and show there what it sees."""
    while True:
        for request in file.news():
            hear(request, teller.given_up)
            requests.put(request)
        teller.live.flush(file.run)
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Everything is on disk by now, and taking torch apart in order takes up to a second.
    os._exit(status)
