"""What a thread reads for the panels that are made after the window stands.

It reads nothing that derives from Qt. PySide enters each class that is made into a table, and Qt
looks into it on the window's thread without Python's lock (``QObject.metaObject``): a class that a
thread makes meanwhile crashes the window now and then, on Python 3.11.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from threading import Semaphore

from app.handover import Handover

PLOTS = "plots"
"""What stands for pyqtgraph among the panels."""

_FOUNDATIONS = {
    "evaluation": ("numpy", "numpy.typing", "csv"),
    "step": ("engine.probes.conditions",),
    "try": ("engine.data.road", "engine.data.prepare"),
    "code": ("engine.compile.source",),
    "data": (
        *("engine.data.hub", "engine.data.inspect.report", "engine.data.opening"),
        *("engine.data.starting", "engine.data.showing", "engine.data.reviewing"),
    ),
    "runs": ("engine.runs.replay", "engine.runs.store"),
    "summary": ("engine.analysis.summary",),
    "comparison": ("engine.runs.united", "engine.runs.compare"),
    PLOTS: ("cProfile", "pydoc", "multiprocessing.connection"),
}
"""What panels compute with, and pyqtgraph: the most of what has to be read, and nothing of Qt."""


class ReadingAhead:
    """Reads what the panels compute with, on a thread.

    The window's thread never imports while this thread does: it would wait for whatever this one is
    in the middle of. Nor does this one import while the window makes a panel: they would take
    Python's lock from each other at every call.
    """

    def __init__(self, keys: Sequence[str], read: Handover[str]) -> None:
        """Read for these panels, in this order, and hand over the key of each."""
        self._keys = keys
        self._read = read
        self._turns = Semaphore(0)
        self._is_stopped = False

    def run(self) -> None:
        """Read for one panel after another, each when the window has made the one before."""
        for key in self._keys:
            for module in _FOUNDATIONS.get(key, ()):
                import_module(module)
            if not self._is_made(key):
                return

    def go_on(self) -> None:
        """Read the next: the window has made its panel."""
        self._turns.release()

    def stop(self) -> None:
        """Read nothing more."""
        self._is_stopped = True
        self._turns.release()

    def _is_made(self, key: str) -> bool:
        """Have the window make what was read and wait for it; False where it closes."""
        if self._is_stopped:
            return False
        self._read.give(key)
        self._turns.acquire()
        return not self._is_stopped
