"""Who draws when: each panel with news has a turn of the event loop of its own.

Most panels follow a run, and their news comes at once. Drawn as it comes, all would be painted in
one turn, and a key that is pressed meanwhile would wait for every panel. So they stand in line.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_PAUSE_MS = 100
# Qt paints five milliseconds after it was asked to; the next in line draws once that is done.
_BREATH_MS = 12
# While the canvas is moved it is painted sixty times a second, and what changes beside it can wait.
_MOVED_MS, _BREATH_WHILE_MOVED_MS = 150, 120


class Redraw(QObject):
    """Draws a widget after its news, never while it is out of sight, and not too often."""

    def __init__(
        self, widget: QWidget, draw: Callable[[], object], *, pause_ms: int = _PAUSE_MS
    ) -> None:
        """Serve a widget for as long as it lives.

        Args:
            draw: Brings the widget up to date.
            pause_ms: The shortest time from one drawing to the next.
        """
        super().__init__(widget)
        self._widget = widget
        self._draw = draw
        self._pause_ms = pause_ms
        self._is_owed = False
        self._since = QElapsedTimer()
        widget.installEventFilter(self)

    @property
    def is_waiting(self) -> bool:
        """Whether there is news to draw, and somebody to see it."""
        return self._is_owed and self._widget.isVisible()

    @property
    def wait_ms(self) -> int:
        """How long to wait until it may draw again."""
        return max(0, self._pause_ms - self._since.elapsed()) if self._since.isValid() else 0

    def ask(self, *, at_once: bool = False) -> None:
        """Draw as soon as it is this widget's turn; once, however often that is asked.

        Args:
            at_once: Draw now: what a person did, or waits for, does not stand in line.
        """
        if at_once:
            self.take_turn()
        elif not self._is_owed:
            self._is_owed = True
            if self._widget.isVisible():
                _line().join(self)

    def settle(self) -> None:
        """Note that all is drawn: what was asked for is taken back."""
        self._is_owed = False
        self._since.start()

    def take_turn(self) -> None:
        """Draw now."""
        self.settle()
        self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.Show and self._is_owed:
            # What has just been opened is looked at: it goes before the others.
            _line().join(self, first=True)
        return False


class _Line(QObject):
    """Those that wait, the longest first; one of them draws in a turn."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._waiting: list[Redraw] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._take_turn)
        self._moved = QElapsedTimer()

    def step_back(self) -> None:
        """Let more time pass from one turn to the next: the canvas is being moved."""
        self._moved.start()
        if self._timer.isActive() and self._timer.remainingTime() <= _BREATH_MS:
            self._timer.start(self._breath_ms)

    @property
    def _breath_ms(self) -> int:
        is_moved = self._moved.isValid() and self._moved.elapsed() < _MOVED_MS
        return _BREATH_WHILE_MOVED_MS if is_moved else _BREATH_MS

    def join(self, one: Redraw, *, first: bool = False) -> None:
        """Stand in line, unless it does already."""
        if one not in self._waiting:
            self._waiting.insert(0 if first else len(self._waiting), one)
        # It may wait for one whose pause is long.
        breath = self._breath_ms
        if not self._timer.isActive() or self._timer.remainingTime() > breath:
            self._timer.start(breath)

    def _take_turn(self) -> None:
        self._waiting = [one for one in self._waiting if isValid(one) and one.is_waiting]
        ready = [one for one in self._waiting if one.wait_ms == 0]
        if ready:
            self._waiting.remove(ready[0])
            ready[0].take_turn()
        if self._waiting:
            least = min(one.wait_ms for one in self._waiting)
            self._timer.start(max(self._breath_ms, least))


def step_back() -> None:
    """Let panels draw more seldom for a moment: the canvas is being moved."""
    _line().step_back()


_the_line: _Line | None = None


def _line() -> _Line:
    """Return the line in which all panels of the window stand."""
    global _the_line
    if _the_line is None or not isValid(_the_line):
        _the_line = _Line(QCoreApplication.instance())
    return _the_line
