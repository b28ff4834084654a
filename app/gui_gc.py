"""Garbage collection on the GUI thread only.

Python collects in whichever thread allocates. A collection on another thread that frees a Qt
object with a timer crashes the process (measured on PySide6 6.8 to 6.12), so the collector is
switched off and a timer of the GUI thread collects. A collection takes as long as there are objects
to look at: what stands once the window does is set aside, and young objects are looked at often.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 250
"""What a start makes in a second takes longer than a frame to be looked at."""

_START_MS = 5000
"""Within it a window is made, in turns that have no time for looking at what it is made of."""

_SELDOM = 4
"""So many times more seldom than Python would, objects that stayed are looked at: every 10 s."""


class GuiCollector(QObject):
    """Collects young objects often and all of them seldom, from a timer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        young, middle, old = gc.get_threshold()
        self._thresholds = young, middle * _SELDOM, old
        self._has_set_aside = False
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time)
        self._timer.start(_START_MS)

    def collect(self) -> None:
        """Collect a generation when it has grown past its threshold."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def _on_time(self) -> None:
        self._timer.setInterval(_INTERVAL_MS)
        self.collect()

    def set_aside(self) -> None:
        """Never look again at what there is now: it stays for as long as the window."""
        self._has_set_aside = True
        gc.freeze()
        self._timer.start(_INTERVAL_MS)

    def stop(self) -> None:
        """Give collection back to whoever had it, and what was set aside here.

        Only where no thread is left that could collect an object of Qt.
        """
        self._timer.stop()
        if self._has_set_aside:
            gc.unfreeze()
        if self._was_enabled:
            gc.enable()
