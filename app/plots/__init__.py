"""Plots: curves, distributions, histograms, bars and channel maps.

The only package that uses pyqtgraph. It takes long to import, so nothing is imported here:
``curves``, ``distribution`` and ``area`` load it, the other modules only paint.
``load_plots`` brings it in while the person is still drawing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.theme import ThemeChoice

if TYPE_CHECKING:
    from app.plots.series import CurveData


def save_curves(path: Path, curves: Sequence["CurveData"], theme: ThemeChoice = "dark") -> None:
    """Write a PNG of a run's curves; needs neither a screen nor an application."""
    from app.plots.picture import save_curves as save

    save(path, curves, theme)


def load_plots() -> None:
    """Import pyqtgraph, so that the first run does not wait for it."""
    import app.plots.curves
    import app.plots.distribution  # noqa: F401
