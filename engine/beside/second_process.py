"""The process beside the trainer as the trainer sees it: never waited for."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Final

import engine
from engine.beside.messages import BesideEvent, BesideRequest, event_decoder
from engine.training.channel import Receiver, Sender
from nodes.errors import RunError

# -P: a file torch.py in the folder where the window was opened must not be run.
_COMMAND: Final = (sys.executable, "-P", "-m", "engine.beside.process")


class SecondProcess:
    """A process that ends when it is told to, or when this one is gone.

    Args:
        take: Called with each thing it says by a thread of its own; what it does not take is kept
            as news.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, take: Callable[[BesideEvent], bool] = lambda _event: False) -> None:
        # What it prints, and what it dies of, goes where this process prints.
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "it is a pipe"
        self._outbox: SimpleQueue[BesideRequest | None] = SimpleQueue()
        self._inbox: SimpleQueue[BesideEvent | None] = SimpleQueue()
        self._threads = (
            Thread(target=_write, args=(self._process.stdin, self._outbox), daemon=True),
            Thread(target=_read, args=(self._process.stdout, self._inbox, take), daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def send(self, request: BesideRequest) -> None:
        """Hand over a request."""
        self._outbox.put(request)

    def news(self, wait: float = 0.0) -> list[BesideEvent | None]:
        """Return what it said since the last call; None last once it is gone.

        Args:
            wait: Seconds to wait for something where there is nothing.
        """
        found: list[BesideEvent | None] = []
        with suppress(Empty):
            if wait:
                found.append(self._inbox.get(timeout=wait))
            while not self._inbox.empty():
                found.append(self._inbox.get_nowait())
        return found

    def end(self) -> None:
        """End it: it has nothing to save."""
        self._process.kill()
        self._outbox.put(None)
        self._process.wait()
        for thread in self._threads:
            thread.join()


def _write(stream: IO[bytes], outbox: "SimpleQueue[BesideRequest | None]") -> None:
    sender = Sender(stream)
    # Where it is gone that is noticed at its other end.
    with suppress(OSError):
        while (request := outbox.get()) is not None:
            sender.send(request)
    with suppress(OSError):
        stream.close()


def _read(
    stream: IO[bytes],
    inbox: "SimpleQueue[BesideEvent | None]",
    take: Callable[[BesideEvent], bool],
) -> None:
    receiver = Receiver(stream, event_decoder)
    with suppress(RunError), stream:
        while (event := receiver.receive()) is not None:
            if not take(event):
                inbox.put(event)
    inbox.put(None)


def _environment() -> dict[str, str]:
    root = str(Path(engine.__file__).parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    # Read once by OpenMP; the core of the trainer is not to be taken.
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
