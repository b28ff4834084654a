"""How long a step takes to the screen while a million steps are in the plots.

    python tests/benchmarks/plot_latency.py [POINTS] [SECONDS]

A process tells steps as a worker does: in blocks, by messages over a pipe, thirty times a second.
They go through the queue, the timer and the training panel that the window has. What is counted
begins with the first step of a block and ends when the curve with that step is painted. Prints two
lines of JSON: milliseconds by the clock, and the share of a processor that the window took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import IO, cast

import msgspec
import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.plots.curves import CurvePlot
from app.theme import theme_manager
from app.training.panel import TrainingPanel
from app.training_control import TrainingControl
from engine.training.channel import Receiver, Sender
from engine.training.events import RunStarted, StepEnded
from engine.training.reporting import REPORT_SECONDS
from engine.training.session import Session

EPOCHS = 100
STEPS_IN_BLOCK = 20
SIZE = (900, 620)


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["--tell"]:
        tell_steps(int(sys.argv[2]), float(sys.argv[3]))
        return
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 15.0
    application = QApplication([])
    theme_manager().choose("dark")
    panel = TrainingPanel()
    panel.resize(*SIZE)
    panel.show()
    panel.show_events(a_long_run(points))
    application.processEvents()
    watch = Watch(panel.page.loss_plot)
    with steps_from_a_process(points, seconds) as events:
        control = TrainingControl(panel)
        # In the place of a session: what it tells, without what it can be asked.
        control._session = cast("Session", Told(events))
        control._timer.start()
        control.arrived.connect(panel.show_events)
        control.arrived.connect(watch.arrived)
        watch.begun.connect(lambda: QTimer.singleShot(round(seconds * 1000), application.quit))
        application.exec()
    share = (time.process_time() - watch.began) / seconds
    found = np.array(watch.latencies) * 1000
    figures = {"median": np.median(found), "p95": np.percentile(found, 95), "worst": found.max()}
    rounded = {name: round(float(value), 1) for name, value in figures.items()}
    print(json.dumps({"points": points, "blocks": len(found), "latency_ms": rounded}))
    print(json.dumps({"points": points, "share_of_a_processor": round(share, 3)}))


def a_long_run(points: int) -> list[RunStarted | StepEnded]:
    """Return the events of a run with so many steps but for its end."""
    rng = np.random.default_rng(0)
    losses = np.exp(-np.linspace(0, 5, points)) + rng.normal(0, 0.05, points)
    started = RunStarted(
        run="",
        project="long",
        device="cpu",
        threads=1,
        parameters=1,
        epochs=EPOCHS,
        steps=points,
        batch_size=1,
        training_samples=points // EPOCHS,
        validation_samples=1,
        metric="accuracy",
    )
    return [started, a_block(points * 99 // 100, points, losses[: points * 99 // 100], 0.0)]


def a_block(step: int, points: int, losses: np.ndarray, stamp: float) -> StepEnded:
    """Return a block of steps; the time at which its first step ended stands as the time left."""
    return StepEnded(
        step=step,
        epoch=EPOCHS * step / points,
        losses=tuple(losses.tolist()),
        metrics=tuple(np.clip(losses, 0, 1).tolist()),
        learning_rate=0.001,
        steps_per_second=STEPS_IN_BLOCK / REPORT_SECONDS,
        seconds_left=stamp,
    )


def tell_steps(points: int, seconds: float) -> None:
    """Tell steps on standard output as a worker does, for a little longer than is asked for."""
    sender = Sender(sys.stdout.buffer)
    step = points * 99 // 100
    ends = time.monotonic() + seconds + 1
    while (first := time.monotonic()) < ends:
        time.sleep(REPORT_SECONDS)
        step += STEPS_IN_BLOCK
        sender.send(a_block(step, points, np.full(STEPS_IN_BLOCK, 0.1), first))


@contextmanager
def steps_from_a_process(points: int, seconds: float) -> Iterator[SimpleQueue[StepEnded]]:
    """Let another process tell steps, and a thread read them as that of a session does."""
    events: SimpleQueue[StepEnded] = SimpleQueue()
    command = [sys.executable, __file__, "--tell", str(points), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as teller:
        stream = cast("IO[bytes]", teller.stdout)
        Thread(target=receive, args=(stream, events), daemon=True).start()
        yield events
        teller.terminate()


def receive(stream: IO[bytes], events: SimpleQueue[StepEnded]) -> None:
    """Put what is told into the queue until nothing comes any more."""
    receiver = Receiver(stream, msgspec.msgpack.Decoder(StepEnded))
    while (event := receiver.receive()) is not None:
        events.put(event)


class Told:
    """The side of a session that the drain of the window reads."""

    def __init__(self, events: SimpleQueue[StepEnded]) -> None:
        self.events = events


class Watch(QObject):
    """Notes when the steps that arrived are on screen."""

    begun = Signal()
    """The first of them has arrived."""

    def __init__(self, plot: CurvePlot) -> None:
        super().__init__(plot)
        self.latencies: list[float] = []
        self._waiting: list[float] = []
        self._drawn: list[float] = []
        self.began = 0.0
        draw = plot._news._draw
        plot._news._draw = lambda: (draw(), self._redrawn())
        plot.installEventFilter(self)

    def arrived(self, events: list[StepEnded]) -> None:
        """Note the blocks that the plot knows of now."""
        if not self.began:
            self.began = time.process_time()
            self.begun.emit()
        self._waiting += [event.seconds_left for event in events]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._drawn:
            # Once it is painted, and what lies on it: after all events that wait now.
            drawn, self._drawn = self._drawn, []
            QTimer.singleShot(0, lambda: self._painted(drawn))
        return super().eventFilter(watched, event)

    def _redrawn(self) -> None:
        self._drawn += self._waiting
        self._waiting = []

    def _painted(self, drawn: list[float]) -> None:
        now = time.monotonic()
        self.latencies += [now - stamp for stamp in drawn]


if __name__ == "__main__":
    main()
