"""Every panel in every state that a person may meet, side by side on one sheet a state."""

from collections.abc import Iterator
from pathlib import Path

import psutil
from hand import Hand
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from app.main_window import MainWindow
from app.settings import Settings
from app.start import open_window
from app.theme import ThemeChoice, current_theme
from app.training_control import Phase

WINDOW = (1600, 1000)
ROWS = (
    ("training", ("training", "evaluation", "log")),
    ("inspection", ("activations", "weights", "gradients")),
    ("inspection", ("map", "step", "try")),
    ("left", ("library", "outline", "data", "runs")),
    ("right", ("properties", "code", "docs")),
    ("bottom", ("problems", "summary")),
)
"""Panels that stand side by side, behind the dock that they are in."""

_GAP_PX = 16
_TOO_FAST = {
    "optimizer": "sgd",
    "learning_rate": 100.0,
    "momentum": 0.99,
    "schedule": "constant",
}


def photograph_states(theme: ThemeChoice, out: Path) -> None:
    """Lead one run through all states and photograph the panels in each."""
    QApplication([])
    settings = Settings()
    settings.theme = theme
    window = open_window(settings)
    window.resize(*WINDOW)
    hand = Hand(out, theme)
    hand.wait(lambda: window.run_view.has_panels, "the panels are made")
    _wait_for(window, hand, "ready")
    window.show_layout("train")
    try:
        for state in _states(window, hand):
            hand.settle(0.8)
            _sheet(window, hand).save(str(out / f"panels-{state}-{theme}.png"))
    finally:
        if window.control.is_running:  # else a window that closes asks what becomes of the run
            window.control.stop()
            _wait_for(window, hand, "ready")
        window.document.mark_saved()
        window.close()


def _states(window: MainWindow, hand: Hand) -> Iterator[str]:
    """Yield the states as the window comes into them."""
    recipe = window.document.project.recipe
    yield "1-empty"
    _select(window, "conv2d_2")
    window.document.set_recipe(replace(recipe, epochs=2), "Epochs")
    window.train()
    hand.wait(lambda: window.run_view.share_done > 0.15, "training is under way", 240)
    yield "2-running"
    window.pause()
    _wait_for(window, hand, "paused")
    yield "3-paused"
    window.go_on()
    _wait_for(window, hand, "ready")
    yield "4-done"
    window.document.set_recipe(replace(recipe, epochs=2, **_TOO_FAST), "Learning rate")
    window.train()
    _wait_for(window, hand, "paused", "ready", after="preparing")
    yield "5-warning"
    if window.control.is_running:
        window.control.stop()
        _wait_for(window, hand, "ready")
    window.document.set_recipe(recipe, "Learning rate")
    window.train()
    _wait_for(window, hand, "training")
    _end_worker()
    _wait_for(window, hand, "ready")
    yield "6-error"


def _end_worker() -> None:
    """End the process that trains, as a system does that is short of memory."""
    for child in psutil.Process().children():
        if "engine.training.worker" in child.cmdline():
            child.kill()


def _select(window: MainWindow, name: str) -> None:
    node = window.document.graph.named(name)
    assert node is not None, f"no node is called {name}"
    window.document.select((node.id,))


def _wait_for(window: MainWindow, hand: Hand, *phases: Phase, after: Phase | None = None) -> None:
    hand.wait(lambda: after in (None, window.control.phase), f"the run is {after}")
    hand.wait(lambda: window.control.phase in phases, f"the run is {' or '.join(phases)}", 240)


def _sheet(window: MainWindow, hand: Hand) -> QPixmap:
    """Return all panels, the docks below each other."""
    rows = [[_panel(window, hand, dock, key) for key in keys] for dock, keys in ROWS]
    widths = [sum(picture.width() + _GAP_PX for picture in row) for row in rows]
    heights = [max(picture.height() for picture in row) + _GAP_PX for row in rows]
    sheet = QPixmap(max(widths), sum(heights))
    sheet.fill(current_theme().colours.ctl)
    painter = QPainter(sheet)
    for number, row in enumerate(rows):
        at = QPoint(0, sum(heights[:number]))
        for picture in row:
            painter.drawPixmap(at, picture)
            at += QPoint(picture.width() + _GAP_PX, 0)
    painter.end()
    return sheet


def _panel(window: MainWindow, hand: Hand, dock: str, key: str) -> QPixmap:
    window.open_panel(key)
    hand.settle(1.2)
    # What came in last may not be laid out yet.
    QApplication.sendPostedEvents()
    picture = window.docks[dock].grab()
    # Laid out pixel by pixel: the sheet is as large as the screen shows it.
    picture.setDevicePixelRatio(1)
    return picture
