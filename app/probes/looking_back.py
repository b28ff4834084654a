"""Asks how a layer was at each recorded moment, where nobody looked at it then."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.runs.moments import Moment
from engine.training.events import RunEnded, RunStarted, TrainingEvent
from engine.training.questions import LookBack, LookedBack, MomentsKept, NotAnswered, RunOpened


class LookingBack(QObject):
    """Goes through the moments of a run that trains no more, one after the other."""

    asked = Signal(object)
    """A ``LookBack`` for the worker."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._node = ""
        self._moments: tuple[Moment, ...] = ()
        self._done: set[tuple[str, int]] = set()
        self._is_over = self._is_seen = False
        self._waits_for: tuple[str, int] | None = None

    def show_node(self, node: str) -> None:
        """Look back at another layer."""
        self._node = node
        self._ask()

    def set_seen(self, *, seen: bool) -> None:
        """Go on while somebody sees it, and hold while nobody does."""
        self._is_seen = seen
        self._ask()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        match event:
            case RunStarted() | RunOpened():
                self._done.clear()
                self._moments, self._waits_for = (), None
                self._is_over = isinstance(event, RunOpened)
            case RunEnded():
                # Of one that is lost nobody holds the model.
                self._is_over = event.outcome != "lost"
            case MomentsKept(moments=moments):
                self._moments = moments
            case LookedBack() | NotAnswered(question="look_back"):
                self._waits_for = None
            case _:
                return
        self._ask()

    def _ask(self) -> None:
        if not (self._is_over and self._is_seen and self._node) or self._waits_for is not None:
            return
        ways = ((self._node, moment.step) for moment in self._moments)
        self._waits_for = next((way for way in ways if way not in self._done), None)
        if self._waits_for is not None:
            self._done.add(self._waits_for)
            node, step = self._waits_for
            self.asked.emit(LookBack(node=node, step=step))
