"""How evenly the window paints while a worker trains, and how fast that trains meanwhile.

A clock moves the canvas every 16 ms, so that every frame is painted anew; a frame lasts from one
painting to the next. It runs while nothing trains, and then while digits are learned. Before and
after each round the same run goes on without a window: on as many threads as with one, which is
what the limit speaks of, and on as many as it would choose, which is what a window costs in all
where the core that is left for it would have computed too. Prints the medians of the rounds as one
JSON object; ``holds`` says whether the limits were kept, which needs two cores that nothing else
wants.

    python tests/benchmarks/window_frames.py
"""

import json
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from msgspec.structs import replace  # noqa: E402
from window_start import run_in_process, virtual_display  # noqa: E402

from engine.project.files import save  # noqa: E402
from engine.project.project import Project  # noqa: E402
from engine.project.templates import open_template  # noqa: E402
from engine.training.config import TrainingConfig  # noqa: E402
from engine.training.events import RunFailed, StepEnded, TrainingEvent  # noqa: E402
from engine.training.session import Session  # noqa: E402

P95_LIMIT_MS, P99_LIMIT_MS = 24.0, 33.0
SPEED_LIMIT = 0.8
"""Of the speed without a window, on as many threads."""

_ROUNDS = 5
_FRAME_MS = 16
_SECONDS = 15.0
_SETTLING_S = 3.0
"""A run begins with what it does once: calibration, the first look into each layer."""

_KINDS = "alike", "free"
"""Runs without a window: on as many threads as with one, and on as many as they choose."""

_PATH = (3, 2, 1, -1, -2, -3, -3, -2, -1, 1, 2, 3)
"""Pixels by which the canvas moves in each frame; it comes back to where it was."""


def long_run() -> Project:
    """Return the digits, to be learned for longer than is measured."""
    project = open_template("digits")
    return replace(project, recipe=replace(project.recipe, epochs=1000))


class _Pace:
    """Steps a second, once a run has settled."""

    def __init__(self) -> None:
        self._began = 0.0
        self._first = self._last = (0.0, 0)

    def take(self, event: TrainingEvent) -> bool:
        """Note an event; say whether enough has been seen."""
        if isinstance(event, RunFailed):
            raise SystemExit(event.title)
        if not isinstance(event, StepEnded):
            return False
        now = time.perf_counter()
        self._began = self._began or now
        if now - self._began < _SETTLING_S:
            self._first = now, event.step
        self._last = now, event.step
        return now - self._began >= _SETTLING_S + _SECONDS

    @property
    def has_settled(self) -> bool:
        return self._last[0] > self._first[0]

    @property
    def steps_per_second(self) -> float:
        (began, first), (ended, last) = self._first, self._last
        return (last - first) / (ended - began)


def alone(*, as_beside_a_window: bool) -> None:
    """Train without a window and tell how fast."""
    pace, session = _Pace(), Session()
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(run_folder=f"{folder}/run", shares_screen=as_beside_a_window)
        session.start(long_run(), config)
        while not pace.take(session.events.get()):
            pass
        session.close()
    print(json.dumps({"steps_per_second": pace.steps_per_second}), flush=True)


class _FrameClock:
    """Moves the canvas of a window and notes when it is painted."""

    def __init__(self, canvas: Any) -> None:
        from PySide6.QtCore import QEvent, QObject, Qt, QTimer

        self.phase = "idle"
        self._canvas = canvas
        self._painted: dict[str, list[float]] = {}
        self._number = 0
        self._is_due = False
        clock = self

        class Ear(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint and clock._is_due:
                    # What is painted once more within a frame makes it no shorter.
                    clock._is_due = False
                    clock._painted.setdefault(clock.phase, []).append(time.perf_counter())
                return False

        self._ear = Ear(canvas)
        canvas.viewport().installEventFilter(self._ear)
        self._timer = QTimer(canvas)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._move)
        self._timer.start()

    def _move(self) -> None:
        self._canvas.pan_by(_PATH[self._number % len(_PATH)], 0)
        self._number += 1
        self._is_due = True

    def figures(self, phase: str) -> dict[str, float]:
        times = self._painted[phase]
        frames = sorted((b - a) * 1000 for a, b in pairwise(times))
        shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
        told = {name: frames[int(len(frames) * share)] for name, share in shares.items()}
        return {"frames": len(frames), **told, "max_ms": frames[-1]}


def inside() -> None:
    """Be the window that is measured: the ordinary start with a clock in it."""
    from app import plain_imports

    plain_imports.restore()

    import app.start

    measured: list[_Measured] = []
    open_window = app.start.open_window

    def open_watched(*arguments: Any) -> Any:
        window = open_window(*arguments)
        measured.append(_Measured(window))
        return window

    app.start.open_window = open_watched
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "digits.loom"
        save(project, long_run())
        app.start.run(project)


class _Measured:
    """Lets a window stand for a while, and then train."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._pace = _Pace()
        window.control.phase_changed.connect(self._on_phase)
        window.control.arrived.connect(self._on_arrived)
        self._clock: _FrameClock | None = None

    def _on_phase(self, phase: str) -> None:
        from PySide6.QtCore import QTimer

        if phase == "ready" and self._clock is None:
            self._clock = _FrameClock(self._window.canvas)
            self._clock.phase = "settling"
            QTimer.singleShot(round(_SETTLING_S * 1000), lambda: self._enter("idle"))
            QTimer.singleShot(round((_SETTLING_S + _SECONDS) * 1000), self._train)
        elif phase == "ready":
            QTimer.singleShot(200, self._window.close)

    def _enter(self, phase: str) -> None:
        assert self._clock is not None, "it runs from when the worker is ready"
        self._clock.phase = phase

    def _train(self) -> None:
        self._enter("starting")
        self._window.train()

    def _on_arrived(self, events: list[TrainingEvent]) -> None:
        assert self._clock is not None, "nothing trains before"
        is_over = [self._pace.take(event) for event in events]
        if self._pace.has_settled and self._clock.phase == "starting":
            self._enter("training")
        if any(is_over) and self._clock.phase == "training":
            told = {phase: self._clock.figures(phase) for phase in ("idle", "training")}
            print(json.dumps({"steps_per_second": self._pace.steps_per_second, **told}), flush=True)
            self._enter("ending")
            self._window.stop()


def main() -> None:
    """Print the figures; ``holds`` says whether the limits were kept."""
    if len(sys.argv) > 1:
        kind = sys.argv[1]
        inside() if kind == "window" else alone(as_beside_a_window=kind == "alike")
        return
    with virtual_display() as display:
        alone_paces = [_paces_alone(display)]
        windows = []
        for _ in range(_ROUNDS):
            windows.append(run_in_process(__file__, "window", display))
            alone_paces.append(_paces_alone(display))
    kept = {kind: _kept(windows, [paces[kind] for paces in alone_paces]) for kind in _KINDS}
    frames = _medians([window["training"] for window in windows])
    speed = statistics.median(kept["alike"])
    told = {
        "benchmark": "window_frames",
        "rounds": _ROUNDS,
        "idle": _medians([window["idle"] for window in windows]),
        "training": frames,
        "limits_ms": {"p95": P95_LIMIT_MS, "p99": P99_LIMIT_MS},
        "steps_per_second_alone": _medians(alone_paces),
        "speed_kept": round(speed, 2),
        "speed_kept_in_each_round": [round(share, 2) for share in kept["alike"]],
        "speed_kept_of_all_cores": [round(share, 2) for share in kept["free"]],
        "speed_limit": SPEED_LIMIT,
        "holds": frames["p95_ms"] <= P95_LIMIT_MS
        and frames["p99_ms"] <= P99_LIMIT_MS
        and speed >= SPEED_LIMIT,
    }
    print(json.dumps(told), flush=True)


def _paces_alone(display: str) -> dict[str, float]:
    """Return steps a second of each kind of run without a window."""
    return {kind: run_in_process(__file__, kind, display)["steps_per_second"] for kind in _KINDS}


def _kept(windows: list[dict[str, Any]], alone_paces: list[float]) -> list[float]:
    """Return for each round the share of the pace that runs before and after it had."""
    beside = [statistics.mean(pair) for pair in pairwise(alone_paces)]
    return [window["steps_per_second"] / pace for window, pace in zip(windows, beside, strict=True)]


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 1) for name in rounds[0]}


if __name__ == "__main__":
    main()
