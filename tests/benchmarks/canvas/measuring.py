"""What is measured of every node editor, and how: the same for all of them.

Needs a Qt binding and nothing of Layerloom: it also runs in the environment of the others.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QGraphicsView

WIDTH, HEIGHT = 1600, 1000
PER_COLUMN = 50
COLUMN, RANK = 380.0, 94.0
ROUNDS = 7
LEAST_ROUNDS = 3
ENOUGH_MS = 1500.0
"""After so much CPU three rounds are enough."""
SKIP_EVERY = 10


@dataclass(frozen=True)
class Editor:
    """One editor with a drawing in it."""

    view: QGraphicsView
    show: Callable[[QRectF], object]
    """Fit a part of the canvas into the view."""

    drag: Callable[[float, float], object]
    """Move one node to a place, as a drag does at each move of the pointer."""

    select_all: Callable[[], object]


def wires(count: int) -> list[tuple[int, int, int]]:
    """Return a chain with a skip over every ten nodes: from, to, input of the target."""
    chain = [(number, number + 1, 0) for number in range(count - 1)]
    skips = [
        (number, number + SKIP_EVERY, 1) for number in range(0, count - SKIP_EVERY, SKIP_EVERY)
    ]
    return chain + skips


def place(number: int) -> tuple[float, float]:
    """Return where a node stands: in columns that fit a screen."""
    return COLUMN * (number // PER_COLUMN), RANK * (number % PER_COLUMN)


def measure(name: str, count: int, build: Callable[[int], Editor]) -> None:
    """Build an editor with so many nodes, measure it and print JSON.

    Times are milliseconds of CPU of this thread, medians over rounds.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(0)
    started = time.thread_time()
    editor = build(count)
    editor.view.resize(WIDTH, HEIGHT)
    editor.view.show()
    QApplication.processEvents()
    _paint(editor, image)
    took = {"open": (time.thread_time() - started) * 1000}
    columns = (count - 1) // PER_COLUMN + 1
    parts = {
        "all": QRectF(-100, -100, columns * COLUMN + 200, PER_COLUMN * RANK + 200),
        "near": QRectF(0, 0, 4 * COLUMN, 9 * RANK),
    }
    for part, area in parts.items():
        editor.show(area)
        _paint(editor, image)
        took[f"repaint_{part}"] = _timed(lambda _: _paint(editor, image))
        took[f"zoom_{part}"] = _timed(lambda number, area=area: _zoom(editor, area, number, image))
        took[f"pan_{part}"] = _timed(lambda number: _pan(editor, number))
        editor.show(area)
        _paint(editor, image)
        took[f"drag_{part}"] = _timed(lambda number: _drag(editor, number))
    took["select_all"] = _timed(lambda _: _select(editor, image), 1)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    found = {key: round(value, 2) for key, value in took.items()}
    print(json.dumps({"editor": name, "nodes": count, "ms": found, "mb": round(used / 1024, 1)}))


def argument() -> int:
    """Return the number of nodes that the command line asks for."""
    return int(sys.argv[1])


def _timed(act: Callable[[int], object], rounds: int = ROUNDS) -> float:
    times: list[float] = []
    for number in range(rounds):
        if len(times) >= LEAST_ROUNDS and sum(times) > ENOUGH_MS:
            break
        started = time.thread_time()
        act(number)
        times.append((time.thread_time() - started) * 1000)
    return statistics.median(times)


def _paint(editor: Editor, image: QImage) -> None:
    editor.view.viewport().render(image)


def _zoom(editor: Editor, area: QRectF, number: int, image: QImage) -> None:
    by = 0.03 * (number % 2) * area.width()
    editor.show(area.adjusted(by, by, -by, -by))
    _paint(editor, image)


def _pan(editor: Editor, number: int) -> None:
    """Scroll by some pixels, and wait for the repaint; all of it where nothing scrolls."""
    bar = editor.view.horizontalScrollBar()
    before = bar.value()
    bar.setValue(before + (40 if number % 2 else -40))
    if bar.value() == before:
        editor.view.viewport().update()
    QApplication.processEvents()


def _drag(editor: Editor, number: int) -> None:
    x, y = place(3)
    editor.drag(x + 5.0 * number, y + 3.0 * number)
    QApplication.processEvents()


def _select(editor: Editor, image: QImage) -> None:
    editor.select_all()
    _paint(editor, image)
