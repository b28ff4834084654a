"""Plots: curves, distributions, histograms, bars and channel maps.

The only package that uses pyqtgraph. It takes long to import, so nothing is imported here:
``curves``, ``distribution`` and ``area`` load it, the other modules only paint.
``load_plots`` brings it in while the person is still drawing.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from app.theme import ThemeChoice

_PYQTGRAPH = (
    *("PySide6.QtTest", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "pyqtgraph"),
    *("app.plots.curves", "app.plots.distribution"),
)

if TYPE_CHECKING:
    from app.plots.series import CurveData


def save_curves(path: Path, curves: Sequence["CurveData"], theme: ThemeChoice = "dark") -> None:
    """Write a PNG of a run's curves; needs neither a screen nor an application."""
    from app.plots.picture import save_curves as save

    save(path, curves, theme)


def load_plots() -> Iterator[object]:
    """Import pyqtgraph in some turns, so that the first run does not wait for it."""
    for module in _PYQTGRAPH:
        yield import_module(module)
