"""A hand on a virtual display: real pointer and key events by xdotool, pictures by Pillow."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from PIL import ImageGrab
from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

_DRAG_STEPS = 14
_LOOK_MS = 50


class Hand:
    """Moves the pointer, types, waits for the window, and photographs the display."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix
        folder.mkdir(parents=True, exist_ok=True)

    def wait(self, until: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Let the window work until something is true."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {seconds:.0f} s")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)

    def settle(self, seconds: float = 0.4) -> None:
        """Let the window draw what is under way."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)

    def move(self, point: QPoint) -> None:
        """Point somewhere on the display."""
        self._do("mousemove", str(point.x()), str(point.y()))

    def click(self, point: QPoint, *, double: bool = False) -> None:
        """Press and release the left button."""
        self.move(point)
        self._do(*(("click", "--repeat", "2", "--delay", "60", "1") if double else ("click", "1")))

    def click_widget(self, widget: QWidget) -> None:
        """Click the middle of a widget."""
        self.click(widget.mapToGlobal(widget.rect().center()))

    def drag(self, start: QPoint, end: QPoint, *, photograph: str = "") -> None:
        """Press, move in steps, release."""
        self.move(start)
        self._do("mousedown", "1")
        for step in range(1, _DRAG_STEPS + 1):
            share = step / _DRAG_STEPS
            self.move(start + (end - start) * share)
        if photograph:
            self.settle()
            self.shot(photograph)
        self._do("mouseup", "1")

    def key(self, keys: str) -> None:
        """Press keys: ``ctrl+z``."""
        self._do("key", keys)

    def in_dialog(self, opening: Callable[[], None], steps: Callable[[], None]) -> None:
        """Open a dialog, which keeps an event loop of its own, and take steps inside it.

        The steps must close it.
        """
        trouble: list[Exception] = []
        before = QApplication.activeModalWidget()

        def look() -> None:
            if QApplication.activeModalWidget() in (None, before):
                return
            timer.stop()
            self.settle(0.6)
            try:
                steps()
            # It would end in Qt's event loop, which knows no exceptions.
            except Exception as error:  # noqa: BLE001
                trouble.append(error)
                for widget in QApplication.topLevelWidgets():
                    if isinstance(widget, QDialog):
                        widget.reject()

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(_LOOK_MS)
        opening()
        if trouble:
            raise trouble[0]

    def type(self, text: str) -> None:
        """Type text."""
        self._do("type", "--delay", "20", text)

    def shot(self, name: str) -> Path:
        """Photograph the display."""
        file = self._folder / f"{name}-{self._prefix}.png"
        ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("RGB").save(file, optimize=True)
        return file

    def _do(self, *words: str) -> None:
        # The window must go on answering while xdotool works, or events pile up.
        process = subprocess.Popen(["xdotool", *words])
        while process.poll() is None:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        self.settle(0.04)
