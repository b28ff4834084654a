"""Runs that go on after their window was closed: how they are found again, and what they are asked.

A run that was let go of reads what it is asked from a file in its folder, a request a line. Which
run that is stands in a file of the person's own. Nothing in here imports torch.
"""

from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Final

import msgspec
import platformdirs

from engine.atomic import write_atomically
from engine.runs.following import RunFollower
from engine.runs.record import RunRecord
from engine.training.events import TrainingEvent
from engine.training.live import LiveReader
from engine.training.messages import Question
from engine.training.open_questions import OpenQuestions
from engine.training.questions import NotAnswered
from engine.training.requests import TrainerRequest, WatchLayers
from engine.training.waiting import GiveUp
from nodes.errors import LoomError

_FILE: Final = "requests.jsonl"
_PAUSE_SECONDS: Final = 0.3
_decoder: Final = msgspec.json.Decoder(TrainerRequest)


def leave_behind(run: Path) -> None:
    """Note that a run goes on without a window."""
    with suppress(OSError, LoomError):
        _note().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_note(), str(run).encode())


def left_behind() -> Path | None:
    """Return the run that goes on without a window, if there is one."""
    try:
        run = Path(_note().read_text(encoding="utf-8"))
        if RunRecord.open(run).state == "running":
            return run
    except (OSError, LoomError):
        return None
    _note().unlink(missing_ok=True)
    return None


class RequestFile:
    """What a run that was let go of is asked, as its worker reads it."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._file = run / _FILE
        # What stands there was asked of the run before it was let go of.
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        self._read = 0

    def news(self) -> list[TrainerRequest]:
        """Return what was asked since the last time."""
        try:
            with self._file.open("rb") as opened:
                opened.seek(self._read)
                content = opened.read()
        except OSError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        asked = []
        for line in whole.splitlines():
            with suppress(msgspec.DecodeError):
                asked.append(_decoder.decode(line))
        return asked


class AttachedRun:
    """A run that something else trains, followed and steered through its folder."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.events: SimpleQueue[TrainingEvent] = SimpleQueue()
        self._open, self._asking = OpenQuestions(), Lock()
        self._closing = Event()
        self._thread = Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    def request(self, request: TrainerRequest) -> None:
        """Ask something of the run; it is read within half a second."""
        if isinstance(request, (Question, WatchLayers)):
            with self._asking:
                self._open.ask(request)
        with suppress(OSError), (self.run / _FILE).open("ab") as opened:
            opened.write(msgspec.json.encode(request) + b"\n")

    def give_up(self, what: str) -> None:
        """Wait no longer for an answer, which is told as one that does not come."""
        with self._asking:
            self._open.drop(what)
        self.request(GiveUp(what=what))
        self.events.put(NotAnswered(question=what, title="Cancelled", again=True))

    def close(self) -> None:
        """Follow no longer; the run goes on."""
        self.request(WatchLayers(nodes=()))
        self._closing.set()
        self._thread.join()

    def _follow(self) -> None:
        follower, live = RunFollower(self.run), LiveReader(self.run)
        while not (self._closing.is_set() or follower.is_over):
            with suppress(LoomError):
                for event in (*follower.news(), *live.news()):
                    with self._asking:
                        self._open.take(event)
                    self.events.put(event)
            self._closing.wait(_PAUSE_SECONDS)
        with self._asking:
            for refusal in self._open.close("The run is over."):
                self.events.put(refusal)


def _note() -> Path:
    return platformdirs.user_state_path("layerloom") / "background-run.txt"
