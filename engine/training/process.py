"""The worker process as seen from outside: how it is started, spoken to, and how it ended."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

import engine
from engine.training.channel import Receiver, Sender
from engine.training.events import TrainingEvent
from engine.training.requests import TrainerRequest

# -P: a file torch.py in the folder where the window was opened must not be run.
_COMMAND: Final = (sys.executable, "-P", "-m", "engine.training.worker")
_DETAILS_BYTES: Final = 8_000
_WAIT_SECONDS: Final = 3.0

_WINDOWS_ENDS: Final = {
    0xC0000005: "It crashed in native code (access violation).",
    0xC0000017: "The system ended it because memory ran out.",
    0xC000013A: "It was interrupted.",
}


class Worker:
    """One worker process.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self) -> None:
        # Closed by end().
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "it is a pipe"
        self._input, self._output = self._process.stdin, self._process.stdout
        self._sender = Sender(self._input)
        self._receiver = Receiver(self._output, msgspec.msgpack.Decoder(TrainingEvent))
        self.left_in_peace = False
        """Whether it ended by itself and with nothing to complain of."""

    def send(self, request: TrainerRequest) -> None:
        """Hand over a request; waits while the pipe is full.

        Raises:
            OSError: The worker is gone.
        """
        self._sender.send(request)

    def receive(self) -> TrainingEvent | None:
        """Wait for what it says; None once it is gone.

        Raises:
            RunError: What came cannot be understood.
        """
        return self._receiver.receive()

    def kill(self) -> None:
        """End it without asking."""
        self._process.kill()

    def leave(self) -> None:
        """Let it go on by itself."""
        self._errors.close()
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
        # Else a later collection would warn of a process that nobody waited for.
        self._process.returncode = 0

    def end(self) -> tuple[str, str]:
        """Wait until it is gone; return why in words, and the end of what it printed."""
        try:
            code = self._process.wait(_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            # It closed its output and yet goes on: nobody will hear of it any more.
            self._process.kill()
            code = self._process.wait()
        self.left_in_peace = code == 0
        details = _tail(self._errors.fileno())
        self._errors.close()
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
        return how_it_ended(code), details


def how_it_ended(code: int) -> str:
    """Say in words what the exit code of a process means."""
    if code in _WINDOWS_ENDS:
        return _WINDOWS_ENDS[code]
    if code >= 0:
        return "It ended without being asked to." if code == 0 else f"It ended with code {code}."
    name = _signal_name(-code)
    match name:
        case "SIGKILL":
            return "The system ended it (signal 9), most likely because memory ran out."
        case "SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE" | "SIGABRT":
            return f"It crashed in native code ({name}, signal {-code})."
        case _:
            return f"It was ended from outside ({name}, signal {-code})."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def _environment() -> dict[str, str]:
    root = str(Path(engine.__file__).parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    # Read once by OpenMP: threads that spin while they wait take the cores from the window.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return environment


def _tail(handle: int) -> str:
    size = os.lseek(handle, 0, os.SEEK_END)
    os.lseek(handle, max(0, size - _DETAILS_BYTES), os.SEEK_SET)
    return os.read(handle, _DETAILS_BYTES).decode("utf-8", errors="replace")
