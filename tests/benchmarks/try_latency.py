"""How long a stroke on the pad of Try it takes to the answer on the screen.

    python tests/benchmarks/try_latency.py [SECONDS]

A window trains a plain network, then a residual one, while a hand draws sixty times a second; then
the run is stopped and the hand goes on. What is counted begins with the move of the pointer and
ends when the bars of an answer to it, or to what was drawn after it, are painted. Prints a line of
JSON for each: milliseconds by the clock.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.tryout.panel import TryPanel
    from engine.training.events import ProbeTaken

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("digits-mlp", "digits")
LIMIT_MS = 50.0
SIZE = (1600, 1000)
EPOCHS = 500
_MOVE_MS = 16
_MOVES_IN_STROKE = 60
_WARM_SECONDS = 8.0
_PATIENCE_SECONDS = 300.0


def main() -> None:
    """Measure each model in a process of its own."""
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], float(sys.argv[3]))
        return
    seconds = sys.argv[1] if len(sys.argv) > 1 else "10"
    for model in MODELS:
        # The worker may still write as the window closes.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            places = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "LAYERLOOM_RUNS")
            environment = {**os.environ, **{name: f"{home}/{name}" for name in places}}
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
            command = [sys.executable, __file__, "--inside", model, seconds]
            subprocess.run(command, env=environment, check=True)


def inside(model: str, seconds: float) -> None:
    """Be the window whose pad is drawn on."""
    from app.settings import Settings
    from app.start import open_window
    from app.tryout.sketch_pad import SketchPad

    QApplication([])
    settings = Settings()
    # Else the first run of all shows another layout.
    settings.set_done("train-layout")
    window = open_window(settings, ROOT / "resources" / "templates" / f"{model}.loom")
    window.resize(*SIZE)
    wait(lambda: window.run_view.has_panels and window.control.phase == "ready")
    window.document.set_recipe(replace(window.document.project.recipe, epochs=EPOCHS), "Epochs")
    window.show_layout("try")
    window.open_panel("try")
    window.train()
    panel = window.late.panels().tryout
    wait(lambda: window.control.phase == "training" and isinstance(panel.pad, SketchPad))
    # The process beside it comes, and what is compiled on first use is.
    measure(panel, _WARM_SECONDS)
    tell(model, "training", measure(panel, seconds))
    window.control.stop()
    wait(lambda: window.control.phase == "ready")
    tell(model, "at rest", measure(panel, seconds))
    close(window)


def measure(panel: TryPanel, seconds: float) -> list[float]:
    """Draw for some time; return the seconds from each move to its answer."""
    hand = Hand(panel)
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    hand.lift()
    return hand.latencies


def tell(model: str, while_: str, latencies: list[float]) -> None:
    """Print what was measured."""
    found = np.array(latencies) * 1000
    figures = {"median": np.median(found), "p95": np.percentile(found, 95), "worst": found.max()}
    told = {
        "model": model,
        "while": while_,
        "moves": len(found),
        "latency_ms": {name: round(float(value), 1) for name, value in figures.items()},
        "limit_ms": LIMIT_MS,
        "holds": bool(figures["median"] <= LIMIT_MS),
    }
    print(json.dumps(told), flush=True)


def wait(until: Callable[[], bool]) -> None:
    """Let the window work until something is true."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not until():
        if time.monotonic() > end:
            raise TimeoutError("The window does not come to what is measured.")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def close(window: MainWindow) -> None:
    """Close the window without being asked anything."""
    window.document.mark_saved()
    window.close()


class Hand(QObject):
    """Draws circles, a stroke a second, and notes when what was drawn is answered on screen."""

    def __init__(self, panel: TryPanel) -> None:
        super().__init__(panel)
        self.latencies: list[float] = []
        self._pad = panel.pad.pad  # type: ignore[union-attr]
        self._moves = 0
        self._unasked: list[float] = []
        self._asked: list[tuple[int, float]] = []
        self._answered = self._shown = 0
        self._show = panel.answer.show_answer
        panel.answer.show_answer = self._on_answer
        panel.subject_changed.connect(self._on_asked)
        self._bars = panel.answer.bars
        self._bars.installEventFilter(self)
        self._panel = panel
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._timer.start(_MOVE_MS)

    def lift(self) -> None:
        """Draw no more."""
        self._timer.stop()
        self._panel.subject_changed.disconnect(self._on_asked)
        self._panel.answer.show_answer = self._show
        self._bars.removeEventFilter(self)
        self._pad.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._answered > self._shown:
            self._shown = self._answered
            # Once it is painted, and what lies on it.
            QTimer.singleShot(0, self._painted)
        return super().eventFilter(watched, event)

    def _move(self) -> None:
        turn, self._moves = self._moves % _MOVES_IN_STROKE, self._moves + 1
        angle = 2 * math.pi * turn / _MOVES_IN_STROKE
        middle, radius = self._pad.width() / 2, self._pad.width() * 0.3
        place = QPointF(middle + radius * math.cos(angle), middle + radius * math.sin(angle))
        if turn == _MOVES_IN_STROKE - 1:
            self._send(QEvent.Type.MouseButtonRelease, place)
            self._pad.clear()
            return
        self._unasked.append(time.monotonic())
        kind = QEvent.Type.MouseMove if turn else QEvent.Type.MouseButtonPress
        self._send(kind, place)

    def _send(self, kind: QEvent.Type, place: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        far = QPointF(self._pad.mapToGlobal(place.toPoint()))
        event = QMouseEvent(kind, place, far, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._pad, event)

    def _on_asked(self, subject: object) -> None:
        if subject is None:
            # It was cleared before it was asked about.
            self._unasked.clear()
            self._asked.clear()
            return
        self._asked += [(self._panel._number, began) for began in self._unasked]
        self._unasked.clear()

    def _on_answer(self, event: ProbeTaken, names: tuple[str, ...]) -> None:
        self._show(event, names)
        self._answered = max(self._answered, int(event.subject.split()[-1]))

    def _painted(self) -> None:
        now = time.monotonic()
        self.latencies += [now - began for number, began in self._asked if number <= self._shown]
        self._asked = [one for one in self._asked if one[0] > self._shown]


if __name__ == "__main__":
    main()
