"""How soon the window stands, and how calm it stays while the engine starts and trains.

Each start is a process of its own on a virtual display. ``start`` is the time from exec to the
first frame; ``train`` measures the gaps of the event loop with a timer of 5 ms, and how long after
Train the first point is on the curve. ``busy`` is the time the window's thread computed within a
gap: what is left of a gap when nothing else wants the cores. The gaps of an empty event loop beside
it say how calm the machine was. Prints one JSON object each.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTS = 7
FRAME_LIMIT_S = 1.0
GAP_LIMIT_MS = 50.0
POINT_LIMIT_S = 2.0
_BEAT_MS = 5
_PHASES = ("starting", "training")
_WATCHED = ("torch", "pyqtgraph", "numpy", "networkx", "psutil", "onnx", "typer", "rich")


def measure_start(display: str) -> dict[str, Any]:
    """Return the median of several starts, the disk being warm."""
    told = [run_in_process(__file__, "start", display) for _ in range(STARTS + 1)][1:]
    seconds = [one["first_frame_s"] for one in told]
    return {
        "benchmark": "window_start",
        "first_frame_s": round(statistics.median(seconds), 3),
        "slowest_s": round(max(seconds), 3),
        "limit_s": FRAME_LIMIT_S,
        "modules": told[-1]["modules"],
        "loaded": told[-1]["loaded"],
        "holds": statistics.median(seconds) <= FRAME_LIMIT_S,
    }


def measure_training(display: str) -> dict[str, Any]:
    """Return the gaps of the event loop, and the time to the first point of the curve."""
    with _empty_loop() as beside:
        told = run_in_process(__file__, "train", display)
    worst = max(told[phase][what] for phase in _PHASES for what in ("busy_max_ms", "max_ms"))
    holds = worst <= GAP_LIMIT_MS and told["first_point_s"] <= POINT_LIMIT_S
    return {
        "benchmark": "window_calm",
        **told,
        "empty_loop": beside,
        "limit_ms": GAP_LIMIT_MS,
        "limit_s": POINT_LIMIT_S,
        "holds": holds,
    }


def run_in_process(script: str, what: str, display: str) -> dict[str, Any]:
    """Start the window in a process of its own and return what it says of itself."""
    with tempfile.TemporaryDirectory(prefix="layerloom-start-") as home:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "HOME": home,
            "LAYERLOOM_RUNS": f"{home}/runs",
            "XDG_CONFIG_HOME": f"{home}/config",
            "XDG_DATA_HOME": f"{home}/data",
            "PYTHONPATH": str(ROOT),
            "QT_QPA_PLATFORM": "xcb" if display else "offscreen",
        }
        # Without byte code on the disk every start would compile the program anew.
        for name in ("WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        environment["LAYERLOOM_BORN"] = repr(time.monotonic())
        command = [sys.executable, script, what]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@contextmanager
def virtual_display() -> Iterator[str]:
    """Yield the name of a virtual display; an empty one where there is no Xvfb."""
    read_end, write_end = os.pipe()
    screen = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    try:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), *screen],
            pass_fds=(write_end,),
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        yield ""
        return
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        name = f":{answer.readline().strip()}"
    try:
        yield name
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _empty_loop() -> Iterator[dict[str, float]]:
    """Fill in the gaps of an event loop that has nothing to do, once the block is left."""
    figures: dict[str, float] = {}
    command = [sys.executable, __file__, "empty"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield figures
        told, _ = process.communicate(b"\n")
    figures.update(json.loads(told))


def empty() -> None:
    """Be an event loop with nothing but the beat, until a line is read."""
    from PySide6.QtCore import QCoreApplication, QSocketNotifier

    application = QCoreApplication([])
    heard = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    heard.activated.connect(application.quit)
    beat = _Beat(application)
    application.exec()
    print(json.dumps(beat.figures("empty")), flush=True)


def inside(what: str) -> None:
    """Be the window that is measured: the ordinary start with an ear on it."""
    from app import plain_imports

    plain_imports.restore()

    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

    import app.start

    calm: list[_Calm] = []

    class FirstFrame(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
                window = watched.window()
                if isinstance(window, QMainWindow):
                    QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
                    # The other widgets of the window are painted in the same turn.
                    modules = set(sys.modules)
                    QTimer.singleShot(0, lambda: shown(window, modules))
            return False

    def shown(window: QMainWindow, modules: set[str]) -> None:
        first_frame = time.monotonic() - float(os.environ["LAYERLOOM_BORN"])
        if what == "train":
            calm.append(_Calm(window))
            calm[0].begin()
            return
        loaded = [name for name in _WATCHED if name in modules]
        said = {"first_frame_s": first_frame, "modules": len(modules), "loaded": loaded}
        print(json.dumps(said), flush=True)
        os._exit(0)

    listener = FirstFrame()
    open_window = app.start.open_window

    def open_watched(*arguments: Any) -> Any:
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(listener)
        return open_window(*arguments)

    app.start.open_window = open_watched
    app.start.run()


class _Beat:
    """Feels the pulse of an event loop."""

    def __init__(self, parent: Any) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.phase = "empty"
        self._gaps: dict[str, list[tuple[float, float]]] = {}
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def _on_beat(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        gap = ((now[0] - self._last[0]) * 1000, (now[1] - self._last[1]) * 1000)
        self._gaps.setdefault(self.phase, []).append(gap)
        self._last = now

    def figures(self, phase: str) -> dict[str, float]:
        ordered = sorted(gap for gap, _ in self._gaps[phase])
        return {
            "beats": len(ordered),
            "p50_ms": round(statistics.median(ordered), 1),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            "max_ms": round(ordered[-1], 1),
            "busy_max_ms": round(max(busy for _, busy in self._gaps[phase]), 1),
        }


class _Calm:
    """Listens to the window while the worker starts and while it trains."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._first_point_s = 0.0
        self._began = 0.0

    def begin(self) -> None:
        control = self._window.control
        control.phase_changed.connect(self._on_phase)
        control.arrived.connect(self._on_arrived)
        self._beat = _Beat(self._window)
        self._beat.phase = "starting"

    def _on_phase(self, phase: str) -> None:
        from PySide6.QtCore import QTimer

        if phase == "ready" and self._beat.phase == "starting":
            QTimer.singleShot(1500, self._train)
        elif phase == "ready":
            QTimer.singleShot(200, self._end)

    def _train(self) -> None:
        self._beat.phase = "training"
        self._began = time.perf_counter()
        self._window.train()

    def _on_arrived(self, events: list[Any]) -> None:
        from PySide6.QtCore import QTimer

        from engine.training.events import StepEnded

        if not self._first_point_s and any(isinstance(event, StepEnded) for event in events):
            self._first_point_s = time.perf_counter() - self._began
            QTimer.singleShot(15_000, self._window.stop)

    def _end(self) -> None:
        said = {name: self._beat.figures(name) for name in _PHASES}
        print(json.dumps({"first_point_s": round(self._first_point_s, 2), **said}), flush=True)
        self._window.close()


def main() -> None:
    """Print the figures; ``holds`` says whether the limits were kept."""
    if len(sys.argv) > 1:
        empty() if sys.argv[1] == "empty" else inside(sys.argv[1])
        return
    with virtual_display() as display:
        for measure in (measure_start, measure_training):
            print(json.dumps(measure(display)), flush=True)


if __name__ == "__main__":
    main()
