"""Work on what a person is editing: at once while it is quick, else on a thread."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from threading import Thread
from typing import Generic, NamedTuple, TypeVar

from PySide6.QtCore import QObject

from app.handover import Handover

T = TypeVar("T")

_QUICK_S = 0.008
"""Work that took longer than this goes to the thread the next time."""


class _Timed(NamedTuple, Generic[T]):
    result: T
    seconds: float


class Newest(Generic[T]):
    """Does one piece of work after another; one that still waits gives way to a newer one.

    It does not keep its owner alive. The work may hold nothing of Qt: the thread could be the last
    to let go of it.
    """

    def __init__(self, owner: QObject, take: Callable[[T], None], name: str) -> None:
        """Have ``take``, a method of ``owner``, called with each result on the GUI thread.

        Args:
            name: Of the thread.
        """
        self._take = weakref.WeakMethod(take)
        self._name = name
        self._seconds = 0.0
        self._thread: Thread | None = None
        self._waiting: Callable[[], T] | None = None
        self._arrived: Handover[_Timed[T]] = Handover(owner, self._on_arrived)

    def do(self, work: Callable[[], T]) -> None:
        """Do a piece of work; its result may come before this returns."""
        self._waiting = None
        if self._thread is not None and self._thread.is_alive():
            self._waiting = work
        elif self._seconds < _QUICK_S:
            self._on_arrived(_timed(work))
        else:
            self._begin(work)

    def close(self) -> None:
        """Wait for what is being done, and do nothing more."""
        self._waiting = None
        if self._thread is not None:
            self._thread.join()

    def _begin(self, work: Callable[[], T]) -> None:
        self._thread = Thread(
            target=_hand_over, args=(work, self._arrived), name=self._name, daemon=True
        )
        self._thread.start()

    def _on_arrived(self, timed: _Timed[T]) -> None:
        self._seconds = timed.seconds
        if (take := self._take()) is not None:
            take(timed.result)
        if (work := self._waiting) is not None:
            self._waiting = None
            self._begin(work)


def _timed(work: Callable[[], T]) -> _Timed[T]:
    started = time.thread_time()
    result = work()
    return _Timed(result, time.thread_time() - started)


def _hand_over(work: Callable[[], T], taken_by: Handover[_Timed[T]]) -> None:
    taken_by.give(_timed(work))
