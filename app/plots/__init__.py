"""Plots: curves, distributions, histograms, bars and channel maps.

The only package that uses pyqtgraph. It takes long to import, so nothing is imported here:
``curves``, ``distribution`` and ``area`` load it, the other modules only paint.
``load_plots`` brings it in while the person is still drawing.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from app.plots.importing import import_in_turns
from app.theme import ThemeChoice

_QT = ("PySide6.QtTest", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets")
"""What pyqtgraph imports of Qt beyond what the window has."""

_OURS = ("app.plots.curves", "app.plots.distribution")

if TYPE_CHECKING:
    from app.plots.series import CurveData


def save_curves(path: Path, curves: Sequence["CurveData"], theme: ThemeChoice = "dark") -> None:
    """Write a PNG of a run's curves; needs neither a screen nor an application."""
    from app.plots.picture import save_curves as save

    save(path, curves, theme)


def load_plots() -> Iterator[object]:
    """Import pyqtgraph in some turns, so that the first run does not wait for it."""
    yield from map(import_module, _QT)
    yield from import_in_turns("pyqtgraph")
    yield from map(import_module, _OURS)
