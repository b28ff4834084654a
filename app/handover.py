"""Handing what a thread found to the GUI thread.

A signal sent by a thread while its object is being deleted on the GUI thread crashes the process,
and no question beforehand helps: the object may go between the question and the signal. What
carries the news is therefore an object that never goes.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

T = TypeVar("T")


class Handover(Generic[T]):
    """Calls ``take``, a method of ``owner``, on the GUI thread with what a thread gives.

    Made on the GUI thread. It keeps neither alive: a thread that holds it can never be the last to
    let go of an object of Qt, which would then be deleted on the wrong thread.
    """

    def __init__(self, owner: QObject, take: Callable[[T], None]) -> None:
        self._owner = weakref.ref(owner)
        self._take = weakref.WeakMethod(take)
        self._carrier = _carrier()

    def give(self, value: T) -> None:
        """Hand something over, from any thread; nobody takes it any more where the program ends."""
        # Qt takes even the carrier with it then, while threads may still be at work.
        with suppress(RuntimeError):
            self._carrier.sent.emit(functools.partial(self._arrive, value))

    def _arrive(self, value: T) -> None:
        owner, take = self._owner(), self._take()
        if owner is not None and take is not None and isValid(owner):
            take(value)


class _Carrier(QObject):
    sent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.sent.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def _deliver(self, arrive: Callable[[], None]) -> None:
        arrive()


@functools.cache
def _carrier() -> _Carrier:
    return _Carrier()
