"""The process that looks into a model while another trains it.

Started by the worker as ``python -m engine.beside.process``. Requests come in on standard input,
what it sees goes out on what was standard output; it ends with whoever reads that.
"""

import os
import signal
import sys
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, Final

import psutil

from engine.beside.messages import (
    Ask,
    BesideRequest,
    HoldModel,
    LookOn,
    ModelHeld,
    ProcessReady,
    request_decoder,
)
from engine.training.channel import Receiver, Sender, own_streams
from engine.training.open_questions import hear
from engine.training.waiting import GivenUp

if TYPE_CHECKING:
    from engine.beside.looking_on import LookingOn

_PAUSE_SECONDS: Final = 0.004
_LONG_PAUSE_SECONDS: Final = 0.05
_NICENESS: Final = 5


def main() -> None:
    """Look until nobody asks any more."""
    requests_in, events_out = own_streams()
    # Ctrl+C in the terminal of the window is meant for the window.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests: SimpleQueue[BesideRequest] = SimpleQueue()
    given_up = GivenUp()
    Thread(target=_listen, args=(requests_in, requests, given_up), daemon=True).start()
    import torch

    torch.set_num_threads(1)
    sender = Sender(events_out)
    sender.send(ProcessReady())
    _Service(requests, sender, given_up).run()


class _Service:
    """Does what is asked, and looks in between."""

    def __init__(
        self, requests: "SimpleQueue[BesideRequest]", sender: Sender, given_up: GivenUp
    ) -> None:
        self._requests = requests
        self._sender = sender
        self._given_up = given_up
        self._looking: LookingOn | None = None

    def run(self) -> None:
        is_busy = False
        while True:
            for request in self._asked(_PAUSE_SECONDS if is_busy else _LONG_PAUSE_SECONDS):
                self._obey(request)
            is_busy = self._looking is not None and self._looking.go_on()

    def _asked(self, seconds: float) -> list[BesideRequest]:
        found: list[BesideRequest] = []
        with suppress(Empty):
            found.append(self._requests.get(timeout=seconds))
            while True:
                found.append(self._requests.get_nowait())
        return found

    def _obey(self, request: BesideRequest) -> None:
        match request:
            case HoldModel():
                self._hold(request)
            case LookOn() if self._looking is not None:
                self._looking.look(request)
            case Ask() if self._looking is not None:
                self._looking.answer(request)
            case _:  # meant for a model that could not be made
                pass

    def _hold(self, request: HoldModel) -> None:
        from engine.beside.looking_on import look_on

        # The model before goes first.
        self._looking = None
        self._looking, problem = look_on(request, self._sender.send, self._given_up)
        if problem:
            sys.stderr.write(f"{problem}\n")
        self._sender.send(ModelHeld(number=request.number, problem=problem))
        # Not before: on a busy machine it would take minutes to get so far.
        _make_way()


def _make_way() -> None:
    """Let whatever trains or paints go first."""
    with suppress(OSError, psutil.Error):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process().nice(_NICENESS)


def _listen(stream: BinaryIO, requests: "SimpleQueue[BesideRequest]", given_up: GivenUp) -> None:
    receiver = Receiver(stream, request_decoder)
    while (request := receiver.receive()) is not None:
        match request:
            case Ask():
                hear(request.question, given_up)
            case LookOn():
                hear(request.watch, given_up)
            case _:
                hear(request, given_up)
        requests.put(request)
    # Whoever trains is gone: at once, whatever is being computed.
    os._exit(0)


if __name__ == "__main__":
    main()
