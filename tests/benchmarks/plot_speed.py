"""A curve of a million steps: what a new point, a zoom and the first look cost.

    python tests/benchmarks/plot_speed.py [POINTS]

Prints a line of JSON for each act: processor time in milliseconds, the median of many. A point is
on screen one redraw after the pause between two of them, counted from when its step is told.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.plots.curves import CurvePlot
from app.theme import theme_manager

EPOCHS = 100
ROUNDS = 25
SIZE = (760, 320)


def main() -> None:
    """Measure and print."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QApplication([])
    theme_manager().choose("dark")
    plot = CurvePlot("Loss")
    plot.resize(*SIZE)
    plot.show()
    tell("first look", points, [spent(lambda: fill(plot, points), application)])
    acts: dict[str, Callable[[int], None]] = {
        "new point": lambda k: add(plot, points, k),
        "zoom": lambda k: plot.zoom(10 + k, 60 + k),
        "zoom far in": lambda k: plot.zoom(50 + k / 100, 50.2 + k / 100),
        "zoom out": lambda _k: plot.reset_zoom(),
    }
    for name, act in acts.items():
        rounds = [spent(partial(act, k), application) for k in range(ROUNDS)]
        tell(name, points, rounds)
    plot.close()


def fill(plot: CurvePlot, points: int) -> None:
    """Show a run with so many steps but for its end."""
    rng = np.random.default_rng(0)
    epochs = np.linspace(0, EPOCHS * 0.99, points)
    losses = np.exp(-epochs / 20) + rng.normal(0, 0.05, points)
    plot.start(EPOCHS, points)
    plot.add_training(epochs, losses.tolist())
    for epoch in range(1, EPOCHS):
        plot.add_validation(epoch, float(np.exp(-epoch / 20)))
    plot.redraw()


def add(plot: CurvePlot, points: int, number: int) -> None:
    """Add the next step."""
    plot.add_training([EPOCHS * 0.99 + number / points], [0.01])
    plot.redraw()


def spent(act: Callable[[], None], application: QApplication) -> float:
    """Return the milliseconds of processor time until what was done is painted."""
    begin = time.process_time()
    act()
    application.processEvents()
    return (time.process_time() - begin) * 1000


def tell(name: str, points: int, rounds: list[float]) -> None:
    """Print one line."""
    figures = {"act": name, "points": points, "cpu_ms": round(median(rounds), 2)}
    print(json.dumps({**figures, "worst_cpu_ms": round(max(rounds), 2)}), flush=True)


if __name__ == "__main__":
    main()
