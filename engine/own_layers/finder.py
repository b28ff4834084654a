"""Asking a process of its own what people's layers do, with a limit of time.

A layer that does not end costs that process and nothing else: it is replaced by a fresh one.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Final

import msgspec

import engine
from engine.own_layers.probing import Outcome, answer_from, trial_of
from engine.own_layers.trust import check_texts
from nodes.own_code import read_code
from nodes.own_layer import Answer, Failed, Question

# -P: a file torch.py in the folder where the window was opened must not be run.
_COMMAND: Final = (sys.executable, "-P", "-m", "engine.own_layers.process")
_START_SECONDS: Final = 120.0
_DECODER: Final[msgspec.json.Decoder[Outcome]] = msgspec.json.Decoder(Outcome)
LIMIT_SECONDS: Final = 10.0


class Finder:
    """Finds what layers do. May be used by several threads, which take turns.

    Args:
        limit: Seconds that a layer has to show what it does.
    """

    def __init__(self, limit: float = LIMIT_SECONDS) -> None:
        self._limit = limit
        self._lock = Lock()
        self._process: _Process | None = None
        self._closed = Event()

    def find(self, question: Question) -> Answer:
        """Return what a layer does with what arrives; waits for it.

        Raises:
            TrustError: The person does not trust the code.
        """
        check_texts((question.text,), question.name)
        code = read_code(question.text)
        trial = trial_of(question, (port.name for port in code.inputs if port.many))
        outcome = self._outcome(msgspec.json.encode(trial), question.name)
        return (
            outcome if isinstance(outcome, Failed) else answer_from(question, outcome, code.outputs)
        )

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._closed.set()
        process = self._process
        if process is not None:
            process.end()

    def _outcome(self, trial: bytes, name: str) -> Outcome | Failed:
        with self._lock:
            if self._closed.is_set():
                return _gone(name, "Layerloom is closing.")
            try:
                if self._process is None:
                    self._process = _Process()
                if self._closed.is_set():  # meanwhile
                    self._process.end()
                line = self._process.ask(trial, self._limit)
            except (OSError, Empty) as error:
                self._forget()
                ended = isinstance(error, Empty)
                return _too_slow(name, self._limit) if ended else _gone(name, f"{error}.")
            if line is None:
                self._forget()
                return _gone(name, "It ended the process that it ran in.")
        try:
            return _DECODER.decode(line)
        except msgspec.DecodeError as error:
            return _gone(name, f"What came back cannot be read: {error}.")

    def _forget(self) -> None:
        if self._process is not None:
            self._process.end()
        self._process = None


class _Process:
    """One process, asked one thing at a time.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self) -> None:
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._reader = Thread(target=self._read, name="own layers", daemon=True)
        self._reader.start()
        self._is_ready = False

    def ask(self, trial: bytes, limit: float) -> bytes | None:
        """Return the line that answers; None where the process ended.

        Raises:
            OSError: It is gone.
            Empty: It took too long.
        """
        assert self._process.stdin is not None, "it is a pipe"
        if not self._is_ready:
            # Importing torch does not count against the layer.
            if self._lines.get(timeout=_START_SECONDS) is None:
                return None
            self._is_ready = True
        self._process.stdin.write(trial + b"\n")
        self._process.stdin.flush()
        return self._lines.get(timeout=limit)

    def end(self) -> None:
        """Kill it, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None, "it is a pipe"
        with suppress(ValueError):
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(None)


def _environment() -> dict[str, str]:
    root = str(Path(engine.__file__).parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    # Sizes are found, not numbers: one thread is enough, and leaves the others to the window.
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}


def _too_slow(name: str, limit: float) -> Failed:
    return Failed(
        title=f"{name} does not come to an end",
        why=f"It was stopped after {limit:g} seconds of finding its shape. Look for a loop.",
    )


def _gone(name: str, why: str) -> Failed:
    return Failed(title=f"{name} could not be tried", why=why)
