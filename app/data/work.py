"""Work beside the window that tells how far it is, and can be called off."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.handover import Handover
from engine.data.progress import CancelledError, listening
from nodes.errors import LoomError

_EVERY_S: Final = 0.1


class Work(QObject):
    """One thing done on a thread."""

    done = Signal(object)
    """What it returned, or the ``LoomError`` it met. Nothing follows where it was called off."""

    came_to = Signal(int, int)
    """So much is done, of so much; of 0 where nobody knows."""

    def __init__(self, parent: QObject, work: Callable[[], object]) -> None:
        super().__init__(parent)
        self._cancelled = Event()
        self._ended = Handover(self, self._on_ended)
        self._came = Handover(self, self._on_came)
        # A thread may hold what hands over, not what is handed to.
        QThreadPool.globalInstance().start(
            _carried_out(work, self._cancelled, self._ended, self._came)
        )

    def cancel(self) -> None:
        """Call it off; it ends at the next thing that it looks at."""
        self._cancelled.set()

    def _on_ended(self, found: object) -> None:
        if not self._cancelled.is_set():
            self.done.emit(found)

    def _on_came(self, amounts: tuple[int, int]) -> None:
        if not self._cancelled.is_set():
            self.came_to.emit(*amounts)


def _carried_out(
    work: Callable[[], object],
    cancelled: Event,
    ended: Handover[object],
    came: Handover[tuple[int, int]],
) -> Callable[[], None]:
    told_at = 0.0

    def listen(done: int, total: int) -> None:
        nonlocal told_at
        if cancelled.is_set():
            raise CancelledError("Called off")
        if time.monotonic() - told_at >= _EVERY_S:
            told_at = time.monotonic()
            came.give((done, total))

    def carry_out() -> None:
        try:
            with listening(listen):
                ended.give(work())
        except LoomError as error:
            ended.give(error)

    return carry_out
